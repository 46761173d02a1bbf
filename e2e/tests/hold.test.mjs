/** A call is put on hold and taken back, by either side, by both, beside another call, and while the server is away. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

for (const [caller, callee] of [
  ['chromium', 'chromium'],
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
]) {
  test(`a hold in ${caller} stops what is sent to ${callee}, puts the camera out, and both sides know`, async (t) => {
    const pair = await stage.pair(t, { caller, callee });
    const { alice, bob } = pair;
    await watchDevices(alice);
    await talk(pair, { isVideoCall: true });
    await Promise.all([alice.receives({ video: true }), bob.receives({ video: true })]);

    await ask(alice, 'hold');
    await Promise.all([alice.sees('hold', { isLocal: true, isHeld: true }), bob.sees('hold', { isLocal: false, isHeld: true })]);
    assert.deepEqual(await states(alice, bob), [true, true]);
    assert.deepEqual(await openTracks(alice), [], 'nothing is open');
    await silent(bob);
    assert.deepEqual(await heard(alice), [false, false], 'what bob still sends is neither heard nor seen');

    await ask(alice, 'unhold', false);
    await Promise.all([alice.sees('hold', { isLocal: true, isHeld: false }), bob.sees('hold', { isLocal: false, isHeld: false })]);
    assert.deepEqual(await states(alice, bob), [false, false]);
    await Promise.all([alice.receives({ video: true }), bob.receives({ video: true })]);
    assert.deepEqual(await heard(alice), [true, true]);
    assert.deepEqual((await openTracks(alice)).sort(), ['audio', 'video']);
    assert.ok(!(await alice.story()).includes('reconnecting'), 'a hold is no outage');
    assert.ok(!(await bob.story()).includes('reconnecting'));
  });
}

test('where both hold, both must take it back', async (t) => {
  const { alice, bob } = await stage.talk(t);
  await Promise.all([ask(alice, 'hold'), ask(bob, 'hold')]);
  await Promise.all([alice.sees('hold', { isLocal: false, isHeld: true }), bob.sees('hold', { isLocal: false, isHeld: true })]);
  await ask(alice, 'unhold', false);
  await bob.sees('hold', { isLocal: false, isHeld: false });
  assert.deepEqual(await states(alice, bob), [true, true]);
  assert.equal(await ask(alice, 'unhold', false), 1800802);
  assert.equal(await ask(bob, 'hold'), 1800801);
  await ask(bob, 'unhold', false);
  await alice.sees('hold', { isLocal: false, isHeld: false });
  assert.deepEqual(await states(alice, bob), [false, false]);
  await Promise.all([alice.receives(), bob.receives()]);
});

test('a hold before media flows, and after the end, is refused', async (t) => {
  const { alice, bob, bobId } = await stage.pair(t);
  await alice.dial(bobId);
  await bob.sees('ringing');
  assert.deepEqual([await ask(alice, 'hold'), await ask(bob, 'hold')], [1400101, 1400101]);
  await alice.end();
  await alice.sees('ended');
  assert.equal(await ask(alice, 'hold'), 1400101);
});

test('somebody with two calls talks on one, and unhold(true) swaps them', async (t) => {
  const pair = await stage.pair(t);
  const { alice, bob } = pair;
  const carol = await stage.user('carol');
  const carols = await stage.device(t, carol);
  await watchDevices(alice);
  const first = await talk(pair);
  await carols.evaluate((userId) => window.device.dial({ userId, isVideoCall: false }), pair.aliceId);
  const { callId: second } = await carols.sees('dialReceived');
  await alice.sees('ringing', { callId: second });
  await alice.evaluate((id) => window.device.call(id).accept({ callOption: {}, holdActiveCall: true }), second);
  await Promise.all([bob.sees('hold', { callId: first, isHeld: true }), carols.sees('connected')]);
  await carols.receives();
  await silent(bob);
  assert.deepEqual(await openTracks(alice), ['audio']);
  assert.equal(await ask(alice, 'unhold', false, first), 1800803);

  await ask(alice, 'unhold', true, first);
  await Promise.all([bob.sees('hold', { isHeld: false }), carols.sees('hold', { isHeld: true })]);
  await bob.receives();
  await silent(carols);
  assert.deepEqual(await openTracks(alice), ['audio']);

  // The one that is left ends: nothing stays open for the one that is held.
  await bob.end();
  await alice.sees('ended', { callId: first });
  assert.deepEqual(await openTracks(alice), []);
  await ask(alice, 'unhold', false, second);
  await carols.receives();
});

test('dial with holdActiveCall holds the call that is talked on', async (t) => {
  const pair = await stage.pair(t);
  const { alice, bob } = pair;
  const carol = await stage.user('carol');
  const carols = await stage.device(t, carol);
  const first = await talk(pair);
  await alice.dial(carol.userId, { holdActiveCall: true });
  await carols.sees('ringing');
  await bob.sees('hold', { callId: first, isHeld: true });
});

test('a hold outlives a server that is killed, and what happened meanwhile is told when it is back', async (t) => {
  const own = await Stage.set();
  t.after(() => own.strike());
  const { alice, bob } = await own.talk(t);
  await ask(alice, 'hold');
  await bob.sees('hold', { isLocal: false, isHeld: true });
  await own.server.kill();
  await Promise.all([alice, bob].map((device) => device.sees('connection', { state: 'reconnecting' })));
  const unheld = ask(alice, 'unhold', false);
  await own.server.start();
  assert.equal(await unheld, undefined);
  await bob.sees('hold', { isLocal: false, isHeld: false });
  await bob.receives();
  assert.deepEqual((await bob.events()).filter(({ name }) => name === 'hold').map(({ isHeld }) => isHeld), [true, false]);
});

/** A pair gets to talk; gives the id of the call. */
async function talk({ alice, bob, bobId }, params = {}) {
  const callId = await alice.dial(bobId, params);
  await bob.sees('ringing');
  await bob.accept();
  await Promise.all([alice.sees('connected'), bob.sees('connected')]);
  return callId;
}

/** Holds or unholds: nothing, or the number of the refusal. */
function ask(device, verb, force, callId) {
  return device.evaluate(
    (name, argument, id) => window.device.call(id)[name](argument).then(() => undefined, ({ code }) => code),
    verb,
    force,
    callId,
  );
}

function states(...devices) {
  return Promise.all(devices.map((device) => device.read('isOnHold')));
}

/** Keeps what this page opens from here on. */
function watchDevices(device) {
  return device.evaluate(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    window.opened = [];
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      window.opened.push(...stream.getTracks());
      return stream;
    };
  });
}

function openTracks(device) {
  return device.evaluate(() => window.opened.filter(({ readyState }) => readyState === 'live').map(({ kind }) => kind));
}

/** Whether sound and picture of the other side are let through to the view. */
function heard(device) {
  return device.evaluate(() => document.getElementById('remote').srcObject.getTracks().map(({ enabled }) => enabled));
}

/** Waits until a second passes in which no packet of sound or picture comes in. */
function silent(device) {
  return until('no more media to come', async () => {
    const before = await device.media();
    await pause(1_000);
    const later = await device.media();
    return later.audioReceived === before.audioReceived && later.videoReceived === before.videoReceived;
  });
}
