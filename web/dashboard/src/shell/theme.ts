/** Light or dark: what the system says, unless the reader said otherwise here. */

import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';

const KEPT_AS = 'offhook.theme';
const CHANGED = 'offhook:theme';

/** What was chosen. */
export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    window.addEventListener(CHANGED, listener);
    return () => window.removeEventListener(CHANGED, listener);
  }, chosen);
}

/** Chooses, and keeps it in this browser. */
export function chooseTheme(theme: Theme): void {
  try {
    window.localStorage.setItem(KEPT_AS, theme);
  } catch {
    // A browser that keeps nothing shows it until the page is loaded again.
  }
  applyTheme(theme);
  window.dispatchEvent(new Event(CHANGED));
}

/** Puts it on the page: the colours follow `color-scheme`. */
export function applyTheme(theme: Theme = chosen()): void {
  document.documentElement.dataset.theme = theme;
}

function chosen(): Theme {
  try {
    const kept = window.localStorage.getItem(KEPT_AS);
    if (kept === 'light' || kept === 'dark') return kept;
  } catch {
    // Nothing is kept.
    const shown = document.documentElement.dataset.theme;
    if (shown === 'light' || shown === 'dark') return shown;
  }
  return 'system';
}
