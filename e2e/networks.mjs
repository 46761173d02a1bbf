/**
 * Networks of their own for the server and two devices, so that what lies between them can be cut.
 *
 * ```text
 *   caller 10.77.1.2 ──┐
 *                      ├── the server's machine, which routes between them ── this machine
 *   callee 10.77.2.2 ──┘
 * ```
 *
 * Needs root, as the rest of the set-up does. What a test that crashed has left is removed by the next.
 */

import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';

const PREFIX = 'offhook-e2e';
/** `IFNAMSIZ` of Linux leaves 15 characters. */
const OWN_INTERFACE = () => `oh-${randomBytes(5).toString('hex')}`;
/** Networks of two machines in 198.18.0.0/15, which is for tests of networks alone (RFC 2544 §C.2.2). */
const OWN_NETWORKS = 2 ** 15;

/** The direct path between the two devices. */
export const DIRECT_PATH = 'forward iifname "to-*" oifname "to-*" drop';

export class Networks {
  #name = `${PREFIX}-${process.pid}-${randomBytes(4).toString('hex')}`;
  #places = { server: `${this.#name}-server`, caller: `${this.#name}-caller`, callee: `${this.#name}-callee` };

  static lay() {
    removeStale();
    const networks = new Networks();
    try {
      networks.#lay();
    } catch (error) {
      networks.remove();
      throw error;
    }
    return networks;
  }

  /** Where the server is, for everybody. */
  serverAddress;
  /** Where this machine is, for the others. */
  ownAddress;

  /** The command that starts a program there, to be followed by the program. */
  command(place) {
    return ['ip', 'netns', 'exec', this.#places[place]];
  }

  /** What starts this browser there: where the driver is to find it, and its environment. */
  launchOptions(place, program) {
    return {
      executablePath: new URL('in-namespace.sh', import.meta.url).pathname,
      env: { ...process.env, E2E_NAMESPACE: this.#places[place], E2E_PROGRAM: program },
    };
  }

  /**
   * Applies rules of nftables to what the server's machine lets in (`input …`) or through (`forward …`), until the function
   * that is returned is called.
   */
  cut(...rules) {
    const table = `cut_${randomBytes(4).toString('hex')}`;
    const of = (chain) => rules.filter((rule) => rule.startsWith(`${chain} `)).map((rule) => rule.slice(chain.length + 1)).join('\n');
    this.#nft(`table inet ${table} {
      chain input {
        type filter hook input priority 0;
        ${of('input')}
      }
      chain forward {
        type filter hook forward priority 0;
        ${of('forward')}
      }
    }`);
    let isCut = true;
    return () => {
      if (isCut) run(...this.command('server'), 'nft', 'delete', 'table', 'inet', table);
      isCut = false;
    };
  }

  /** Pulls a device's cable, until the function that is returned is called. */
  unplug(place) {
    const link = (state) => run('ip', '-n', this.#places.server, 'link', 'set', `to-${place}`, state);
    link('down');
    return () => link('up');
  }

  /** Gives a device another address in place of its own, as a change of network does, until the function that is returned is called. */
  replaceAddress(place, address) {
    const name = this.#places[place];
    const [{ addr_info }] = JSON.parse(run('ip', '-j', '-4', '-n', name, 'address', 'show', 'dev', 'eth0'));
    const old = addr_info[0].local;
    const replace = (from, to) => {
      run('ip', '-n', name, 'address', 'delete', `${from}/24`, 'dev', 'eth0');
      run('ip', '-n', name, 'address', 'add', `${to}/24`, 'dev', 'eth0');
      // Routes go with the address.
      run('ip', '-n', name, 'route', 'replace', 'default', 'via', to.replace(/\d+$/, '1'));
    };
    replace(old, address);
    return () => replace(address, old);
  }

  remove() {
    for (const name of Object.values(this.#places)) removeNamespace(name);
  }

  #lay() {
    const { server, caller, callee } = this.#places;
    for (const name of [server, caller, callee]) {
      run('ip', 'netns', 'add', name);
      run('ip', '-n', name, 'link', 'set', 'lo', 'up');
    }
    const base = randomInt(OWN_NETWORKS) * 4;
    const own = (host) => [198, 18 + (base >> 16), (base >> 8) & 255, (base & 255) + host].join('.');
    this.serverAddress = own(1);
    this.ownAddress = own(2);
    const uplink = OWN_INTERFACE();
    run('ip', '-n', server, 'link', 'add', 'uplink', 'type', 'veth', 'peer', 'name', uplink, 'netns', String(process.pid));
    address(server, 'uplink', `${this.serverAddress}/30`);
    run('ip', 'address', 'add', `${this.ownAddress}/30`, 'dev', uplink);
    run('ip', 'link', 'set', uplink, 'up');
    for (const [index, [name, end]] of [[caller, 'to-caller'], [callee, 'to-callee']].entries()) {
      const network = `10.77.${index + 1}`;
      run('ip', '-n', server, 'link', 'add', end, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      address(server, end, `${network}.1/24`);
      address(name, 'eth0', `${network}.2/24`);
      run('ip', '-n', name, 'route', 'add', 'default', 'via', `${network}.1`);
    }
    run(...this.command('server'), 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
    // This machine knows no way back to the devices, and need not.
    this.#nft(`table ip uplink {
      chain out {
        type nat hook postrouting priority 100;
        oifname "uplink" masquerade
      }
    }`);
  }

  #nft(rules) {
    execFileSync('ip', [...this.command('server').slice(1), 'nft', '-f', '-'], { input: rules, stdio: ['pipe', 'pipe', 'inherit'] });
  }
}

function address(namespace, name, value) {
  run('ip', '-n', namespace, 'address', 'add', value, 'dev', name);
  run('ip', '-n', namespace, 'link', 'set', name, 'up');
}

/** Removes what tests have left whose process is gone. */
function removeStale() {
  for (const { name } of JSON.parse(run('ip', '-j', 'netns', 'list') || '[]')) {
    const [, pid] = name.match(/^offhook-e2e-(\d+)-/) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}

/** Ends what runs in a namespace, which would hold it, and removes it; the ends of its cables go with it. */
function removeNamespace(name) {
  if (!existsSync(`/run/netns/${name}`)) return;
  for (const pid of run('ip', 'netns', 'pids', name).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
  run('ip', 'netns', 'delete', name);
}

function run(program, ...options) {
  return execFileSync(program, options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
