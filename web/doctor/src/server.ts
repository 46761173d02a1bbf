/** What the server says of its relay. */

import type { Transport } from './check';

/** An entry of `iceServers`. */
export interface IceServer {
  readonly urls: string[];
  readonly username?: string;
  readonly credential?: string;
}

/** What it says to everybody. */
export interface Announced {
  readonly has_relay: boolean;
  readonly ice_servers: IceServer[];
}

/** A refusal, in the server's own words. */
export class Refused extends Error {
  readonly reason = 'refused';
}

const ADDRESS = '/client/v1/doctor';

/** Asks what everybody may know. */
export async function announced(): Promise<Announced> {
  return (await answered(await fetch(ADDRESS))) as Announced;
}

/** Asks for credentials of the relay. */
export async function opened(key: string): Promise<IceServer[]> {
  const response = await fetch(ADDRESS, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ key }),
  });
  return ((await answered(response)) as { ice_servers: IceServer[] }).ice_servers;
}

async function answered(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const said = (body as { message?: unknown } | null)?.message;
    throw new Refused(typeof said === 'string' ? said : `The server answered ${response.status}.`);
  }
  return body;
}

/** Where a URL of TURN leads. */
export interface Way {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
}

/** Reads a URL of STUN or TURN (RFC 7064, RFC 7065); null if it is none. */
export function wayOf(url: string): Way | null {
  const parts = /^(stun|turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(\w+))?$/.exec(url);
  if (parts === null) {
    return null;
  }
  const [, scheme, host = '', port, transport] = parts;
  const isTls = scheme === 'turns';
  return {
    transport: isTls ? 'tls' : transport === 'tcp' ? 'tcp' : 'udp',
    host,
    port: port === undefined ? (isTls ? 5349 : 3478) : Number(port),
  };
}
