/** An operator at `/dashboard`: signs in, finds things by their names as a screen reader would, and looks. */

import assert from 'node:assert/strict';

import { isAccessible } from './accessible.mjs';
import { takePicture } from './browser.mjs';
import { PATIENCE_MS, until } from './until.mjs';

/** Makes an administrator as an operator does, beside the running server; gives name and password. */
export function makeAdministrator(server, name = 'ada', role = 'owner') {
  const words = server.tell('admin', 'create', name, '--role', role, '--generate');
  return { name, password: words.match(/this once: (\S+)/)[1] };
}

export class Dashboard {
  #url;
  #page;

  /** Opens the dashboard of `server` in a profile of its own, which is closed when the test `t` is over. */
  static async open(t, browser, server, { place = '/', width = 1280, height = 900, scheme = 'light' } = {}) {
    const profile = await browser.createBrowserContext();
    t.after(() => profile.close());
    const page = await profile.newPage();
    const dashboard = new Dashboard(page, `${server.url}/dashboard`);
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      // That nobody is signed in is no fault.
      if (['error', 'warn'].includes(message.type()) && !/Failed to load resource.*40\d/.test(message.text())) {
        dashboard.complaints.push(message.text());
      }
    });
    page.on('pageerror', (error) => dashboard.complaints.push(error.message));
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await dashboard.go(place);
    return dashboard;
  }

  /** What the browser complained of. */
  complaints = [];

  constructor(page, url) {
    this.#page = page;
    this.#url = url;
  }

  get page() {
    return this.#page;
  }

  /** Where the page is, below `/dashboard`, with what follows `?`. */
  get place() {
    return this.#page.url().slice(this.#url.length) || '/';
  }

  /** Loads a place anew, as from a bookmark. */
  async go(place) {
    await this.#page.goto(this.#url + (place === '/' ? '' : place), { waitUntil: 'load' });
    await this.#page.waitForSelector('h1');
  }

  /** Signs in by name and password. */
  async signIn({ name, password }) {
    await this.fill('Name', name);
    await this.fill('Password', password);
    await this.press('Sign in');
    await this.heading(/^(?!Sign in)/);
  }

  /** Presses the button of that name. */
  press(name) {
    return this.#click('button', name);
  }

  /** Follows the link of that name. */
  follow(name) {
    return this.#click('link', name);
  }

  async #click(role, name) {
    await this.#page.locator(`::-p-aria([name="${name}"][role="${role}"])`).click();
  }

  /** Writes into the field of that label, instead of what is there. */
  async fill(label, text) {
    const field = await this.#field(label);
    await field.evaluate((element) => element.select());
    await (text === '' ? field.press('Backspace') : field.type(text));
  }

  /** Chooses an option by its value. */
  async choose(label, value) {
    const field = await this.#field(label);
    await field.select(value);
  }

  /** What stands in a field. */
  async value(label) {
    const field = await this.#field(label);
    return field.evaluate((element) => element.value);
  }

  async #field(label) {
    const field = await this.#page.waitForSelector(`::-p-aria([name="${label}"])`);
    assert.notEqual(field, null, `there is no field ${label}`);
    return field;
  }

  /** Waits until the page, or the dialog over it, reads so. */
  async reads(words) {
    const isThere = (text) => (words instanceof RegExp ? words.test(text) : text.includes(words));
    let text = '';
    try {
      await until(`the page to read ${words}`, async () => isThere((text = await this.text())));
    } catch (error) {
      throw new Error(`${error.message}; it reads:\n${text}`, { cause: error });
    }
  }

  /** Waits until the page is called so. */
  async heading(words) {
    // A page that is being left for another answers nothing.
    const heading = () => this.#page.evaluate(() => document.querySelector('h1')?.textContent ?? '').catch(() => '');
    await until(`the page to be called ${words}`, async () => words.test(await heading()));
  }

  /** What the dialog on top says, or the page where none is open. */
  text() {
    return this.#page.evaluate(() => ([...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body).innerText);
  }

  /** The secret that the open dialog shows. */
  async secret() {
    await this.#page.waitForSelector('dialog[open] .copy-field code');
    return this.#page.$eval('dialog[open] .copy-field code', ({ textContent }) => textContent);
  }

  /** Waits until no dialog is open. */
  closed() {
    return until('the dialog to close', () => this.#page.evaluate(() => document.querySelector('dialog[open]') === null));
  }

  /** The rows of a table, as they read. */
  rows(label) {
    return this.#page.$$eval(`[role=table][aria-label="${label}"] .table-body > [role=row]`, (rows) => rows.map(({ innerText }) => innerText));
  }

  /** Fails if axe finds anything on the page as it is, or if it is wider than the window. */
  async isAccessible() {
    await isAccessible(this.#page, this.place);
  }

  /** Takes a picture of what the window shows. */
  async picture(name) {
    await takePicture(this.#page, `dashboard-${name}`);
  }
}
