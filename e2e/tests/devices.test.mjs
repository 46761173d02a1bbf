/** Microphones, cameras and loudspeakers: chosen before and in the midst of calls, pulled out, and let go of. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from '../browser.mjs';
import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

let stage;
before(async () => {
  // Of three: the second camera gives pictures of depth, which no call can send.
  const several = () => launchChromium({ flags: ['--use-fake-device-for-media-stream=device-count=3'] });
  stage = await Stage.set({ launchers: { several } });
});
after(() => stage?.strike());

test('a microphone and a camera selected in mid-call are sent and shown at once, on every call, and used by the next', async (t) => {
  const { alice, bob, bobId } = await stage.talk(t, { isVideoCall: true, caller: 'several' });
  await bob.receives({ video: true });
  const carol = await stage.user('carol');
  const carols = await stage.device(t, carol);
  const second = await alice.dial(carol.userId, { isVideoCall: true });
  await carols.sees('ringing');
  await carols.accept();
  await Promise.all([alice.sees('connected', { callId: second }), carols.sees('connected')]);

  const [microphone, camera] = [await select(alice, 'AudioInput'), await select(alice, 'VideoInput')];
  await until('both calls to send the new devices', async () => {
    const sent = await sentDevices(alice);
    return sent.length === 4 && sent.every((id) => id === microphone || id === camera);
  });
  assert.deepEqual(await shownDevices(alice), [microphone, camera].sort(), 'the local view shows them, too');
  await Promise.all([bob.receives({ video: true }), carols.receives({ video: true })]);
  for (const device of [bob, carols]) assert.ok(!(await device.story()).includes('reconnecting'));
  const picked = (await alice.events()).filter(({ name, deviceId }) => name === 'device' && [microphone, camera].includes(deviceId));
  assert.equal(picked.length, 2, 'each selection is told once');

  await alice.evaluate(() => window.SendBirdCall.getOngoingCalls().forEach((call) => call.end()));
  await Promise.all([bob.sees('ended'), carols.sees('ended')]);
  assert.deepEqual(await openTracks(alice), [], 'nothing stays lit');
  const third = await alice.dial(bobId, { isVideoCall: true });
  await bob.sees('ringing', { callId: third });
  await bob.accept();
  await alice.sees('connected', { callId: third });
  await until('the next call to use them', async () => (await sentDevices(alice)).sort().join() === [microphone, camera].sort().join());
});

test('a microphone that is selected while muted stays muted, and a camera selected while off stays dark', async (t) => {
  const { alice, bob } = await stage.talk(t, { isVideoCall: true, caller: 'several' });
  await bob.receives({ video: true });
  await alice.tell('muteMicrophone');
  await alice.tell('stopVideo');
  await bob.sees('remoteVideo', { isEnabled: false });
  const [microphone, camera] = [await select(alice, 'AudioInput'), await select(alice, 'VideoInput')];
  await until('the new microphone', async () => (await sentDevices(alice)).join() === microphone);
  assert.deepEqual(await openTracks(alice), ['audio']);
  assert.deepEqual(await alice.evaluate(() => window.device.peerConnections.at(-1).getSenders().map(({ track }) => track?.enabled ?? null)), [false, null]);
  await alice.tell('startVideo');
  await bob.receives({ video: true });
  assert.ok((await sentDevices(alice)).includes(camera));
});

test('a microphone that is pulled out is replaced by the default one, and the application is told', async (t) => {
  const { alice, bob } = await stage.talk(t, { caller: 'several' });
  await bob.receives();
  const gone = await select(alice, 'AudioInput');
  await until('the selected microphone', async () => (await sentDevices(alice)).join() === gone);
  await alice.evaluate((id) => {
    // The fake devices of a browser cannot be pulled out: what it would do then is done here.
    const { mediaDevices } = navigator;
    const [list, open] = [mediaDevices.enumerateDevices.bind(mediaDevices), mediaDevices.getUserMedia.bind(mediaDevices)];
    mediaDevices.enumerateDevices = async () => (await list()).filter(({ deviceId }) => deviceId !== id);
    mediaDevices.getUserMedia = async (constraints) => {
      if (constraints.audio?.deviceId?.exact === id) throw new OverconstrainedError('deviceId');
      return open(constraints);
    };
    const { track } = window.device.peerConnections.at(-1).getSenders()[0];
    track.stop();
    track.dispatchEvent(new Event('ended'));
    mediaDevices.dispatchEvent(new Event('devicechange'));
  }, gone);
  await until('the application to be told', async () =>
    (await alice.events()).some(({ name, deviceId, isThere }) => name === 'device' && deviceId === 'default' && !isThere),
  );
  await until('the default microphone', async () => (await sentDevices(alice)).join() === 'default');
  await bob.receives();
  assert.equal(await alice.evaluate(() => window.SendBirdCall.getCurrentAudioInputDevice().deviceId), 'default');
});

test('a loudspeaker that is selected plays the calls that there are and those that come', async (t) => {
  const { alice, bobId, bob } = await stage.talk(t, { caller: 'several' });
  const speaker = await select(alice, 'AudioOutput');
  const sink = () => alice.evaluate(() => document.getElementById('remote').sinkId);
  await until('the loudspeaker to be used', async () => (await sink()) === speaker);
  await alice.end();
  await alice.sees('ended');
  await alice.evaluate(() => document.getElementById('remote').setSinkId(''));
  await alice.dial(bobId);
  await bob.sees('ringing');
  await bob.accept();
  await until('the next call to use it', async () => (await sink()) === speaker);
});

for (const browser of ['chromium', 'firefox']) {
  test(`useMedia names the devices in ${browser}, and lets go of them when it is disposed of`, async (t) => {
    const device = await stage.device(t, await stage.user('alice'), { browser });
    await watch(device);
    await device.evaluate(() => {
      window.access = window.SendBirdCall.useMedia({ audio: true, video: true });
    });
    await until('both to be open', async () => (await openTracks(device)).length === 2);
    await until('their names', () =>
      device.evaluate(() => {
        const { getAvailableAudioInputDevices, getAvailableVideoInputDevices } = window.SendBirdCall;
        const found = [getAvailableAudioInputDevices(), getAvailableVideoInputDevices()];
        return found.every((list) => list.length > 0 && list.every(({ label }) => label !== ''));
      }),
    );
    await device.evaluate(() => window.access.dispose());
    assert.deepEqual(await openTracks(device), []);
    // Disposed of before the browser has answered.
    await device.evaluate(() => window.SendBirdCall.useMedia({ audio: true, video: true }).dispose());
    await until('the late answer', () => device.evaluate(() => window.opened.length === 4));
    await until('it to be let go of', async () => (await openTracks(device)).length === 0);
    await device.evaluate(() => window.SendBirdCall.updateMediaDevices({ audio: true, video: true }));
    assert.deepEqual(await openTracks(device), [], 'looking opens nothing');
  });
}

/** Keeps what this page opens, and notes the events of its devices. */
function watch(device) {
  return device.evaluate(() => {
    if (window.opened !== undefined) return;
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    window.opened = [];
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      window.opened.push(...stream.getTracks());
      return stream;
    };
    const changed = (current, available) => {
      const isThere = available.some(({ deviceId }) => deviceId === window.selected);
      window.device.events.push({ name: 'device', deviceId: current.deviceId, isThere });
    };
    window.SendBirdCall.addListener('devices', {
      onAudioInputDeviceChanged: changed,
      onVideoInputDeviceChanged: changed,
      onAudioOutputDeviceChanged: changed,
    });
  });
}

