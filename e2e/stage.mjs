/** What most tests need: a server, a site, a browser, and devices of users that are made by the way. */

import { launchChromium, launchFirefox } from './browser.mjs';
import { Certificate } from './certificate.mjs';
import { Device } from './device.mjs';
import { Networks } from './networks.mjs';
import { Proxy } from './proxy.mjs';
import { startServer } from './server.mjs';
import { startSite } from './site.mjs';

/** Of STUN and TURN (RFC 8656 §18), and of HTTPS: in networks of their own nobody else has them. */
export const RELAY_PORT = 3478;
export const TLS_PORT = 443;

export class Stage {
  #browsers = new Map();
  #users = 0;
  #launchers;

  /** Starts server and site; browsers start when the first device asks for one. */
  static async set({ launchers = {}, serverOptions = [], configuration, command = [], pages = () => ({}) } = {}) {
    const stage = new Stage();
    stage.#launchers = { chromium: () => launchChromium(), firefox: () => launchFirefox(), ...launchers };
    stage.server = await startServer(serverOptions, { configuration, command });
    stage.site = await startSite(stage.server.url, pages(stage.server));
    return stage;
  }

  /**
   * The same in networks of their own, with a relay on the usual ports: the browsers are `caller` and `callee`, each in its
   * own network, and `firefox`, which is on this machine, since its driver needs a socket. With a `slowRelay`, which is what a
   * proxy takes, clients are told of no other way to the relay than through that. `flags` are Chromium's.
   */
  static async setApart({ slowRelay, flags = [] } = {}) {
    const stage = new Stage();
    const networks = Networks.lay();
    stage.networks = networks;
    const address = networks.serverAddress;
    try {
      stage.certificate = new Certificate(address);
      let relayUrls = '';
      if (slowRelay !== undefined) {
        stage.proxy = Proxy.start({ command: networks.command('server'), listen: address, ...slowRelay });
        stage.slowRelayAddress = await stage.proxy.forward('udp', `${address}:${RELAY_PORT}`);
        relayUrls = `urls = ["turn:${stage.slowRelayAddress}?transport=udp"]`;
      }
      stage.server = await startServer([], {
        address,
        command: networks.command('server'),
        configuration: `
          public_host = "${address}"
          [relay]
          listen = ["${address}:${RELAY_PORT}"]
          ${relayUrls}
          [tls]
          listen = "${address}:${TLS_PORT}"
          certificate = "${stage.certificate.certificate}"
          key = "${stage.certificate.key}"
        `,
      });
      stage.site = await startSite(stage.server.url, {}, networks.ownAddress);
    } catch (error) {
      await stage.strike();
      throw error;
    }
    // Cameras are for secure origins.
    const trust = [`--unsafely-treat-insecure-origin-as-secure=${stage.site.url}`, stage.certificate.chromiumFlag];
    const there = (place) => () => launchChromium({ flags: [...trust, ...flags], networks, place });
    stage.#launchers = {
      caller: there('caller'),
      callee: there('callee'),
      firefox: () => launchFirefox({ 'media.devices.insecure.enabled': true, 'media.getusermedia.insecure.enabled': true }),
    };
    return stage;
  }

  /** The browser of that name, started at its first use. */
  browser(name = 'chromium') {
    if (!this.#browsers.has(name)) {
      this.#browsers.set(name, this.#launchers[name]());
    }
    return this.#browsers.get(name);
  }

  /** Makes a user whom no other test knows. */
  user(name) {
    this.#users += 1;
    return this.server.platform.createUser(`${name}-${this.#users}`, name);
  }

  /** Opens a page for a user and signs him in; the page is closed when the test `t` is over. */
  async device(t, user, { browser = 'chromium' } = {}) {
    const device = await Device.open(await this.browser(browser), this.site, user.userId);
    t.after(() => device.close());
    return device.signIn(this.server, user);
  }

  /** Two users with a device each. */
  async pair(t, { caller = 'chromium', callee = 'chromium' } = {}) {
    const [alice, bob] = await Promise.all([this.user('alice'), this.user('bob')]);
    const [alices, bobs] = await Promise.all([
      this.device(t, alice, { browser: caller }),
      this.device(t, bob, { browser: callee }),
    ]);
    return { alice: alices, bob: bobs, bobId: bob.userId, aliceId: alice.userId };
  }

  /** A pair that talks. */
  async talk(t, { isVideoCall = false, ...browsers } = {}) {
    const pair = await this.pair(t, browsers);
    const callId = await pair.alice.dial(pair.bobId, { isVideoCall });
    await pair.bob.sees('ringing');
    await pair.bob.accept();
    await Promise.all([pair.alice.sees('connected'), pair.bob.sees('connected')]);
    return { ...pair, callId };
  }

  /** What the server knows of a call. */
  record(callId) {
    return JSON.parse(this.server.tell('call', 'show', this.server.ready.app_id, callId, '--json'));
  }

  async strike() {
    const browsers = await Promise.allSettled(this.#browsers.values());
    await Promise.allSettled(browsers.map(({ value }) => value?.close()));
    await this.site?.stop();
    await this.server?.stop();
    await this.proxy?.stop();
    this.networks?.remove();
    this.certificate?.remove();
  }
}
