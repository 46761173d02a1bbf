/** The list that was shown last and where it stood, for who comes back to it with the browser's Back. */

import type { DirectCall } from '../../generated/DirectCall';
import { PagedList } from './paged-list';

interface Kept {
  key: string;
  list: PagedList<DirectCall>;
  scroll: number;
}

let kept: Kept | null = null;
let isBack = false;
// Before the router's own listeners, which show the page.
window.addEventListener('popstate', () => (isBack = true), { capture: true });
window.addEventListener('offhook:moved', () => (isBack = false), { capture: true });

/** The list of what `key` stands for: as it was left, if one comes back to it; else a new one. */
export function openLog(key: string): Kept {
  if (!isBack || kept?.key !== key) {
    kept = { key, list: new PagedList(), scroll: 0 };
  }
  isBack = false;
  return kept;
}
