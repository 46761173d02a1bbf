import type { IceConfiguration } from '../generated/IceConfiguration';

/** How long a peer connection waits for a ticket of its own: several round trips of a slow network. */
const NEXT_TICKET_MS = 2_000;
/** How long after the end of a call the next ticket may still be on its way. Shorter, so that who waits gains by it. */
const ON_ITS_WAY_MS = 1_000;

interface Waiting {
  isWanted: () => boolean;
  give: (configuration: IceConfiguration | undefined) => void;
}

/**
 * The ICE configuration at hand. The server hands out one ticket ahead; whoever takes it tells the server which call it
 * is for, and the next one comes. The relay accounts a ticket to one call and revokes it with that call, so no other
 * call ever borrows it: a connection made before the next ticket has come waits briefly, then goes without the relay.
 */
export class Tickets {
  private latest: IceConfiguration | undefined;
  private isTaken = false;
  private waiting: Waiting[] = [];

  /** The server hands out a configuration. After a reconnect it may be one that is known. */
  handle(configuration: IceConfiguration): void {
    const isKnown = configuration.ticket !== undefined && configuration.ticket === this.latest?.ticket;
    this.latest = configuration;
    if (!isKnown) this.free();
  }

  /**
   * A call is over. If no next ticket comes, the server has not bound this one to it, because it refused the dial or the
   * call had ended before: then it is at hand again.
   */
  release(ticket: string): void {
    setTimeout(() => {
      if (this.latest?.ticket === ticket) this.free();
    }, ON_ITS_WAY_MS);
  }

  /** The session is over. */
  clear(): void {
    this.latest = undefined;
    for (const { give } of this.waiting.splice(0)) give(undefined);
  }

  /** Takes what is at hand; nothing where its ticket is taken. A configuration without a ticket serves all calls. */
  take(): IceConfiguration | undefined {
    if (!this.latest || this.isTaken) return undefined;
    this.isTaken = this.latest.ticket !== undefined;
    return this.latest;
  }

  /** Takes the next one as soon as it comes; nothing where that takes too long. */
  next(isWanted: () => boolean): Promise<IceConfiguration | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.waiting = this.waiting.filter((other) => other !== waiting);
        resolve(undefined);
      }, NEXT_TICKET_MS);
      const waiting: Waiting = {
        isWanted,
        give: (configuration) => {
          clearTimeout(timer);
          resolve(configuration);
        },
      };
      this.waiting.push(waiting);
    });
  }

  /** What needs no ticket. */
  withoutTicket(): IceConfiguration {
    return {
      ice_servers: (this.latest?.ice_servers ?? []).filter((server) => server.credential === undefined),
      ice_transport_policy: this.latest?.ice_transport_policy ?? 'all',
    };
  }

  private free(): void {
    this.isTaken = false;
    while (!this.isTaken) {
      const next = this.waiting.shift();
      if (!next) return;
      if (next.isWanted()) next.give(this.take());
    }
  }
}
