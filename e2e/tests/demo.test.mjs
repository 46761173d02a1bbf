/** The quickstart page, as two people use it: two links, one call. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium, takePicture } from '../browser.mjs';
import { startDemo } from '../server.mjs';
import { PATIENCE_MS, until } from '../until.mjs';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Opens a link in a profile of its own; notes all that the page complains about. */
async function open(link, { width = 1280, height = 800, scheme = 'light' } = {}) {
  const profile = await browser.createBrowserContext();
  const page = await profile.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.complaints = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) page.complaints.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(error.message));
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(link, { waitUntil: 'load' });
  return page;
}

const isOnline = (page) => page.waitForSelector('.connection[data-state="connected"]');
const showsFace = (page, face) => page.waitForSelector(`offhook-call[face="${face}"]`);
/** Something inside of the element. */
const within = (selector) => `offhook-call >>> ${selector}`;
const press = (page, button) => page.click(`::-p-aria([name="${button}"][role="button"])`);

/** Waits until the page shows these words. */
function says(page, words) {
  return until(`the page to say ${JSON.stringify(words)}`, () =>
    page.evaluate((wanted) => {
      const element = document.querySelector('offhook-call')?.shadowRoot;
      const shown = [document.body, ...(element?.children ?? [])].map(({ innerText }) => innerText);
      return shown.some((text) => text.includes(wanted));
    }, words),
  );
}

/** Waits for moving pictures in both views. */
function hasPictures(page) {
  return until('pictures in both views', () =>
    page.$$eval(within('.call video'), (views) => views.every(({ videoWidth, currentTime }) => videoWidth > 0 && currentTime > 0)),
  );
}

test('two people open their links, ring, talk, mute and hang up', async () => {
  const [alice, bob] = await Promise.all([
    open(demo.ready.links[0]),
    open(demo.ready.links[1], { width: 390, height: 844, scheme: 'dark' }),
  ]);
  await Promise.all([isOnline(alice), isOnline(bob)]);
  assert.equal(await alice.evaluate(() => location.hash), '', 'the token is gone from the address bar');
  await says(alice, 'No calls yet');
  await Promise.all([takePicture(alice, 'demo-first'), takePicture(bob, 'demo-first-phone')]);

  await press(alice, 'Video call');
  await bob.waitForSelector(within('.ring-card'));
  await says(bob, 'Incoming video call');
  await says(alice, 'Ringing…');
  await Promise.all([takePicture(alice, 'demo-ringing'), takePicture(bob, 'demo-incoming-phone')]);

  // By keyboard: Answer has the focus.
  await bob.keyboard.press('Enter');
  await Promise.all([showsFace(alice, 'talking'), showsFace(bob, 'talking')]);
  await Promise.all([hasPictures(alice), hasPictures(bob)]);
  await until('the clock to go', () => alice.$eval(within('.call-time'), ({ textContent }) => textContent !== '0:00'));
  await Promise.all([says(alice, 'Direct'), says(bob, 'Direct')]);
  await Promise.all([takePicture(alice, 'demo-talking'), takePicture(bob, 'demo-talking-phone')]);

  await bob.keyboard.press('m');
  await says(alice, 'Bob has turned off the microphone.');
  await bob.click(within('.control.camera'));
  await says(alice, 'Bob has turned off the microphone and camera.');
  await takePicture(alice, 'demo-no-picture');
  assert.equal(await bob.$eval(within('video.local'), ({ hidden }) => hidden), true, 'no frozen picture of oneself');
  await bob.click(within('.control.devices'));
  await takePicture(bob, 'demo-devices-phone');
  assert.deepEqual(
    await bob.$$eval(within('.panel .label'), (labels) => labels.map(({ textContent }) => textContent)),
    ['Microphone', 'Camera', 'Speaker'],
  );

  await alice.click(within('.control.end'));
  await Promise.all([showsFace(alice, 'ended'), showsFace(bob, 'ended')]);
  await says(alice, 'You hung up.');
  await says(bob, 'Alice hung up.');
  await Promise.all([takePicture(alice, 'demo-ended'), takePicture(bob, 'demo-ended-phone')]);
  await press(alice, 'Close');
  await alice.waitForSelector('.log li');
  await takePicture(alice, 'demo-log');

  assert.deepEqual(alice.complaints, []);
  assert.deepEqual(bob.complaints, []);
  await Promise.all([alice.browserContext().close(), bob.browserContext().close()]);
});

test('an audio call shows a face, and a decline is told in words', async () => {
  const [alice, bob] = await Promise.all([
    open(demo.ready.links[0], { scheme: 'dark' }),
    open(demo.ready.links[1], { width: 390, height: 844 }),
  ]);
  await Promise.all([isOnline(alice), isOnline(bob)]);
  await press(bob, 'Audio call');
  await alice.waitForSelector(within('.ring-card'));
  await takePicture(alice, 'demo-incoming');
  await press(alice, 'Decline');
  await says(bob, 'Alice declined.');
  await press(bob, 'Call again');
  await alice.waitForSelector(within('.ring-card'));
  await press(alice, 'Answer');
  await Promise.all([showsFace(alice, 'talking'), showsFace(bob, 'talking')]);
  // The fake microphone beeps once a second: the level moves.
  await until('the level to move', () =>
    alice.$$eval(within('.level i'), (bars) => bars.some((bar) => Number(bar.style.getPropertyValue('--level')) > 0.3)),
  );
  await Promise.all([takePicture(alice, 'demo-audio'), takePicture(bob, 'demo-audio-phone')]);
  assert.equal(await alice.$(within('video.remote')), null);

  // A reload leaves the call; the tab stays signed in.
  await bob.reload({ waitUntil: 'load' });
  await isOnline(bob);
  await says(alice, 'Bob hung up.');
  assert.deepEqual(alice.complaints, []);
  assert.deepEqual(bob.complaints, []);
  await Promise.all([alice.browserContext().close(), bob.browserContext().close()]);
});

test('a wrong token is named, and the form lets one try again', async () => {
  const page = await open(demo.ready.links[0].replace(/token=[^&]*/, 'token=wrong'));
  await says(page, '400302');
  assert.equal(await page.$eval('#field-user', ({ value }) => value), 'alice');
  await takePicture(page, 'demo-wrong-token');
  await page.browserContext().close();
});
