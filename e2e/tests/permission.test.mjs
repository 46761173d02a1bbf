/** The browser asks for microphone and camera as it does for everybody: nothing may wait for the answer. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from '../browser.mjs';
import { Stage } from '../stage.mjs';

let stage;
before(async () => {
  const asking = () => launchChromium({ hasFakePermission: false });
  stage = await Stage.set({ launchers: { asking } });
});
after(() => stage?.strike());

test('nobody is asked before accept, and a permission that comes late still brings sound and picture', async (t) => {
  const { alice, bob, bobId } = await stage.pair(t, { callee: 'asking' });
  await bob.evaluate(() => {
    // The question stays open until the test answers it.
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    window.asked = 0;
    const answer = new Promise((resolve) => {
      window.answer = resolve;
    });
    mediaDevices.getUserMedia = async (constraints) => {
      window.asked += 1;
      await answer;
      return ask(constraints);
    };
  });
  await alice.dial(bobId, { isVideoCall: true });
  await bob.sees('ringing');
  assert.equal(await bob.evaluate(() => window.asked), 0, 'while it rings');
  await bob.accept();
  await Promise.all([alice.sees('established'), bob.sees('established')]);
  // Bob sees and hears alice before he has said yes to his own camera.
  await bob.receives({ video: true });
  assert.ok((await bob.evaluate(() => window.asked)) > 0, 'after accept');

  await bob.page.browserContext().overridePermissions(stage.site.url, ['camera', 'microphone']);
  await bob.evaluate(() => window.answer());
  await Promise.all([alice.sees('connected'), bob.sees('connected')]);
  await alice.receives({ video: true });
});
