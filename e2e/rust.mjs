/** Programs that call by the Rust SDK: `offhook call`, `offhook listen`, and its examples. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { ROOT } from './server.mjs';
import { inTime, until } from './until.mjs';

const FOLDER = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug');

export class RustProgram {
  /** All that it printed. */
  words = '';
  #child;
  #exit;

  constructor(t, [program, ...options], { command = [], env = {}, input = '' } = {}) {
    const [first, ...rest] = [...command, program, ...options];
    this.#child = spawn(first, rest, { env: { ...process.env, ...env } });
    this.#child.stdin.on('error', () => undefined).end(input);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.words += text;
      });
    }
    this.#exit = new Promise((resolve) => this.#child.on('close', (code) => resolve(code)));
    t.after(() => this.#child.kill('SIGKILL'));
  }

  /** Runs `offhook` as a user, whose token it reads from standard input. */
  static start(t, server, [verb, ...options], user, place = {}) {
    const identity = ['--host', server.url, '--app', server.ready.app_id, '--as', user.userId, '--token-file', '-'];
    return new RustProgram(t, [join(FOLDER, 'offhook'), verb, ...identity, ...options], { ...place, input: `${user.accessToken}\n` });
  }

  /** Runs an example as a user. */
  static example(t, server, name, user, options) {
    const program = [join(FOLDER, 'examples', name), server.url, server.ready.app_id, user.userId];
    return new RustProgram(t, [...program, ...options], { env: { OFFHOOK_TOKEN: user.accessToken } });
  }

  /** Waits until it has printed this. */
  says(text) {
    const spoken = until(`the program to say "${text}"`, () => this.words.includes(text) || null);
    return spoken.catch((error) => {
      throw new Error(`${error.message}; it said: ${this.words}`);
    });
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Waits for its end; gives its exit code. */
  over() {
    return inTime('the program to end', this.#exit, { within: 120_000, describe: async () => `; it said: ${this.words}` });
  }
}
