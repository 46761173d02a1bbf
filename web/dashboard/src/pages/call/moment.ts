/** Moments of a call. */

import { asDuration } from '../../parts/format';

/** Since the dial, to the tenth of a second: 0:03.4. */
export function moment(milliseconds: number): string {
  const tenths = Math.floor(Math.max(0, milliseconds) / 100);
  return `${asDuration(tenths * 100)}.${tenths % 10}`;
}
