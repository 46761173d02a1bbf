/** What the page tests, and what came of it. */

/** How a thing is. `absent`: this server does not offer it; `locked`: it takes a key. */
export type Outcome = 'ok' | 'warning' | 'failed' | 'absent' | 'locked';

/** What a test came to: what was seen, and what to do about it where it is not well. */
export interface Result {
  readonly outcome: Outcome;
  readonly says: string;
  readonly wayOut?: string;
  /** How long it took until data had come back. */
  readonly tookMs?: number;
}

/** `relay` stands for its three ways where they cannot be tested. */
export type CheckName = 'page' | 'socket' | 'devices' | 'stun' | 'relay' | 'udp' | 'tcp' | 'tls';

/** A way to the relay. */
export type Transport = 'udp' | 'tcp' | 'tls';

export const TITLES: Record<CheckName, string> = {
  page: 'Secure page',
  socket: 'Ringing',
  devices: 'Microphone and camera',
  stun: 'Your outside address',
  relay: 'Relay',
  udp: 'Relay over UDP',
  tcp: 'Relay over TCP',
  tls: 'Relay over TLS',
};

/** The tests as they are shown, in groups. */
export const GROUPS: readonly { readonly title: string; readonly checks: readonly CheckName[] }[] = [
  { title: 'This browser', checks: ['page', 'socket', 'devices'] },
  { title: 'Its network', checks: ['stun', 'relay', 'udp', 'tcp', 'tls'] },
];

/** A word for an outcome, which stands beside its colour. */
export const WORDS: Record<Outcome, string> = {
  ok: 'Works',
  warning: 'Look',
  failed: 'Fails',
  absent: 'Not offered',
  locked: 'Needs a key',
};
