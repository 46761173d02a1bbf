/** A user without an open page is rung, and told of what was missed. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { PushService } from '../push.mjs';
import { Stage } from '../stage.mjs';
import { inTime, until } from '../until.mjs';

/** Who asks Chromium for the notifications while one is on its way to the screen makes it forget that one. */
const UNSEEN_MS = 1_000;

let service;
let stage;
before(async () => {
  service = await PushService.start();
  stage = await Stage.set({
    configuration: `
      [relay]
      listen = ["127.0.0.1:0"]
      [push]
      allowed_private_endpoints = ["${service.host}"]
    `,
    pages: ({ url }) => ({
      '/sw.js': ['text/javascript', `self.offhookPush = { page: '/phone' };\nimportScripts('${url}/sdk/offhook-sw.js');`],
      '/phone': ['text/html; charset=utf-8', '<!doctype html><title>phone</title>'],
    }),
  });
});
after(async () => {
  await stage?.strike();
  await service?.stop();
});

test('a call rings by a notification and turns into a missed one', async (t) => {
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const phone = await Phone.open(t);
  await register(bob);
  const alices = await stage.device(t, alice);

  const callId = await alices.dial(bob.userId);
  await phone.receive(await service.next('ring'));
  const [ring] = await phone.shows(1);
  assert.equal(ring.title, 'alice');
  assert.equal(ring.body, 'Incoming voice call');
  assert.deepEqual(ring.actions, ['accept', 'decline']);

  await alices.end();
  await phone.receive(await service.next('missed'));
  await until('the missed call to take the place of the ring', async () => {
    const [shown, ...others] = await phone.shows(1);
    return others.length === 0 && shown.title === 'Missed call from alice' && shown.tag === `offhook-${callId}`;
  });
});

test('a page that is seen gets no ring, and one that is not is told of the click', async (t) => {
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const phone = await Phone.open(t);
  await register(bob);
  const alices = await stage.device(t, alice);
  await phone.openPage();
  const callId = await alices.dial(bob.userId);
  const ring = await service.next('ring');
  await phone.receive(ring);
  await phone.handled();
  assert.deepEqual(await phone.notifications(), [], 'the page itself rings');

  await phone.hidePage();
  await phone.receive(ring);
  await phone.shows(1);
  await phone.click('decline');
  const { offhook } = await phone.told();
  assert.deepEqual([offhook.action, offhook.call_id, offhook.call.caller_id], ['decline', callId, alice.userId]);
  assert.deepEqual(await phone.notifications(), []);
  await alices.end();
});

test('a ring that a killed server had not delivered is delivered after its start', async (t) => {
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  await register(bob);
  const alices = await stage.device(t, alice);
  service.isSilent = true;
  const callId = await alices.dial(bob.userId);
  const ring = await service.next('ring');
  assert.equal(JSON.parse(ring).call.call_id, callId);
  await stage.server.kill();
  service.isSilent = false;
  await stage.server.start();
  assert.equal(await service.next('ring'), ring);
});

test('a page subscribes with the key of the server that its script came from', async (t) => {
  const phone = await Phone.open(t);
  await phone.openPage();
  const [key, registered] = await phone.register(`${stage.server.url}/sdk/offhook-push.mjs`, service.token);
  const { public_key } = await (await fetch(`${stage.server.url}/client/v1/web_push`)).json();
  assert.equal(key, public_key);
  assert.deepEqual(registered, [service.token, 'web_push']);
});

/** Registers the service's device for a user, who signs in for this only. */
async function register({ userId, accessToken }) {
  const { session_key } = await post('authenticate', { app_id: stage.server.ready.app_id, user_id: userId, access_token: accessToken });
  await post('push_tokens', { type: 'web_push', token: service.token }, session_key);
}

