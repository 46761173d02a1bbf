/** Pictures of what a call shows. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

const LAB = readFileSync(new URL('../pages/media-lab.js', import.meta.url), 'utf8');

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

for (const caller of ['chromium', 'firefox']) {
  test(`${caller}: both pictures can be captured as PNG without any view, by promise and by callback`, async (t) => {
    const { alice, bob, bobId } = await stage.pair(t, { caller });
    await Promise.all([alice, bob].map((device) => device.evaluate(LAB)));
    await alice.evaluate(() => window.lab.pretend({ hertz: 500, colour: 'rgb(0,200,0)', width: 640, height: 360 }));
    await bob.evaluate(() => window.lab.pretend({ hertz: 900, colour: 'rgb(200,0,0)', width: 320, height: 240 }));
    const none = { localMediaView: null, remoteMediaView: null };
    await alice.dial(bobId, { isVideoCall: true, callOption: none });
    assert.equal(await capture(alice, 'captureRemoteVideoView'), 1800602);
    await bob.sees('ringing');
    await bob.accept();
    await Promise.all([alice.sees('connected'), bob.sees('connected')]);
    await alice.receives({ video: true });

    assert.deepEqual(await capture(alice, 'captureLocalVideoView'), { size: [640, 360], type: 'image/png', colour: 'green' });
    // The other side's may come smaller at first; its shape stays.
    const remote = await capture(alice, 'captureRemoteVideoView');
    assert.equal(remote.colour, 'red');
    assert.equal((remote.size[0] * 3) / 4, remote.size[1]);
    const byCallback = await alice.evaluate(
      () => new Promise((resolve) => window.device.call().captureRemoteVideoView((result, error) => resolve([result?.width, error === undefined]))),
    );
    assert.deepEqual(byCallback, [remote.size[0], true]);

    await bob.tell('stopVideo');
    await alice.sees('remoteVideo', { isEnabled: false });
    assert.equal(await capture(alice, 'captureRemoteVideoView'), 1800603);
    await alice.tell('stopVideo');
    assert.equal(await capture(alice, 'captureLocalVideoView'), 1800603);
    await alice.tell('startVideo');
    await until('the camera to be back', async () => (await capture(alice, 'captureLocalVideoView')).colour === 'green');
  });
}

test('an audio call has no pictures to capture, and the callback is told so', async (t) => {
  const { alice } = await stage.talk(t);
  assert.equal(await capture(alice, 'captureLocalVideoView'), 1800600);
  const code = await alice.evaluate(
    () => new Promise((resolve) => window.device.call().captureRemoteVideoView((_, error) => resolve(error.code))),
  );
  assert.equal(code, 1800600);
});

/** The picture's size as it is and as is told, its type and colour; or the code of the refusal. */
function capture(device, method) {
  return device.evaluate(async (name) => {
    try {
      const { width, height, data } = await window.device.call()[name]();
      const image = Object.assign(new Image(), { src: data });
      await image.decode();
      if (image.naturalWidth !== width || image.naturalHeight !== height) throw new Error('it has another size');
      return { size: [width, height], type: data.slice(5, data.indexOf(';')), colour: window.lab.colourOf(image) };
    } catch (error) {
      return error.code ?? String(error);
    }
  }, method);
}
