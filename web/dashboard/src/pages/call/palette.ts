/** The page's colours for a canvas, which knows no custom properties and no `light-dark()`. */

import { useEffect, useState } from 'react';

const NAMES = ['ink', 'quiet', 'line', 'accent', 'bad', 'surface'] as const;

/** Colours as a canvas takes them. */
export type Palette = Readonly<Record<(typeof NAMES)[number], string>>;

/** The colours as they are, again whenever the scheme changes. */
export function usePalette(): Palette {
  const [palette, setPalette] = useState(resolve);
  useEffect(() => {
    const look = () => setPalette(resolve());
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', look);
    // Who has chosen a scheme by hand has set it on the page.
    const chosen = new MutationObserver(look);
    chosen.observe(document.documentElement, { attributes: true });
    return () => {
      scheme.removeEventListener('change', look);
      chosen.disconnect();
    };
  }, []);
  return palette;
}

/** Only as the colour of an element is a custom property resolved. */
function resolve(): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const entries = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries) as Palette;
}