async function post(path, body, key) {
  const response = await fetch(`${stage.server.url}/client/v1/${path}`, {
    method: 'POST',
    headers: key === undefined ? {} : { Authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

/** A profile that has a service worker and may show notifications; its page is closed. */
class Phone {
  #profile;
  #outside;
  #cdp;
  #registrationId;
  #page = null;

  static async open(t) {
    const phone = new Phone();
    const browser = await stage.browser();
    phone.#profile = await browser.createBrowserContext();
    t.after(() => phone.#profile.close());
    await phone.#profile.overridePermissions(stage.site.url, ['notifications']);
    phone.#outside = await phone.#profile.newPage();
    phone.#cdp = await phone.#outside.createCDPSession();
    phone.#cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL.startsWith(stage.site.url));
      if (ours !== undefined) phone.#registrationId = ours.registrationId;
    });
    await phone.#cdp.send('ServiceWorker.enable');
    await phone.openPage();
    const registered = phone.#page.evaluate(async () => {
      await navigator.serviceWorker.register('/sw.js');
      await navigator.serviceWorker.ready;
    });
    await inTime('the service worker', registered);
    await phone.#page.close();
    await until('the registration', () => phone.#registrationId);
    return phone;
  }

  async openPage() {
    this.#page = await this.#profile.newPage();
    await this.#page.goto(`${stage.site.url}/phone`);
    await this.#page.evaluate(() => {
      window.told = [];
      navigator.serviceWorker.onmessage = ({ data, ports: [answer] }) => {
        answer.postMessage('taken');
        window.told.push(data);
      };
      navigator.serviceWorker.startMessages();
    });
    await this.#page.bringToFront();
  }

  /** Subscribes in the page; the browser's own push service, which is on the Internet, is played by `token`. */
  register(script, token) {
    const done = this.#page.evaluate(
      async (from, subscription) => {
        let key;
        PushManager.prototype.getSubscription = async () => null;
        PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
          key = btoa(String.fromCharCode(...applicationServerKey));
          return { toJSON: () => JSON.parse(subscription) };
        };
        let registered;
        const calls = { registerPushToken: async (...values) => void (registered = values) };
        const { registerForPush } = await import(from);
        await registerForPush(calls, await navigator.serviceWorker.ready);
        return [key.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''), registered];
      },
      script,
      token,
    );
    return inTime('the page to subscribe', done);
  }

  async hidePage() {
    await this.#outside.bringToFront();
    // The worker hears of it later than the page.
    await until('the page to be hidden', () =>
      this.#inWorker(async () => {
        const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
        return windows.length === 1 && windows[0].visibilityState === 'hidden';
      }),
    );
  }

  /** Hands a push to the browser, as its push service would. */
  async receive(data) {
    await this.#cdp.send('ServiceWorker.deliverPushMessage', { origin: stage.site.url, registrationId: this.#registrationId, data });
  }

  /** Waits until pushes that were received before have been dealt with: they are, in their order. */
  async handled() {
    const call = { call_id: 'last', caller_id: 'nobody', caller_profile_url: '', caller_nickname: '' };
    await this.receive(JSON.stringify({ type: 'missed', call }));
    await until('the last push to be shown', async () => {
      await pause(UNSEEN_MS);
      return this.#inWorker(async () => {
        const [last] = await self.registration.getNotifications({ tag: 'offhook-last' });
        last?.close();
        return last !== undefined;
      });
    });
  }

  notifications() {
    return this.#inWorker(async () => {
      const all = await self.registration.getNotifications();
      return all.map(({ title, body, tag, actions }) => ({ title, body, tag, actions: actions.map(({ action }) => action) }));
    });
  }

  /** Waits for so many notifications. */
  shows(count) {
    return until(`${count} notifications`, async () => {
      await pause(UNSEEN_MS);
      const all = await this.notifications();
      return all.length === count && all;
    });
  }

  /** Clicks the one notification. No protocol can press it, so the worker gets the event that the press makes. */
  click(action) {
    return this.#inWorker(async (name) => {
      const [notification] = await self.registration.getNotifications();
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification, action: name }));
    }, action);
  }

  /** What the page was told of a click. */
  told() {
    return until('the page to be told', () => this.#page.evaluate(() => window.told[0]));
  }

  async #inWorker(work, ...values) {
    const isOurs = (target) => target.type() === 'service_worker' && target.url().startsWith(stage.site.url);
    await this.#cdp.send('ServiceWorker.startWorker', { scopeURL: `${stage.site.url}/` });
    const target = await this.#profile.waitForTarget(isOurs, { timeout: 30_000 });
    const worker = await target.worker();
    return inTime('the service worker', worker.evaluate(work, ...values));
  }
}
