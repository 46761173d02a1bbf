/** The icons of what came of a test. */

import { icon } from '../../look/element';

/** Strokes of the icons, on a grid of 24. */
const STROKES = {
  ok: 'M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18ZM8 12.3l2.8 2.8 5.2-5.6',
  warning: 'M12 4 21 19.5H3L12 4ZM12 10v4.2M12 16.8v.2',
  failed: 'M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18ZM9 9l6 6M15 9l-6 6',
  absent: 'M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18ZM8.5 12h7',
  locked: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  testing: 'M12 3a9 9 0 1 1-9 9',
} as const;

/** Draws the icon of an outcome. */
export function outcomeIcon(name: keyof typeof STROKES): SVGSVGElement {
  return icon(STROKES[name]);
}
