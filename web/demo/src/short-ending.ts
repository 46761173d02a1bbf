/** How calls ended, in a word or two: for a list. */

import type { Ended } from '../../element/src/words';

const SHORT: Record<string, (call: Ended) => string> = {
  completed: () => 'Ended',
  canceled: ({ isCaller }) => (isCaller ? 'Cancelled' : 'Missed'),
  declined: () => 'Declined',
  no_answer: ({ isCaller }) => (isCaller ? 'No answer' : 'Missed'),
  connection_lost: () => 'Connection lost',
  timed_out: () => 'Not connected',
  not_connected: () => 'Not connected',
};

/** A word or two for a list that names the peer beside it. */
export function shortEnding(call: Ended): string {
  return SHORT[call.endResult]?.(call) ?? 'Ended';
}
