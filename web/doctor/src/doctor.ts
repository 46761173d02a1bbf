/** Runs the tests and shows them as they come. */

import type { CheckName, Result, Transport } from './check';
import { LOCKED, NO_RELAY, absent, judgeDevices, judgePage, judgeSocket, judgeStun, judgeTurn, verdict } from './judgement';
import { observeDevices, observePage, observeSocket, observeStun, observeTurn } from './observe';
import { report } from './report';
import { type IceServer, Refused, announced, opened, wayOf } from './server';
import { View } from './view';

const TRANSPORTS: readonly Transport[] = ['udp', 'tcp', 'tls'];
const RELAY: readonly CheckName[] = ['relay', ...TRANSPORTS];

export class Doctor {
  private readonly view: View;
  private readonly key: string | null;
  private results = new Map<CheckName, Result>();

  constructor(page: HTMLElement, key: string | null) {
    this.key = key;
    this.view = new View(page, { onTestAgain: () => void this.test() });
  }

  /** Tests everything; each result is shown when it comes. */
  async test(): Promise<void> {
    this.results = new Map();
    this.view.start();
    this.set('page', judgePage(observePage()));
    await Promise.all([
      observeSocket().then((facts) => this.set('socket', judgeSocket(facts))),
      observeDevices().then((facts) => this.set('devices', judgeDevices(facts))),
      this.testRelay(),
    ]);
    const all = [...this.results.values()];
    const relay = RELAY.map((name) => this.results.get(name)).filter((result) => result !== undefined);
    const words = verdict(all, relay);
    const at = new Date();
    const page = location.origin + location.pathname;
    this.view.end(words, at, report(this.results, { verdict: words, page, browser: navigator.userAgent, at }));
  }

  private async testRelay(): Promise<void> {
    let servers: IceServer[];
    try {
      const { has_relay, ice_servers } = await announced();
      await this.testStun(ice_servers);
      if (!has_relay) {
        this.replaceWays(NO_RELAY);
        return;
      }
      if (this.key === null) {
        this.replaceWays(LOCKED);
        this.view.explainKey();
        return;
      }
      servers = await opened(this.key);
    } catch (error) {
      this.replaceWays(
        error instanceof Refused
          ? { outcome: 'locked', says: error.message }
          : { outcome: 'failed', says: 'The server did not answer.', wayOut: 'Look whether it still runs, and test again.' },
      );
      this.view.explainKey();
      return;
    }
    // One after another: together they would share the line, and the times would say nothing.
    for (const transport of TRANSPORTS) {
      await this.testTransport(transport, servers);
    }
  }

  private async testStun(servers: readonly IceServer[]): Promise<void> {
    const [server] = servers;
    const way = wayOf(server?.urls[0] ?? '');
    if (server === undefined || way === null) {
      this.set('stun', { outcome: 'absent', says: 'The server offers no STUN.' });
      return;
    }
    this.view.begin('stun');
    this.set('stun', judgeStun(await observeStun(server), way));
  }

  /** Of several ways by one transport, one that works is enough. */
  private async testTransport(transport: Transport, servers: readonly IceServer[]): Promise<void> {
    let result = absent(transport);
    for (const server of servers) {
      const way = wayOf(server.urls[0] ?? '');
      if (way?.transport === transport) {
        this.view.begin(transport);
        result = judgeTurn(await observeTurn(server), way);
        if (result.outcome === 'ok') {
          break;
        }
      }
    }
    this.set(transport, result);
  }

  /** Says one thing of the relay where its ways cannot be tested. */
  private replaceWays(result: Result): void {
    this.view.hide(TRANSPORTS);
    this.set('relay', result);
    if (!this.results.has('stun')) {
      this.view.hide(['stun']);
    }
  }

  private set(name: CheckName, result: Result): void {
    this.results.set(name, result);
    this.view.show(name, result);
  }
}
