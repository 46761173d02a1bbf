/** A call over a network that loses one packet in ten, 200 ms away. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Stage } from '../stage.mjs';
import { writeTone } from '../tone.mjs';
import { inTime } from '../until.mjs';

/** Media passes the slow way to the relay twice, from each side once. */
const SLOW = { delayMs: 100, jitterMs: 15 };
const RUN_MS = 15_000;
const LOOK_EVERY_MS = 100;

test('a video call over 10 % loss and 200 ms of delay goes on speaking, on both sides', async (t) => {
  const tone = join(tmpdir(), `offhook-tone-${process.pid}.wav`);
  writeTone(tone);
  t.after(() => rmSync(tone));
  const stage = await Stage.setApart({ slowRelay: SLOW, flags: [`--use-file-for-fake-audio-capture=${tone}`] });
  t.after(() => stage.strike());
  stage.server.tell('app', 'set', stage.server.ready.app_id, '--relay-only', 'true');
  // On the way to the relay alone: each packet between the two passes it once.
  const port = stage.slowRelayAddress.split(':')[1];
  stage.networks.cut(`input iifname "to-*" udp dport ${port} numgen random mod 10 0 drop`);

  const { alice, bob } = await stage.talk(t, { isVideoCall: true, caller: 'caller', callee: 'callee' });
  await Promise.all([alice.receives({ video: true }), bob.receives({ video: true })]);
  const heard = await Promise.all([alice, bob].map(listen));
  t.diagnostic(JSON.stringify(heard));

  for (const { lost, received, concealed, samples, longestSilenceMs, roundTripMs, frames } of heard) {
    // The network is as bad as is said …
    const loss = lost / (lost + received);
    assert.ok(loss > 0.05 && loss < 0.16, `lost ${loss}`);
    assert.ok(roundTripMs >= 4 * SLOW.delayMs, `round trip ${roundTripMs} ms`);
    // … and heard is more than arrives.
    assert.ok(received > 500, `${received} packets`);
    assert.ok(longestSilenceMs < 1_000, `${longestSilenceMs} ms of silence`);
    assert.ok(concealed / samples < 0.15, `${concealed} of ${samples} concealed`);
    assert.ok(frames > 0, 'pictures move');
  }
  // An engine that thinks the way too narrow leaves it out for a while.
  assert.ok(heard.some(({ fec }) => fec > 0), 'packets carry what was in those before them');
  for (const device of [alice, bob]) {
    assert.ok(!(await device.story()).some((name) => ['reconnecting', 'ended'].includes(name)), 'the call was never in doubt');
  }
});

/** Listens for a while: what came in meanwhile, and the longest time in which no sound was played. */
function listen(device) {
  const listening = device.page.evaluate(
    async (runMs, lookEveryMs) => {
      const connection = window.device.peerConnections.at(-1);
      const read = async () => {
        const stats = await connection.getStats();
        const reports = [...stats.values()];
        const of = (kind) => reports.find((report) => report.type === 'inbound-rtp' && report.kind === kind);
        const pair = stats.get(reports.find(({ type }) => type === 'transport').selectedCandidatePairId);
        return { at: performance.now(), audio: of('audio'), video: of('video'), pair };
      };
      const first = await read();
      let [last, loud] = [first, first];
      let longestSilenceMs = 0;
      while (last.at - first.at < runMs) {
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
        last = await read();
        longestSilenceMs = Math.max(longestSilenceMs, last.at - loud.at);
        if (last.audio.totalAudioEnergy - loud.audio.totalAudioEnergy > 1e-4) loud = last;
      }
      const more = (name) => last.audio[name] - first.audio[name];
      return {
        lost: more('packetsLost'),
        received: more('packetsReceived'),
        concealed: more('concealedSamples'),
        samples: more('totalSamplesReceived'),
        energy: more('totalAudioEnergy'),
        longestSilenceMs,
        roundTripMs: (1000 * last.pair.totalRoundTripTime) / last.pair.responsesReceived,
        fec: more('fecPacketsReceived'),
        frames: last.video.framesDecoded - first.video.framesDecoded,
      };
    },
    RUN_MS,
    LOOK_EVERY_MS,
  );
  return inTime('listening', listening);
}
