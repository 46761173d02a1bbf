/** From what was seen to what is said: no browser in here. */

import type { Result } from './check';
import type { Way } from './server';

/** What `window` says of the page. */
export interface PageFacts {
  readonly isSecure: boolean;
  readonly isHttps: boolean;
}

/** Browsers give microphone and camera to secure pages only. */
export function judgePage({ isSecure, isHttps }: PageFacts): Result {
  if (isHttps && isSecure) {
    return { outcome: 'ok', says: 'The page came over HTTPS.' };
  }
  if (isSecure) {
    return { outcome: 'ok', says: 'The page is of this machine itself, which browsers trust without HTTPS.' };
  }
  return {
    outcome: 'failed',
    says: 'The page came without HTTPS: browsers give it no microphone and no camera.',
    wayOut: 'Serve it over HTTPS: set a certificate or a domain in `[tls]`, or put a TLS proxy in front.',
  };
}

/** What came of opening a WebSocket. */
export interface SocketFacts {
  readonly isOpen: boolean;
  readonly tookMs: number;
}

/** Calls ring over a WebSocket. */
export function judgeSocket({ isOpen, tookMs }: SocketFacts): Result {
  if (isOpen) {
    return { outcome: 'ok', says: 'A WebSocket opens: calls can ring here.', tookMs };
  }
  return {
    outcome: 'failed',
    says: 'No WebSocket opens, so no call can ring here.',
    wayOut:
      'A proxy between here and the server must let /client/v1/socket be upgraded (its headers Upgrade and Connection). ' +
      'In some companies it is the network itself: try another one.',
  };
}

/** What the browser says of its devices without asking anybody. */
export interface DeviceFacts {
  /** False where the page is not secure, or the browser is too old. */
  readonly canAsk: boolean;
  readonly microphones: number;
  readonly cameras: number;
  /** Which of the two were refused to this page before. */
  readonly refused: readonly ('microphone' | 'camera')[];
}

