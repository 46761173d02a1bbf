/** The real binary, in a data folder of its own, on a port that nobody else has. */

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Platform } from './platform.mjs';
import { inTime, until } from './until.mjs';

/** The top of the tree. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

const BINARY = process.env.E2E_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug', 'offhook');

/**
 * Starts `offhook serve`; `options` go to its command line, `configuration` is its file. It listens on `address`, its relay on
 * a free port there unless that file says otherwise, and runs behind the words of `command`.
 */
export async function startServer(options = [], place = {}) {
  const server = new OffhookServer('serve', options, place);
  await server.start();
  return server;
}

/** Starts `offhook demo`, which makes an application, two users and their links. */
export async function startDemo() {
  const demo = new OffhookServer('demo', [], {});
  await demo.start();
  return demo;
}

class OffhookServer {
  #command;
  #options;
  #place;
  #folder;
  #child = null;
  #listen;
  #words = '';

  constructor(command, options, { address = '127.0.0.1', configuration = '', ...place }) {
    this.#command = command;
    this.#options = options;
    this.#place = { command: [], configuration: configuration || `[relay]\nlisten = ["${address}:0"]\n`, ...place };
    this.#listen = `${address}:0`;
    this.#folder = mkdtempSync(join(tmpdir(), 'offhook-e2e-'));
  }

  /** What the ready file said: `http`, `app_id`, `api_token` and more; of a demo, `http` and `links`. */
  ready = null;

  get url() {
    return `http://${this.ready.http}`;
  }

  get pid() {
    return this.#child.pid;
  }

  /** What the server printed so far. */
  get words() {
    return this.#words;
  }

  /** The Platform API of the first application. */
  get platform() {
    return new Platform(this.url, this.ready.api_token);
  }

  async start() {
    if (!existsSync(BINARY)) {
      throw new Error(`${BINARY} is missing: build it with \`cargo build -p offhook-server\``);
    }
    const readyFile = join(this.#folder, 'ready.json');
    rmSync(readyFile, { force: true });
    const isDemo = this.#command === 'demo';
    const configFile = join(this.#folder, 'offhook.toml');
    writeFileSync(configFile, this.#place.configuration);
    const places = isDemo ? [] : ['--data-dir', this.#dataFolder, '--ready-file', readyFile];
    const [program, ...words] = [
      ...this.#place.command,
      BINARY,
      this.#command,
      ...['--config', configFile, '--listen', this.#listen, '--admin-listen', '127.0.0.1:0'],
      ...places,
      ...this.#options,
    ];
    const child = spawn(program, words, {
      cwd: this.#folder,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (words) => {
        this.#words += words;
      });
    }
    let spawnError = null;
    child.once('error', (error) => {
      spawnError = error;
    });
    this.ready = await until('the server to be ready', () => {
      if (spawnError !== null || child.exitCode !== null) {
        throw new Error(`the server did not start (${spawnError ?? child.exitCode}):\n${this.#words}`);
      }
      return isDemo ? linksIn(this.#words) : readJson(readyFile);
    });
    // A restart comes back to the same address.
    this.#listen = this.ready.http;
  }

  /** Runs another command of the same program on the same data: what it printed. */
  tell(...words) {
    return execFileSync(BINARY, [...words, '--data-dir', this.#dataFolder], { cwd: this.#folder, encoding: 'utf8' });
  }

  /** Where its store is. */
  get database() {
    return join(this.#dataFolder, 'offhook.db');
  }

  get #dataFolder() {
    return join(this.#folder, 'data');
  }

  /** Kill -9: nothing is said, nothing is put away. */
  async kill() {
    await this.#end('SIGKILL');
  }

  /** Stops it as an operator does, and removes its folder. */
  async stop() {
    await this.#end('SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal) {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    try {
      await inTime('the server to stop', gone);
    } catch (error) {
      child.kill('SIGKILL');
      await gone;
      throw error;
    }
  }
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** The demo prints a link a user; nothing, until all of them are there. */
function linksIn(words) {
  if (!words.includes('Ctrl-C')) {
    return null;
  }
  const links = words.match(/http:\S+/g);
  return { http: new URL(links[0]).host, links };
}
