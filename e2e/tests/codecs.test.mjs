/** What is sent: speech that survives loss and costs little in silence, pictures that leave room for it. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

for (const [caller, callee] of [
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
]) {
  test(`${caller} and ${callee} send Opus with loss protection and VP8, and hardly anything in silence`, async (t) => {
    const { alice, bob } = await stage.talk(t, { caller, callee, isVideoCall: true });
    await Promise.all([alice.receives({ video: true }), bob.receives({ video: true })]);
    for (const device of [alice, bob]) {
      // What carries speech goes before what carries pictures, as soon as these flow.
      await until('speech to go first', async () => {
        const { audio, video } = await sent(device);
        return audio.encoding.priority === 'high' && video.encoding.priority === 'low';
      });
      const { audio, video } = await sent(device);
      assert.match(audio.codec, /audio\/opus/i);
      assert.match(audio.codec, /useinbandfec=1/);
      assert.match(video.codec, /video\/vp8/i);
      // Pictures are held to what the interface promises.
      assert.ok(video.encoding.maxBitrate <= 2_000_000, JSON.stringify(video.encoding));
      assert.equal(video.encoding.maxFramerate, 24);
    }
    for (const device of [alice, bob]) {
      const spoken = await packetsIn(device, 2_000);
      await device.tell('muteMicrophone');
      await until('silence to cost little', async () => (await packetsIn(device, 2_000)) < spoken / 3);
    }
  });
}

/** The first codec and the encoding of each way out. */
function sent(device) {
  return device.evaluate(async () => {
    const ways = {};
    const [connection] = window.device.peerConnections;
    for (const { sender, mid } of connection.getTransceivers()) {
      const { encodings } = sender.getParameters();
      const reports = await connection.getStats();
      const outbound = [...reports.values()].find(({ type, kind }) => type === 'outbound-rtp' && kind === sender.track.kind);
      const codec = reports.get(outbound.codecId);
      // What the other side asks for.
      const asked = connection.remoteDescription.sdp.split('m=')[Number(mid) + 1];
      ways[sender.track.kind] = {
        codec: `${codec.mimeType} ${codec.sdpFmtpLine} ${asked.match(new RegExp(`a=fmtp:${codec.payloadType} .*`))?.[0]}`,
        encoding: encodings[0],
      };
    }
    return ways;
  });
}

function packetsIn(device, ms) {
  return device.evaluate(async (duration) => {
    const before = (await window.device.media()).audioSent;
    await new Promise((resolve) => setTimeout(resolve, duration));
    return (await window.device.media()).audioSent - before;
  }, ms);
}