/** Whether there is something to talk into. */
export function judgeDevices({ canAsk, microphones, cameras, refused }: DeviceFacts): Result {
  if (!canAsk) {
    return {
      outcome: 'failed',
      says: 'The browser gives this page no devices at all.',
      wayOut: 'Browsers do so where a page is not secure: see above.',
    };
  }
  if (refused.length > 0) {
    return {
      outcome: 'warning',
      says: `This page may not use the ${refused.join(' and the ')}: somebody said no.`,
      wayOut: "Change it in the browser's settings of this page, beside the address.",
    };
  }
  if (microphones === 0) {
    return {
      outcome: 'warning',
      says: `No microphone was found${cameras === 0 ? ', and no camera' : ''}.`,
      wayOut: "Connect one, or let the browser use it in the system's settings.",
    };
  }
  const found = [count(microphones, 'microphone'), ...(cameras > 0 ? [count(cameras, 'camera')] : [])].join(' and ');
  return { outcome: 'ok', says: `${found}${cameras === 0 ? ', no camera: calls go on with sound' : ''}.` };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** What a test of STUN saw. */
export interface StunFacts {
  /** Addresses of the browser as the server sees them. */
  readonly outside: readonly string[];
  /** Whether an error was told: no answer came. */
  readonly hasFailed: boolean;
  readonly tookMs: number;
}

/** Whether direct ways can be found. */
export function judgeStun({ outside, hasFailed, tookMs }: StunFacts, { port }: Way): Result {
  if (outside.length > 0) {
    return { outcome: 'ok', says: `${outside.join(', ')}. Direct connections can be tried.`, tookMs };
  }
  if (!hasFailed) {
    return { outcome: 'ok', says: 'The same as inside: there is no address translation on the way to the server.', tookMs };
  }
  return {
    outcome: 'warning',
    says: `No answer came over UDP from port ${port}, so the address is not known: calls go over the relay or not at all.`,
    wayOut: `Let UDP to port ${port} through, in the server's firewall and in this network's.`,
  };
}

/** What a test of TURN saw. */
export interface TurnFacts {
  /** Whether the relay gave an address. */
  readonly hasAddress: boolean;
  /** What errors the browser told: number and words. */
  readonly errors: readonly { readonly code: number; readonly text: string }[];
  /** Whether data came back. */
  readonly isEchoed: boolean;
  readonly tookMs: number;
}

const NAMES = { udp: 'UDP', tcp: 'TCP', tls: 'TLS' } as const;

/** Whether the relay can be had by one way. */
export function judgeTurn(facts: TurnFacts, way: Way): Result {
  if (facts.isEchoed) {
    return { outcome: 'ok', says: `Data went through the relay and came back, by port ${way.port}.`, tookMs: facts.tookMs };
  }
  if (facts.hasAddress) {
    return {
      outcome: 'failed',
      says: `The relay at port ${way.port} gives an address, but no data comes back through it.`,
      wayOut:
        'On the server, look at `relay.external_addresses`, and let its UDP ports from `relay.min_port` to `relay.max_port` through.',
    };
  }
  // 7xx are the browser's own: no answer came.
  const refusal = facts.errors.find(({ code }) => code < 700);
  return refusal === undefined ? unreachable(way) : refusedBy(refusal);
}

function unreachable({ transport, host, port }: Way): Result {
  const says = `${NAMES[transport]} to port ${port} of ${host} does not get through.`;
  const wayOut = {
    udp: `Let UDP to port ${port} through, in the server's firewall and in this network's. Until then calls use another way, with more delay.`,
    tcp: `Let TCP to port ${port} through, in the server's firewall and in this network's. It is the way for networks that block UDP.`,
    tls: `Let TCP to port ${port} through, and see that the certificate is good for ${host}. It is the way for networks that let nothing but HTTPS out.`,
  }[transport];
  return { outcome: 'failed', says, wayOut };
}

function refusedBy({ code, text }: { code: number; text: string }): Result {
  const says = `The relay refuses: ${code}${text === '' ? '' : ` ${text}`}.`;
  if (code === 401) {
    return { outcome: 'failed', says, wayOut: 'Server and relay have different secrets: give both the same `relay.secret`.' };
  }
  if (code === 486 || code === 508) {
    return { outcome: 'failed', says, wayOut: 'It is full: wait, or raise its limits in `[relay]`.' };
  }
  return { outcome: 'failed', says, wayOut: "Look into the relay's log." };
}

/** There is no such way at this server. */
export function absent(transport: 'udp' | 'tcp' | 'tls'): Result {
  if (transport === 'tls') {
    return {
      outcome: 'absent',
      says: 'The server offers no relay over TLS: calls fail from networks that let nothing but HTTPS out.',
      wayOut: 'Set a certificate or a domain in `[tls]`.',
    };
  }
  return { outcome: 'absent', says: `The server offers no relay over ${NAMES[transport]}.` };
}

/** There is no relay at all. */
export const NO_RELAY: Result = {
  outcome: 'absent',
  says: 'No relay is configured. Calls between networks that do not see each other fail.',
  wayOut: 'Set `relay.listen` on the server, such as to ["0.0.0.0:3478"].',
};

/** The tests take a key. */
export const LOCKED: Result = { outcome: 'locked', says: 'A relay is there. Testing it takes a key.' };

/** What it all comes to, for the visitor. */
export function verdict(results: readonly Result[], relay: readonly Result[]): string {
  const has = (outcome: Result['outcome']) => results.some((result) => result.outcome === outcome);
  if (relay.every(({ outcome }) => outcome === 'locked')) {
    return has('failed') ? 'Something stands in the way of calls.' : 'The relay was not tested.';
  }
  if (relay.length > 0 && !relay.some(({ outcome }) => outcome === 'ok')) {
    return relay.every(({ outcome }) => outcome === 'absent')
      ? 'Calls connect only where networks see each other.'
      : 'Calls may not connect from here.';
  }
  if (has('failed') || has('warning')) {
    return 'Calls connect from here, but not everything works.';
  }
  return 'Calls connect from here.';
}
