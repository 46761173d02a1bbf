/** A page that nobody has looked at for a while still rings. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from '../browser.mjs';
import { Stage } from '../stage.mjs';
import { inTime } from '../until.mjs';

/** How the driver keeps pages awake that are not looked at. */
const ANTI_THROTTLING = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];
/** Throttling to one timer a minute starts after five minutes; the test does not wait that long. */
const SOON = '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/5';

let stage;
before(async () => {
  const throttling = () => launchChromium({ flags: [SOON], without: ANTI_THROTTLING });
  stage = await Stage.set({ launchers: { throttling } });
});
after(() => stage?.strike());

test('a hidden page whose timers are throttled rings and takes the call', async (t) => {
  const { alice, bob, bobId } = await stage.pair(t, { callee: 'throttling' });
  const cover = await bob.page.browserContext().newPage();
  await cover.goto('about:blank');
  await cover.bringToFront();
  assert.equal(await bob.evaluate(() => document.visibilityState), 'hidden');

  // The proof that it is throttled: a timer of 200 ms is kept waiting for half a minute.
  const throttled = bob.page.evaluate(
    () =>
      new Promise((resolve) => {
        let last = performance.now();
        setInterval(() => {
          const now = performance.now();
          if (now - last > 30_000) resolve(now - last);
          last = now;
        }, 200);
      }),
  );
  const gap = await inTime('the page to be throttled', throttled, { within: 150_000 });
  assert.ok(gap > 30_000);

  await alice.dial(bobId);
  // Sooner than any throttled timer would come.
  await bob.sees('ringing', {}, { within: 20_000 });
  await alice.sees('dialReceived', {}, { within: 20_000 });
  await bob.accept();
  await Promise.all([alice.sees('connected'), bob.sees('connected')]);
  await Promise.all([alice.receives(), bob.receives()]);
});
