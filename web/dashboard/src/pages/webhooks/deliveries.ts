/** What is said of deliveries. */

import type { DeliveryState } from '../../generated/DeliveryState';
import type { WebhookDelivery } from '../../generated/WebhookDelivery';
import type { Tone } from '../../parts/status-badge';

/** The states, as they are offered for choice. */
export const STATES: readonly (readonly [DeliveryState | '', string])[] = [
  ['', 'All'],
  ['waiting', 'Waiting'],
  ['delivered', 'Delivered'],
  ['dead', 'Given up'],
];

/** What became of a delivery, in a word or two. */
export function stateInWords({ state, attempts }: Pick<WebhookDelivery, 'state' | 'attempts'>): { word: string; tone: Tone } {
  switch (state) {
    case 'delivered':
      return { word: 'Delivered', tone: 'good' };
    case 'dead':
      return { word: 'Given up', tone: 'bad' };
    case 'waiting':
      return attempts > 0 ? { word: 'Retrying', tone: 'warning' } : { word: 'Waiting', tone: 'quiet' };
  }
}

/** What happened, as people call it. */
export function eventInWords(category: string): string {
  return { 'direct_call:dial': 'Dialled', 'direct_call:accept': 'Accepted', 'direct_call:end': 'Ended' }[category] ?? category;
}

/** How often it was sent. */
export function attemptsInWords(attempts: number): string {
  return attempts === 0 ? 'Not sent yet' : attempts === 1 ? 'Sent once' : `Sent ${attempts} times`;
}

/** Whether it may be sent again by hand: what was given up, and what waits for its next attempt. */
export function isReplayable({ state }: Pick<WebhookDelivery, 'state'>): boolean {
  return state === 'dead';
}

/** Reads the filter of the address. */
export function stateOf(search: URLSearchParams): DeliveryState | '' {
  return STATES.find(([state]) => state === search.get('state'))?.[0] ?? '';
}

/** What is wrong with a webhook's address, as a sentence; null where nothing is. It may be empty where nothing is told. */
export function problemOfUrl(url: string, isEnabled: boolean): string | null {
  if (url === '') {
    return isEnabled ? 'Say where events are told, or switch them off.' : null;
  }
  if (!URL.canParse(url)) {
    return 'This is no address. Write one that begins with https://.';
  }
  const { protocol, username, password } = new URL(url);
  // Whether a host may be told over http, its operator has said in the server's configuration.
  if (protocol !== 'https:' && protocol !== 'http:') {
    return 'Events are told over https only.';
  }
  return username === '' && password === '' ? null : 'No name and no password may be in the address.';
}