/** Selects the last device of a kind, which is not the one in use; gives its id. */
async function select(device, kind) {
  await watch(device);
  await until('the devices to have names', () =>
    device.evaluate((name) => window.SendBirdCall[`getAvailable${name}Devices`]().length > 1, kind),
  );
  return device.evaluate((name) => {
    const sdk = window.SendBirdCall;
    const available = sdk[`getAvailable${name}Devices`]();
    const chosen = available.at(-1);
    window.selected = chosen.deviceId;
    sdk[`select${name}Device`](chosen);
    return chosen.deviceId;
  }, kind);
}

/** The devices whose tracks are sent now. */
function sentDevices(device) {
  return device.evaluate(() =>
    window.device.peerConnections
      .filter(({ connectionState }) => connectionState !== 'closed')
      .flatMap((connection) => connection.getSenders())
      .filter(({ track }) => track?.readyState === 'live')
      .map(({ track }) => track.getSettings().deviceId),
  );
}

function shownDevices(device) {
  return device.evaluate(() =>
    document.getElementById('local').srcObject.getTracks().map((track) => track.getSettings().deviceId).sort(),
  );
}

/** What is still open of what this page has opened or sends. */
function openTracks(device) {
  return device.evaluate(() => {
    const sent = window.device.peerConnections.flatMap((connection) => connection.getSenders().map(({ track }) => track));
    const all = new Set([...(window.opened ?? []), ...sent]);
    return [...all].filter((track) => track?.readyState === 'live').map(({ kind }) => kind);
  });
}
