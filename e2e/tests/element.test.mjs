/** The element `<offhook-call>` as its README shows it: its five faces, hold, a second call, what is missing. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { takePicture } from '../browser.mjs';
import { cut } from '../network.mjs';
import { ROOT } from '../server.mjs';
import { Stage } from '../stage.mjs';
import { PATIENCE_MS, until } from '../until.mjs';

const [, SNIPPET] = /```html\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'web/element/README.md'), 'utf8'));

let stage;
const users = {};
before(async () => {
  stage = await Stage.set({
    // No relay: what cuts the direct way cuts the call.
    configuration: '[relay]\nlisten = []\n',
    pages: (server) => ({
      '/readme': `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>calls</title>
        <meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"></head>
        <body>${SNIPPET.replaceAll('https://calls.example.org', server.url).replace('APP_ID', server.ready.app_id)}</body></html>`,
    }),
  });
  for (const name of ['Alice', 'Bob', 'Carol']) {
    users[name] = await stage.server.platform.createUser(name.toLowerCase(), name);
  }
});
after(() => stage?.strike());

/** Opens the README's page for a user in a profile of its own; notes its complaints and its faces. */
async function open(t, name, { width = 1280, height = 800, scheme = 'light', browser = 'chromium', prepare } = {}) {
  const profile = await (await stage.browser(browser)).createBrowserContext();
  t.after(() => profile.close());
  const page = await profile.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.complaints = [];
  page.faces = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) page.complaints.push(message.text());
    else page.faces.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(error.message));
  // The driver turns the screen with the viewport, and Debian's Firefox knows no command for that.
  if (browser === 'chromium') {
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  }
  // The site's own server, as far as the page needs it.
  await page.evaluateOnNewDocument((user) => {
    const { fetch } = window;
    window.fetch = (url, ...more) => (url === '/me' ? Promise.resolve(Response.json(user)) : fetch(url, ...more));
    window.connections = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...options) {
        super(...options);
        window.connections.push(this);
      }
    };
  }, users[name]);
  if (prepare) await page.evaluateOnNewDocument(prepare);
  await page.goto(`${stage.site.url}/readme`, { waitUntil: 'load' });
  await until(`${name} to be online`, () => page.evaluate(() => document.querySelector('offhook-call').connectionState === 'connected'));
  return page;
}

