/** Who dials learns nothing of the callee's network before he accepts. */

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

/** Long enough for dozens of STUN packets, if any were sent. */
const WATCH_MS = 5_000;

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

test('no packet goes to the caller\'s candidate before accept', { concurrency: true }, async (t) => {
  await Promise.all(
    ['chromium', 'firefox'].map((callee) =>
      t.test(`in ${callee}`, async (t) => {
        const ear = await listen();
        const { alice, bob, bobId } = await stage.pair(t, { callee });
        await alice.evaluate((candidate) => Object.assign(window.device.bends, { extraCandidate: candidate }), ear.candidate);
        await alice.dial(bobId);
        await bob.sees('ringing');
        // The offer has been taken, so whatever could be leaked by it would be.
        await until('bob to have prepared his answer', () =>
          bob.evaluate(() => window.device.peerConnections.some(({ remoteDescription }) => remoteDescription !== null)),
        );
        await pause(WATCH_MS);
        assert.equal(ear.packets(), 0, 'while it rings');
        const offered = await bob.evaluate(() =>
          window.device.peerConnections.map(({ remoteDescription }) => remoteDescription.sdp).join(''),
        );
        assert.ok(!offered.includes('a=candidate'), 'the engine knows no candidate');

        await bob.accept();
        await bob.sees('connected');
        // The twin: the candidate was a real one.
        await until('a packet at the caller\'s candidate', () => ear.packets() > 0);
        ear.stop();
      }),
    ),
  );
});

/** Poses as a candidate of the caller and counts what arrives. */
async function listen() {
  const address = Object.values(networkInterfaces())
    .flat()
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
  let packets = 0;
  const socket = createSocket('udp4', () => {
    packets += 1;
  });
  await new Promise((resolve) => socket.bind(0, address, resolve));
  return {
    candidate: `candidate:4711 1 udp 2130706431 ${address} ${socket.address().port} typ host`,
    packets: () => packets,
    stop: () => socket.close(),
  };
}
