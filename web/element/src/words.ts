/** What the page says: results, durations, initials. */

import type { ConnectionState, DirectCall, DirectCallLog } from 'offhook';

/** Where the socket stands. */
export const CONNECTION: Record<ConnectionState, string> = {
  connected: 'Online',
  connecting: 'Connecting…',
  reconnecting: 'Reconnecting…',
  closed: 'Offline',
};

/** A duration as people write it: 4:07, 1:04:07. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** One or two letters that stand for a face. */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => word !== '');
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? '?')][0]?.toLocaleUpperCase() ?? '?').join('');
}

/** A name to show for a user. */
export function nameOf(user: { nickname: string; userId: string }): string {
  return user.nickname || user.userId;
}

/** How a call ended, from the side of who reads it. */
export interface Ended {
  endResult: string;
  isCaller: boolean;
  /** Whether this side ended it; null where nobody did. */
  isEndedByMe: boolean | null;
  peer: string;
}

const SENTENCES: Record<string, (call: Ended) => string> = {
  completed: ({ isEndedByMe, peer }) => (isEndedByMe === false ? `${peer} hung up.` : 'You hung up.'),
  canceled: ({ isCaller, peer }) => (isCaller ? 'You cancelled the call.' : `${peer} stopped ringing.`),
  declined: ({ isCaller, peer }) => (isCaller ? `${peer} declined.` : 'You declined.'),
  no_answer: ({ isCaller, peer }) => (isCaller ? `${peer} did not answer.` : `You missed a call from ${peer}.`),
  other_device_accepted: () => 'Answered on another of your devices.',
  connection_lost: ({ peer }) => `The connection to ${peer} was lost.`,
  timed_out: ({ peer }) => `No connection to ${peer} could be made in time.`,
  not_connected: () => 'The call ended before it was connected.',
  dial_failed: ({ peer }) => `${peer} could not be rung.`,
  accept_failed: () => 'The call could not be answered.',
};

/** A sentence that says how a call ended. */
export function ending(call: Ended): string {
  return SENTENCES[call.endResult]?.(call) ?? 'The call ended.';
}

/** What [`ending`] needs to know of a call or of an entry in the log. */
export function endingOf(call: DirectCall | DirectCallLog): Ended {
  const role = 'myRole' in call ? call.myRole : call.userRole;
  const isCaller = role === 'dc_caller';
  const [me, peer] = isCaller ? [call.caller, call.callee] : [call.callee, call.caller];
  return {
    endResult: call.endResult ?? 'unknown',
    isCaller,
    isEndedByMe: call.endedBy ? call.endedBy.userId === me.userId : null,
    peer: nameOf(peer),
  };
}

/** What an error says, with its number if it has one. */
export function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'number' ? `${message} (${code})` : message;
}
