/** A page that is signed in and waits for calls costs nothing: no timer in less than ten seconds, no processor time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Device } from '../device.mjs';
import { Stage } from '../stage.mjs';

/** Longer than two pings of the server, which come every 25 s. */
const IDLE_MS = 65_000;
/** Once signed in, work of that moment comes to an end. */
const SETTLE_MS = 3_000;
/** Timers of a connected page are to be at least this far apart. */
const FASTEST_MS = 10_000;
/** Of processor time, in a thousand of all time: a tenth of a percent. */
const MOST_PER_MILLE = 1;

test('an idle page sets no timer faster than ten seconds and takes no processor time', async (t) => {
  const stage = await Stage.set();
  t.after(() => stage.strike());
  const browser = await stage.browser();
  const [idle, blank, busy] = await Promise.all(
    ['idle', 'blank', 'busy'].map(async (name) => {
      const profile = await browser.createBrowserContext();
      const page = await profile.newPage();
      await page.evaluateOnNewDocument(watchTimers);
      await page.goto(stage.site.url, { waitUntil: 'load' });
      return new Device(page, name);
    }),
  );
  await idle.signIn(stage.server, await stage.user('alice'));
  // The twin: what the slightest polling would look like to the same measure.
  await busy.evaluate(() => {
    setInterval(() => {
      const until = performance.now() + 5;
      while (performance.now() < until);
    }, 1000);
  });
  await pause(SETTLE_MS);

  const [ours, nothing, polling] = await Promise.all([idle, blank, busy].map(rest));
  t.diagnostic(`per mille: ${ours.perMille}, a blank page ${nothing.perMille}, one that polls ${polling.perMille}`);
  assert.deepEqual(ours.fast, [], 'no timer is faster');
  // On a machine that is busy otherwise even a blank page takes more than on one that is not.
  assert.ok(ours.perMille < Math.max(MOST_PER_MILLE, 1.5 * nothing.perMille), `${ours.perMille} ‰ of the time`);

  assert.ok(polling.fast.length > 50, 'a timer of one second is seen');
  assert.ok(polling.perMille > MOST_PER_MILLE, `what a timer of one second costs is seen: ${polling.perMille} ‰`);
});

/** Lets a page be: which of its timers fired less than ten seconds after they had been set, and how busy it was. */
async function rest(device) {
  const session = await device.page.createCDPSession();
  // Processor time, and not how long it took to get it.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration').value;
  };
  const busyMs = await read();
  const before = await device.evaluate(() => window.firedTimers.length);
  await pause(IDLE_MS);
  const fired = await device.evaluate((from) => window.firedTimers.slice(from), before);
  return {
    fast: fired.filter(({ delayMs }) => delayMs < FASTEST_MS),
    perMille: (1000 * ((await read()) - busyMs)) / IDLE_MS,
  };
}

/** In the page, before all else: notes each timer that fires, and what it had been set to. */
function watchTimers() {
  window.firedTimers = [];
  const note = (kind, delayMs, callback) =>
    function (...values) {
      window.firedTimers.push({ kind, delayMs });
      return callback.apply(this, values);
    };
  const { setTimeout, setInterval, requestAnimationFrame } = window;
  window.setTimeout = (callback, delayMs = 0, ...values) => setTimeout(note('timeout', delayMs, callback), delayMs, ...values);
  window.setInterval = (callback, delayMs = 0, ...values) => setInterval(note('interval', delayMs, callback), delayMs, ...values);
  window.requestAnimationFrame = (callback) => requestAnimationFrame(note('frame', 0, callback));
}
