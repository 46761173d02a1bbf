/** The browser asks for microphone and camera as it does for everybody: nothing may wait for the answer. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium, launchFirefox } from '../browser.mjs';
import { Device } from '../device.mjs';
import { Stage } from '../stage.mjs';

let stage;
before(async () => {
  const asking = () => launchChromium({ hasFakePermission: false });
  // A name that is not localhost: a page there is not trusted.
  const insecure = () => launchChromium({ flags: ['--host-resolver-rules=MAP insecure.test 127.0.0.1'] });
  // Firefox asks nobody and answers no.
  const refusing = () =>
    launchFirefox({ 'media.navigator.permission.disabled': false, 'permissions.default.camera': 2, 'permissions.default.microphone': 2 });
  stage = await Stage.set({ launchers: { asking, insecure, refusing } });
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

for (const [allowed, isVideoCall] of [
  [['microphone'], true],
  [['camera'], true],
]) {
  test(`with the ${allowed} alone the call goes on, and both sides know what is missing`, async (t) => {
    const { alice, bob, bobId } = await stage.pair(t, { caller: 'asking' });
    await allow(alice, allowed);
    await alice.dial(bobId, { isVideoCall });
    await bob.sees('ringing');
    await bob.accept();
    await Promise.all([alice.sees('connected'), bob.sees('connected')]);
    await alice.receives({ video: true });
    const isHeard = allowed.includes('microphone');
    for (const [device, side] of [
      [alice, 'Local'],
      [bob, 'Remote'],
    ]) {
      assert.deepEqual([await device.read(`is${side}AudioEnabled`), await device.read(`is${side}VideoEnabled`)], [isHeard, !isHeard], side);
    }
    if (isHeard) {
      await bob.receives();
      // Allowed meanwhile: started like a camera that was off.
      await allow(alice, ['microphone', 'camera']);
      await alice.tell('startVideo');
      await bob.sees('remoteVideo', { isEnabled: true });
      await bob.receives({ video: true });
    }
  });
}

for (const browser of ['asking', 'refusing']) {
  test(`a dial with everything refused fails (${browser}), and the callee stops ringing`, async (t) => {
    const { alice, bob, bobId } = await stage.pair(t, { caller: browser });
    if (browser === 'asking') await allow(alice, []);
    const answer = await alice.tryDial(bobId, { isVideoCall: true });
    // The server may have answered before the browser has refused; then the end tells.
    if (answer.code !== undefined) {
      assert.equal(answer.code, 1400105);
      assert.match(answer.message, /allowed/);
    }
    assert.equal((await alice.sees('ended')).endResult, 'dial_failed');
    const seen = (await bob.events()).some(({ name }) => name === 'ringing') ? await bob.sees('ended') : undefined;
    if (seen !== undefined) assert.equal(seen.endResult, 'canceled');
    assert.equal(await alice.evaluate(() => window.SendBirdCall.getOngoingCallCount()), 0);

    // Listening asks for nothing.
    const callId = await alice.dial(bobId, { isVideoCall: true, callOption: { audioEnabled: false, videoEnabled: false } });
    await bob.sees('ringing', { callId });
    await bob.accept();
    await Promise.all([alice.sees('connected', { callId }), bob.sees('connected', { callId })]);
    await alice.receives({ video: true });
    assert.deepEqual([await bob.read('isRemoteAudioEnabled'), await bob.read('isRemoteVideoEnabled')], [false, false]);
  });

  test(`an accept with everything refused fails (${browser}), and the caller does not wait`, async (t) => {
    const { alice, bob, bobId } = await stage.pair(t, { callee: browser });
    if (browser === 'asking') await allow(bob, []);
    await alice.dial(bobId);
    await bob.sees('ringing');
    await bob.accept();
    assert.equal((await bob.sees('ended')).endResult, 'accept_failed');
    const { endResult } = await alice.sees('ended', {}, { within: 20_000 });
    assert.ok(['not_connected', 'completed', 'declined'].includes(endResult), endResult);
  });
}

test('on an insecure origin a dial fails with a sentence that says what to do, and listening works', async (t) => {
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const bobs = await stage.device(t, bob);
  const url = stage.site.url.replace('127.0.0.1', 'insecure.test');
  const alices = await Device.open(await stage.browser('insecure'), { url }, 'alice');
  t.after(() => alices.close());
  await alices.signIn(stage.server, alice);
  assert.equal(await alices.evaluate(() => navigator.mediaDevices === undefined), true);
  const { code, message } = await alices.tryDial(bob.userId);
  assert.equal(code, 1400105);
  assert.match(message, /HTTPS/);
  const callId = await alices.dial(bob.userId, { callOption: { audioEnabled: false } });
  await bobs.sees('ringing', { callId });
  await bobs.accept();
  await alices.sees('connected', { callId });
  await alices.receives();
});

/** What the browser answers this page from here on: everything else is refused. */
function allow(device, permissions) {
  return device.page.browserContext().overridePermissions(stage.site.url, permissions);
}
