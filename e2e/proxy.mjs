/** A slow way: `offhook-proxy` of `offhook-sim`, which delays what goes through it. The kernel cannot, by itself. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { ROOT } from './server.mjs';
import { inTime } from './until.mjs';

const BINARY = process.env.E2E_PROXY ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug', 'offhook-proxy');

export class Proxy {
  #child;
  #answers;

  /** Starts one that takes `delayMs` each way and up to `jitterMs` more; behind the words of `command`, if any. */
  static start({ command = [], listen = '127.0.0.1', delayMs = 0, jitterMs = 0 } = {}) {
    if (!existsSync(BINARY)) {
      throw new Error(`${BINARY} is missing: build it with \`cargo build -p offhook-sim\``);
    }
    const proxy = new Proxy();
    const options = ['--listen', listen, '--delay-ms', String(delayMs), '--jitter-ms', String(jitterMs)];
    const [program, ...words] = [...command, BINARY, ...options];
    proxy.#child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    // One that has ended answers nothing; its own words say why.
    proxy.#child.stdin.on('error', () => undefined);
    proxy.#answers = createInterface({ input: proxy.#child.stdout })[Symbol.asyncIterator]();
    return proxy;
  }

  /** Opens a way to `target` (`address:port`) by `udp` or `tcp`; gives where it begins. */
  async forward(transport, target) {
    this.#child.stdin.write(`${transport} ${target}\n`);
    // Orders are answered in their order, and the iterator's readers are served in theirs.
    const { value } = await inTime('the proxy to listen', this.#answers.next());
    if (value === undefined) throw new Error('the proxy has ended');
    return value.split(' ')[1];
  }

  /** It ends with its input. */
  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    await inTime('the proxy to stop', gone);
  }
}
