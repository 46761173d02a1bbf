/** A screen in place of the camera: its picture arrives, and the camera comes back as it was. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

const LAB = readFileSync(new URL('../pages/media-lab.js', import.meta.url), 'utf8');
/** Chromium's stand-in for a screen has this shape; cameras here are 4:3. */
const SCREEN = 16 / 9;
const CAMERA = 4 / 3;

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

for (const [sharer, viewer] of [
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
]) {
  test(`${sharer} shows ${viewer} a screen in place of its camera, which goes dark and comes back`, async (t) => {
    const { alice, bob } = await share(t, sharer, viewer);
    await sees(bob, CAMERA);
    const [camera] = await cameras(alice);
    await alice.tell('startScreenShare');
    assert.equal(await alice.read('isLocalScreenShareEnabled'), true);
    assert.equal(await refusal(alice), 1800622);
    await sees(bob, SCREEN);
    assert.deepEqual(await cameras(alice), [{ ...camera, readyState: 'ended' }], 'the light is out');
    await until('her own view to show it', () => alice.evaluate((shape) => ratio('local', shape), SCREEN));
    assert.equal(await bob.read('isRemoteVideoEnabled'), true);

    await alice.tell('stopScreenShare');
    assert.equal(await alice.read('isLocalScreenShareEnabled'), false);
    await until('the news', () => alice.evaluate(() => window.stops === 1));
    await sees(bob, CAMERA);
    assert.deepEqual((await cameras(alice)).map(({ readyState }) => readyState), ['ended', 'live']);
    assert.equal(await stopRefusal(alice), 1800623);
    assert.equal(await alice.read('isLocalVideoEnabled'), true);
  });
}

test("with the camera off the screen is shown, too; the browser's own button ends it, and the camera stays off", async (t) => {
  const { alice, bob } = await share(t, 'chromium', 'chromium');
  await alice.tell('stopVideo');
  await bob.sees('remoteVideo', { isEnabled: false });
  const from = (await bob.events()).length;
  await alice.tell('startScreenShare');
  await bob.sees('remoteVideo', { isEnabled: true }, { from });
  await sees(bob, SCREEN);
  // All that the button does to a page.
  await alice.evaluate(() => {
    const [track] = document.getElementById('local').srcObject.getVideoTracks();
    track.stop();
    track.dispatchEvent(new Event('ended'));
  });
  await until('the news', () => alice.evaluate(() => window.stops === 1));
  await bob.sees('remoteVideo', { isEnabled: false }, { from });
  assert.equal(await alice.read('isLocalScreenShareEnabled'), false);
  assert.ok((await cameras(alice)).every(({ readyState }) => readyState === 'ended'), 'no camera is lit');
});

test('turning the camera off or on meanwhile leaves the screen where it is, and counts afterwards', async (t) => {
  const { alice, bob } = await share(t, 'chromium', 'chromium');
  await alice.tell('startScreenShare');
  await sees(bob, SCREEN);
  await alice.tell('stopVideo');
  await alice.tell('startVideo');
  await alice.tell('stopVideo');
  await bob.receives({ video: true });
  await sees(bob, SCREEN);
  await alice.tell('stopScreenShare');
  await bob.sees('remoteVideo', { isEnabled: false });
  assert.ok((await cameras(alice)).every(({ readyState }) => readyState === 'ended'), 'no camera is lit');
});

test('the end of the call ends the share, and the application is told so once', async (t) => {
  const { alice, bob } = await share(t, 'chromium', 'chromium');
  await alice.tell('startScreenShare');
  await sees(bob, SCREEN);
  await alice.evaluate(() => {
    [window.screenTrack] = document.getElementById('local').srcObject.getVideoTracks();
  });
  await bob.end();
  await alice.sees('ended');
  await until('the news', () => alice.evaluate(() => window.stops === 1));
  assert.deepEqual(await alice.evaluate(() => [window.screenTrack.readyState, window.stops]), ['ended', 1]);
  assert.equal(await refusal(alice), 1800621);
});

test('what forbids a share is told by its code', async (t) => {
  const { alice } = await stage.talk(t);
  assert.equal(await refusal(alice), 1800620);
  const { alice: carol, bob, bobId } = await stage.pair(t, { caller: 'firefox' });
  await carol.dial(bobId, { isVideoCall: true });
  await bob.sees('ringing');
  assert.equal(await refusal(carol), 1800621);
  await bob.accept();
  await carol.sees('connected');
  // This Firefox runs without any screen.
  assert.equal(await refusal(carol), 1800629);
});

/** A video call, its cameras 4:3; alice counts the ends of her shares. */
async function share(t, caller, callee) {
  const pair = await stage.pair(t, { caller, callee });
  const { alice, bob, bobId } = pair;
  for (const device of [alice, bob]) {
    await device.evaluate(LAB);
    await device.evaluate(() => window.lab.pretend({ hertz: 500, colour: 'rgb(0,200,0)', width: 320, height: 240 }));
    await device.evaluate(() => {
      window.cameras = [];
      const open = navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = await open(constraints);
        window.cameras.push(...stream.getVideoTracks());
        return stream;
      };
      window.ratio = (id, shape) => {
        const { videoWidth, videoHeight } = document.getElementById(id);
        return videoWidth > 0 && Math.abs(videoWidth / videoHeight - shape) < 0.05;
      };
    });
  }
  if (caller === 'firefox') {
    // Without a screen Firefox has nothing to show: a canvas stands in for it.
    await alice.evaluate(() => {
      navigator.mediaDevices.getDisplayMedia = async () => new MediaStream([window.lab.picture('rgb(0,0,200)', 800, 450)]);
    });
  }
  await alice.dial(bobId, { isVideoCall: true });
  await bob.sees('ringing');
  await bob.accept();
  await Promise.all([alice.sees('connected'), bob.sees('connected')]);
  await bob.receives({ video: true });
  await alice.evaluate(() => {
    window.stops = 0;
    window.device.call().onScreenShareStopped = () => {
      window.stops += 1;
    };
  });
  return pair;
}

function sees(device, shape) {
  return until(`a picture of ${shape}`, () => device.evaluate((wanted) => window.ratio('remote', wanted), shape));
}

function cameras(device) {
  return device.evaluate(() => window.cameras.map(({ id, readyState }) => ({ id, readyState })));
}

function refusal(device) {
  return device.evaluate(() => window.device.call().startScreenShare().then(() => 'none', (error) => error.code));
}

function stopRefusal(device) {
  return device.evaluate(() => {
    try {
      window.device.call().stopScreenShare();
    } catch (error) {
      return error.code;
    }
    return 'none';
  });
}
