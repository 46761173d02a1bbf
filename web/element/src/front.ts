/** Which call stands for the element: its face, and what `end()` ends. */

import type * as Sdk from 'offhook';

import type { Stage, StageFace } from './stage';

export type Face = 'idle' | StageFace;

export interface Front {
  face: Face;
  call: Sdk.DirectCall | null;
}

/** The stage that is shown, before a call that rings; but one that is over is only looked at, and stands for nothing meanwhile. */
export function front(shown: Pick<Stage, 'face' | 'call' | 'isOver'> | null, ringing: Sdk.DirectCall | undefined): Front {
  if (shown && !(shown.isOver && ringing)) return { face: shown.face, call: shown.call };
  return ringing ? { face: 'ringing', call: ringing } : { face: 'idle', call: null };
}