const within = (selector) => `offhook-call >>> ${selector}`;
const showsFace = (page, face) => page.waitForSelector(`offhook-call[face="${face}"]`);
/** The driver's own waiting looks again when the document changes, and the shadow of the element is none of it. */
const sees = (page, selector) => until(`${selector} to be there`, () => page.$(within(selector)));
/** Presses what is called so, as a screen reader finds it. */
const press = async (page, name) => {
  const button = await page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`);
  await button.click();
};

/** What stands in the element where it can be seen. */
const words = (page) => page.evaluate(() => [...document.querySelector('offhook-call').shadowRoot.children].map(({ innerText }) => innerText).join('\n'));
const says = (page, wanted) => until(`the page to say ${JSON.stringify(wanted)}`, async () => (await words(page)).includes(wanted));
const isSilent = (page, unwanted) => until(`the page to say ${JSON.stringify(unwanted)} no more`, async () => !(await words(page)).includes(unwanted));
const dial = (page, userId, options) => page.evaluate((who, how) => void document.querySelector('offhook-call').dial(who, how), userId, options);

/** The UDP ports on which a page receives media. */
const ports = (page) =>
  page.evaluate(async () => {
    const reports = await Promise.all(window.connections.filter(({ connectionState }) => connectionState !== 'closed').map((one) => one.getStats()));
    return reports.flatMap((report) => [...report.values()].filter(({ type, protocol }) => type === 'local-candidate' && protocol === 'udp').map(({ port }) => port));
  });

/** Each thing that can be pressed is at least 44 by 44, and in the window. */
async function hasRoomForFingers(page) {
  const small = await page.evaluate(() =>
    [...document.querySelector('offhook-call').shadowRoot.querySelectorAll('button, select')]
      .filter((one) => one.checkVisibility())
      .map((one) => [one.innerText, one.getBoundingClientRect()])
      .filter(([, { width, height, left, right, bottom }]) => width < 44 || height < 44 || left < 0 || right > innerWidth || bottom > innerHeight)
      .map(([name, { width, height, left, right }]) => `${name}: ${width} × ${height} from ${left} to ${right}`),
  );
  assert.deepEqual(small, []);
}

test('a video call goes through its faces on a desktop and a phone, by keyboard too', async (t) => {
  const alice = await open(t, 'Alice');
  const bob = await open(t, 'Bob', { width: 390, height: 844, scheme: 'dark' });
  await takePicture(alice, 'element-offer');
  await press(alice, 'Video call');
  await sees(bob, '.ring-card');
  await says(bob, 'Incoming video call');
  await says(alice, 'Ringing…');
  await Promise.all([takePicture(alice, 'element-ringing'), takePicture(bob, 'element-incoming-phone-dark')]);
  await Promise.all([hasRoomForFingers(alice), hasRoomForFingers(bob)]);

  await bob.keyboard.press('Enter');
  await Promise.all([showsFace(alice, 'talking'), showsFace(bob, 'talking')]);
  await until('pictures on both sides', async () => {
    const views = await Promise.all([alice, bob].map((page) => page.$$eval(within('.call video'), (all) => all.every((one) => one.videoWidth > 0 && one.checkVisibility()))));
    return views.every(Boolean);
  });
  await until('the clock to go', () => alice.$eval(within('.call-time'), ({ textContent }) => textContent !== '0:00'));
  await Promise.all([takePicture(alice, 'element-talking'), takePicture(bob, 'element-talking-phone-dark')]);
  await Promise.all([hasRoomForFingers(alice), hasRoomForFingers(bob)]);

  await bob.keyboard.press('m');
  await says(alice, 'Bob has turned off the microphone.');
  await bob.keyboard.press('m');
  await isSilent(alice, 'Bob has turned off the microphone.');

  await press(alice, 'Screen');
  await says(alice, 'Bob sees your screen.');
  await takePicture(alice, 'element-sharing');
  await press(alice, 'Stop');
  await isSilent(alice, 'Bob sees your screen.');

  await press(alice, 'Record');
  await says(alice, 'You are recording this call.');
  await says(bob, 'Alice is recording this call.');
  await takePicture(bob, 'element-recorded-phone-dark');
  // Encoders take a moment to begin where others want the processor, too: of nothing there is no file.
  await pause(3_000);
  await press(alice, 'Stop');
  await says(alice, 'The recording is in your downloads.');
  await isSilent(bob, 'Alice is recording this call.');

  await press(bob, 'Hold');
  await says(bob, 'You have put Alice on hold.');
  await says(alice, 'Bob has put you on hold.');
  await Promise.all([takePicture(alice, 'element-held'), takePicture(bob, 'element-holding-phone-dark')]);
  await press(bob, 'Resume');
  await isSilent(alice, 'Bob has put you on hold.');

  const mend = cut([...new Set([...(await ports(alice)), ...(await ports(bob))])]);
  t.after(mend);
  await Promise.all([showsFace(alice, 'reconnecting'), showsFace(bob, 'reconnecting')]);
  await says(alice, 'Reconnecting. The call goes on when the network is back.');
  await Promise.all([takePicture(alice, 'element-reconnecting'), takePicture(bob, 'element-reconnecting-phone-dark')]);
  await Promise.all([showsFace(alice, 'talking'), showsFace(bob, 'talking')]);

  await press(alice, 'End');
  await Promise.all([showsFace(alice, 'ended'), showsFace(bob, 'ended')]);
  await says(alice, 'You hung up.');
  await says(bob, 'Alice hung up.');
  await Promise.all([takePicture(alice, 'element-ended'), takePicture(bob, 'element-ended-phone-dark')]);
  await press(alice, 'Close');
  await showsFace(alice, 'idle');
  const focused = await alice.evaluate(() => document.querySelector('offhook-call').shadowRoot.activeElement?.innerText);
  assert.equal(focused, 'Video call', 'the focus is where it was');
  assert.deepEqual(alice.faces, ['ringing', 'connecting', 'talking', 'reconnecting', 'talking', 'ended', 'idle']);
  assert.deepEqual(alice.complaints, []);
  assert.deepEqual(bob.complaints, []);
});

test('a second call is answered while the first is held, the two are switched, and the first comes back', async (t) => {
  const alice = await open(t, 'Alice', { scheme: 'dark' });
  const bob = await open(t, 'Bob');
  const carol = await open(t, 'Carol');
  await dial(alice, 'bob', { video: false });
  await press(bob, 'Answer');
  await Promise.all([showsFace(alice, 'talking'), showsFace(bob, 'talking')]);
  await until('the level to move', () =>
    alice.$$eval(within('.level i'), (bars) => bars.some((bar) => Number(bar.style.getPropertyValue('--level')) > 0.3)),
  );
  await Promise.all([takePicture(alice, 'element-audio-dark'), takePicture(bob, 'element-audio')]);

  await dial(carol, 'alice', { video: true });
  await sees(alice, '.ring-card');
  await takePicture(alice, 'element-second-call-dark');
  await hasRoomForFingers(alice);
  await press(alice, 'Hold Bob and answer');
  await showsFace(carol, 'talking');
  await says(alice, 'Bob is on hold');
  await says(bob, 'Alice has put you on hold.');
  await takePicture(alice, 'element-two-calls-dark');

  await press(alice, 'Switch');
  await says(alice, 'Carol is on hold');
  await says(carol, 'Alice has put you on hold.');
  await isSilent(bob, 'Alice has put you on hold.');

  await press(carol, 'End');
  await isSilent(alice, 'Carol is on hold');
  assert.equal(await alice.$eval('offhook-call', ({ face, call }) => `${face} to ${call.remoteUser.userId}`), 'talking to bob');

  await dial(carol, 'alice', { video: false });
  await press(alice, 'End and answer');
  await Promise.all([showsFace(bob, 'ended'), showsFace(carol, 'talking')]);
  await dial(bob, 'alice');
  await sees(alice, '.ring-card');
  await press(alice, 'Decline');
  await says(bob, 'Alice declined.');
  assert.equal(await alice.$eval('offhook-call', ({ face, call }) => `${face} to ${call.remoteUser.userId}`), 'talking to carol');
});

test('a call that connects behind another is on hold from the start, and so is the first of two that ring', async (t) => {
  const alice = await open(t, 'Alice');
  const bob = await open(t, 'Bob');
  const carol = await open(t, 'Carol');
  await dial(alice, 'bob', { video: false });
  await sees(bob, '.ring-card');
  await dial(carol, 'alice', { video: false });
  await press(alice, 'Hold Bob and answer');
  await Promise.all([showsFace(alice, 'talking'), showsFace(carol, 'talking')]);
  await says(alice, 'Calling Bob…');
  await press(bob, 'Answer');
  await says(bob, 'Alice has put you on hold.');
  await says(alice, 'Bob is on hold');
  assert.equal(await alice.$eval('offhook-call', ({ call }) => `${call.remoteUser.userId} ${call.isOnHold}`), 'carol false');
  await press(bob, 'End');
  await press(carol, 'End');
  await press(alice, 'Close');
  await press(bob, 'Close');
  await press(carol, 'Close');

  await dial(bob, 'alice', { video: false });
  await sees(alice, '.ring-card');
  await dial(carol, 'alice', { video: false });
  await until('two cards', async () => (await alice.$$(within('.ring-card'))).length === 2);
  await alice.click(within('.ring-card .good'));
  await showsFace(bob, 'talking');
  await press(alice, 'Hold Bob and answer');
  await showsFace(carol, 'talking');
  await says(bob, 'Alice has put you on hold.');
  await says(alice, 'Bob is on hold');
  assert.deepEqual(alice.complaints, []);
});

test('without a camera the call goes on with sound, and says so', async (t) => {
  const alice = await open(t, 'Alice', {
    width: 390,
    height: 844,
    prepare: () => {
      const { mediaDevices } = navigator;
      const ask = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = async (constraints) => {
        if (constraints.video) throw new DOMException('none', 'NotFoundError');
        return ask(constraints);
      };
    },
  });
  const bob = await open(t, 'Bob');
  await press(alice, 'Video call');
  await press(bob, 'Answer');
  await showsFace(alice, 'talking');
  await says(alice, 'No camera was found. The call goes on with sound.');
  await says(bob, 'Alice has turned off the camera.');
  await Promise.all([takePicture(alice, 'element-no-camera-phone'), takePicture(bob, 'element-no-picture')]);
});

test('who takes the element out of the page ends its call; who moves it does not', async (t) => {
  const alice = await open(t, 'Alice');
  const bob = await open(t, 'Bob');
  await press(alice, 'Audio call');
  await press(bob, 'Answer');
  await showsFace(alice, 'talking');
  await alice.evaluate(() => document.body.append(document.createElement('main')));
  await alice.evaluate(() => document.querySelector('main').append(document.querySelector('offhook-call')));
  await until('the clock to go on', () => bob.$eval(within('.call-time'), ({ textContent }) => textContent >= '0:02'));
  await showsFace(bob, 'talking');
  await alice.evaluate(() => document.querySelector('offhook-call').remove());
  await showsFace(bob, 'ended');
});

test('Firefox shows the same call', async (t) => {
  const alice = await open(t, 'Alice');
  const bob = await open(t, 'Bob', { browser: 'firefox' });
  await press(alice, 'Video call');
  await sees(bob, '.ring-card');
  await takePicture(bob, 'element-incoming-firefox');
  await bob.click(within('.ring-card .good'));
  await Promise.all([showsFace(alice, 'talking'), showsFace(bob, 'talking')]);
  await until('pictures on both sides', async () => {
    const views = await Promise.all([alice, bob].map((page) => page.$$eval(within('.call video'), (all) => all.every((one) => one.videoWidth > 0))));
    return views.every(Boolean);
  });
  await takePicture(bob, 'element-talking-firefox');
  await bob.click(within('.control.end'));
  await says(alice, 'Bob hung up.');
  assert.deepEqual(bob.complaints, []);
});
