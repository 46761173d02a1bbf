/** What the pages of calls say: results, states, sides, happenings. */

import type { CallRole } from '../../../../sdk/src/generated/CallRole';
import type { DirectCall } from '../../generated/DirectCall';
import type { TimelineEntry } from '../../generated/TimelineEntry';
import type { Tone } from '../../parts/status-badge';

/** How a call ended, by the names that operators know. */
export const RESULTS: Readonly<Record<string, string>> = {
  completed: 'Completed',
  canceled: 'Canceled',
  declined: 'Declined',
  no_answer: 'Missed',
  connection_lost: 'Dropped',
  timed_out: 'Timed out',
  not_connected: 'Not connected',
  unknown: 'Interrupted',
};

/** Where a call stands, while it lives. */
const STATES: Readonly<Record<string, string>> = {
  ringing: 'Ringing',
  established: 'Connecting',
  connected: 'Talking',
};


const BAD = ['connection_lost', 'timed_out', 'not_connected', 'unknown'];

/** One word or two for how a call stands or ended. */
export function outcome(call: Pick<DirectCall, 'state' | 'end_result'>): { word: string; tone: Tone } {
  if (call.state !== 'ended') {
    return { word: STATES[call.state] ?? call.state, tone: 'live' };
  }
  const result = call.end_result ?? 'unknown';
  const tone = result === 'completed' ? 'good' : BAD.includes(result) ? 'bad' : 'quiet';
  return { word: RESULTS[result] ?? result, tone };
}

/** A sentence for how a call stands or ended. */
export function story(call: DirectCall): string {
  const [caller, callee] = call.participants.map(nameOf) as [string, string];
  if (call.state !== 'ended') {
    const live: Record<string, string> = {
      ringing: `${caller} is ringing ${callee}.`,
      established: `${callee} answered; media is being connected.`,
    };
    return live[call.state] ?? `${caller} and ${callee} are talking.`;
  }
  const ender = call.participants.find(({ user_id }) => user_id === call.ended_by);
  const by = ender === undefined ? 'It was ended' : `${nameOf(ender)} ended it`;
  const sentences: Record<string, string> = {
    completed: ender === undefined ? 'The call was ended.' : `${nameOf(ender)} hung up.`,
    canceled: `${caller} stopped ringing before ${callee} answered.`,
    declined: `${callee} declined.`,
    no_answer: `${callee} did not answer.`,
    connection_lost: 'The connection was lost and did not come back.',
    timed_out: 'No connection could be made in time.',
    not_connected: `${by} before media was connected.`,
  };
  return sentences[call.end_result ?? ''] ?? 'The call was interrupted.';
}

/** A name to show for a participant. */
export function nameOf(user: { nickname: string; user_id: string }): string {
  return user.nickname || user.user_id;
}

/** The side, as a word. */
export function sideOf(role: CallRole): string {
  return role === 'dc_caller' ? 'Caller' : 'Callee';
}

/** The way that media takes. */
export function pathInWords(path: string | undefined): string {
  return { direct: 'Direct', relayed: 'Relayed' }[path ?? ''] ?? 'Not known';
}

type Say = (side: string, detail: string) => string;

const HAPPENINGS: Readonly<Record<string, Say>> = {
  dialed: () => 'Dialled',
  dial_received: () => 'Rings on a device of the callee',
  accepted: () => 'Accepted',
  connected: (_, detail) => (detail === 'one_reported' ? 'Connected, as one side says; metering starts' : 'Connected; metering starts'),
  media_connected: (side, detail) => `${side}: media flows${detail === '' ? '' : `, ${detail}`}`,
  path_changed: (side, detail) => `${side}: the path is ${detail}`,
  media_lost: (side) => `${side}: media stopped`,
  muted: (side) => `${side} muted`,
  unmuted: (side) => `${side} unmuted`,
  video_started: (side) => `${side} started video`,
  video_stopped: (side) => `${side} stopped video`,
  held: (side) => `${side} put the call on hold`,
  unheld: (side) => `${side} took the call off hold`,
  recording_started: (side) => `${side} started to record`,
  recording_stopped: (side) => `${side} stopped recording`,
  custom_items_changed: (side, detail) => `${side} changed custom items: ${detail.split(',').join(', ')}`,
  appeared: (side) => `${side}: the device is back at the server`,
  vanished: (side) => `${side}: the device left the server`,
  resumed: () => 'The server is back after an outage',
  ended: (_, detail) => `Ended: ${(RESULTS[detail] ?? detail).toLowerCase()}`,
};

/** What an entry of a timeline says. A word that is not known is shown as it came. */
export function happeningInWords({ happening, role, detail = '' }: TimelineEntry): string {
  const side = role === undefined ? 'The server' : sideOf(role);
  const say = HAPPENINGS[happening];
  return say === undefined ? [side, happening.replaceAll('_', ' '), detail].filter(Boolean).join(': ') : say(side, detail);
}
