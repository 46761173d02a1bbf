/** Two users talk: sound and picture on both sides, mute, and who rings whom. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

test('an audio call carries sound both ways and its events come in the order that is promised', async (t) => {
  const { alice, bob, bobId, aliceId } = await stage.pair(t);
  await alice.dial(bobId, { customItems: { topic: 'lunch' } });
  await bob.sees('ringing');
  assert.equal(await bob.read('isVideoCall'), false);
  assert.deepEqual(await bob.read('customItems'), { topic: 'lunch' });
  assert.equal((await bob.read('caller')).userId, aliceId);
  await alice.sees('dialReceived');
  await bob.accept();
  await Promise.all([alice.sees('connected'), bob.sees('connected')]);

  const [alices, bobs] = await Promise.all([alice.receives(), bob.receives()]);
  for (const media of [alices, bobs]) {
    assert.ok(media.audioEnergy > 0, 'what arrives is sound, not silence');
    assert.equal(media.videoReceived, 0, 'an audio call has no picture');
  }

  await alice.end();
  const [seenByAlice, seenByBob] = await Promise.all([alice.sees('ended'), bob.sees('ended')]);
  assert.equal(seenByAlice.endResult, 'completed');
  assert.equal(seenByBob.endResult, 'completed');
  assert.equal(seenByBob.endedBy, aliceId);
  assert.ok(seenByBob.duration > 0);
  assert.deepEqual(await alice.story(), ['dialReceived', 'established', 'connected', 'ended']);
  assert.deepEqual(await bob.story(), ['ringing', 'established', 'connected', 'ended']);
});

test('a video call shows decoded pictures and carries sound on both sides', async (t) => {
  const { alice, bob } = await stage.talk(t, { isVideoCall: true });
  await Promise.all([alice.receives({ video: true }), bob.receives({ video: true })]);
  for (const device of [alice, bob]) {
    const sizes = await device.evaluate(() =>
      ['local', 'remote'].map((id) => document.getElementById(id)).map(({ videoWidth, paused }) => ({ videoWidth, paused })),
    );
    for (const { videoWidth, paused } of sizes) {
      assert.ok(videoWidth > 0, 'the view has a picture');
      assert.equal(paused, false);
    }
  }
});

test('muting is told to the other side, both ways, and silences the sound', async (t) => {
  const { alice, bob } = await stage.talk(t, { isVideoCall: true });
  for (const [speaker, listener] of [
    [alice, bob],
    [bob, alice],
  ]) {
    await speaker.tell('muteMicrophone');
    await listener.sees('remoteAudio', { isEnabled: false });
    assert.equal(await listener.read('isRemoteAudioEnabled'), false);
    assert.equal(await speaker.read('isLocalAudioEnabled'), false);
    await speaker.tell('unmuteMicrophone');
    await listener.sees('remoteAudio', { isEnabled: true });
    await speaker.tell('stopVideo');
    await listener.sees('remoteVideo', { isEnabled: false });
    await speaker.tell('startVideo');
    await listener.sees('remoteVideo', { isEnabled: true });
    await listener.receives({ video: true });
  }
});

test('a call that is dialled muted arrives muted and can be unmuted', async (t) => {
  const { alice, bob, bobId } = await stage.pair(t);
  await alice.dial(bobId, { callOption: { audioEnabled: false } });
  await bob.sees('ringing');
  assert.equal(await bob.read('isRemoteAudioEnabled'), false);
  await bob.accept();
  await Promise.all([alice.sees('connected'), bob.sees('connected')]);
  const silence = await bob.media();
  await alice.tell('unmuteMicrophone');
  await bob.sees('remoteAudio', { isEnabled: true });
  const sound = await bob.receives();
  assert.ok(sound.audioEnergy > silence.audioEnergy);
});

test('of three devices the first to accept has the call and the others are told so', async (t) => {
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const [caller, phone, tablet, laptop] = await Promise.all([
    stage.device(t, alice),
    ...[1, 2, 3].map(() => stage.device(t, bob)),
  ]);
  await caller.dial(bob.userId);
  await Promise.all([phone, tablet, laptop].map((device) => device.sees('ringing')));
  await tablet.accept();
  await Promise.all([caller.sees('connected'), tablet.sees('connected')]);
  for (const device of [phone, laptop]) {
    const { endResult } = await device.sees('ended');
    assert.equal(endResult, 'other_device_accepted');
    assert.deepEqual(await device.story(), ['ringing', 'ended']);
  }
  await Promise.all([caller.receives(), tablet.receives()]);
});

test('a device that signs in while its user is rung is rung, and can take the call', async (t) => {
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const [caller, phone] = await Promise.all([stage.device(t, alice), stage.device(t, bob)]);
  await caller.dial(bob.userId);
  await phone.sees('ringing');
  const late = await stage.device(t, bob);
  await late.sees('ringing');
  await late.accept();
  await Promise.all([caller.sees('connected'), late.sees('connected')]);
  await Promise.all([caller.receives(), late.receives()]);
  assert.equal((await phone.sees('ended')).endResult, 'other_device_accepted');
});

test('two users who ring each other at once have two calls, and either can be talked on', async (t) => {
  const { alice, bob, aliceId, bobId } = await stage.pair(t);
  const [hers, his] = await Promise.all([alice.dial(bobId), bob.dial(aliceId)]);
  assert.notEqual(hers, his);
  await Promise.all([alice.sees('ringing', { callId: his }), bob.sees('ringing', { callId: hers })]);
  await bob.evaluate((id) => window.device.accept({}, id), hers);
  await Promise.all([alice.sees('connected', { callId: hers }), bob.sees('connected', { callId: hers })]);
  await alice.evaluate((id) => window.device.call(id).end(), his);
  const { endResult } = await bob.sees('ended', { callId: his });
  assert.equal(endResult, 'declined');
  await Promise.all([alice.receives(), bob.receives()]);
});
