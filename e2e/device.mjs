/** A device: one page of another origin, in a profile of its own, with one user signed in. */

import { inTime, PATIENCE_MS, until } from './until.mjs';

export class Device {
  #page;
  #name;

  constructor(page, name) {
    this.#page = page;
    this.#name = name;
  }

  /** Opens the site's page in a fresh profile of `browser`. */
  static async open(browser, site, name) {
    const profile = await browser.createBrowserContext();
    const page = await profile.newPage();
    page.setDefaultNavigationTimeout(PATIENCE_MS);
    const complaints = [];
    page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
    page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.url()}: ${response.status()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(site.url, { waitUntil: 'load' });
    const isThere = () => page.evaluate(() => window.SendBirdCall !== undefined);
    if (!(await isThere())) {
      // A browser on a busy machine has given a script up before: a person would load the page again.
      console.error(`${name}'s page has no SDK, and is loaded again: ${complaints.join(', ')}`);
      await page.reload({ waitUntil: 'load' });
      if (!(await isThere())) throw new Error(`${name}'s page has no SDK: ${complaints.join(', ')}`);
    }
    return new Device(page, name);
  }

  get page() {
    return this.#page;
  }

  /** Signs in, with an access token or a session token, and opens the socket. */
  async signIn(server, user) {
    await this.evaluate((options) => window.device.signIn(options), { appId: server.ready.app_id, ...user });
    return this;
  }

  /** Dials; gives the call's id. */
  async dial(userId, { isVideoCall = false, ...more } = {}) {
    const answer = await this.tryDial(userId, { isVideoCall, ...more });
    if (answer.callId === undefined) {
      throw new Error(`${this.#name} could not dial ${userId}: ${answer.message} (${answer.code})`);
    }
    return answer.callId;
  }

  /** Dials; gives the call's id, or the refusal's code. */
  tryDial(userId, params) {
    return this.evaluate((options) => window.device.dial(options), { userId, isVideoCall: false, ...params });
  }

  accept(options = {}) {
    return this.evaluate((wanted) => window.device.accept(wanted), options);
  }

  end() {
    return this.evaluate(() => window.device.call().end());
  }

  /** Calls a method of the newest call. */
  tell(method) {
    return this.evaluate((name) => window.device.call()[name](), method);
  }

  /** Reads a value of the newest call. */
  read(name) {
    return this.evaluate((value) => {
      const found = window.device.call()[value];
      return typeof found === 'object' ? JSON.parse(JSON.stringify(found)) : found;
    }, name);
  }

  /** Waits for an event, past ones included. */
  sees(name, values = {}, { within = PATIENCE_MS, from = 0 } = {}) {
    const event = this.#page.evaluate(
      (wanted, needed, first) => window.device.until(wanted, needed, first),
      name,
      values,
      from,
    );
    return inTime(`${this.#name} to see ${name} ${JSON.stringify(values)}`, event, {
      within,
      describe: async () => `; it saw: ${JSON.stringify(await this.events())}`,
    });
  }

  /** All events so far. */
  events() {
    return this.evaluate(() => window.device.events);
  }

  /** The names of all events of calls so far, in order. */
  async story() {
    return (await this.events()).filter(({ callId }) => callId !== undefined).map(({ name }) => name);
  }

  media() {
    return this.evaluate(() => window.device.media());
  }

  /** The pair of candidates that each open connection uses, if it has selected one. */
  pairs() {
    return this.evaluate(() => window.device.pairs());
  }

  /** Waits until audio (and decoded video) come in, beyond what had come before. */
  async receives({ video = false } = {}) {
    const before = await this.media();
    return until(`${this.#name} to receive ${video ? 'audio and video' : 'audio'}`, async () => {
      const media = await this.media();
      const hasAudio = media.audioReceived > before.audioReceived + 20;
      const hasVideo = media.framesDecoded > before.framesDecoded + 10;
      return hasAudio && (!video || hasVideo) ? media : null;
    });
  }

  evaluate(work, ...values) {
    return inTime(`${this.#name}'s page`, this.#page.evaluate(work, ...values));
  }

  /** Ends the page's process without a last word. (A page that is closed may have one: a microphone that is still asked for is refused to it.) Chromium's alone. */
  async crash() {
    const session = await this.#page.createCDPSession();
    // There is nobody left to answer.
    session.send('Page.crash').catch(() => undefined);
    await new Promise((resolve) => this.#page.once('error', resolve));
  }

  /** Closes the page; again, and nothing happens. */
  async close() {
    if (!this.#page.isClosed()) {
      await this.#page.browserContext().close();
    }
  }
}
