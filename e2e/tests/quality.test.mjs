/** How good a connection is, as the application and the server are told. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

/** From which score on. */
const STATES = [[4.3, 'excellent'], [4.0, 'good'], [3.6, 'average'], [3.1, 'fair'], [0, 'poor']];

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

for (const caller of ['chromium', 'firefox']) {
  test(`${caller}: a listener hears real figures every three seconds, never unavailable, and nothing once it is removed`, async (t) => {
    const { alice } = await stage.pair(t, { caller }).then((pair) => connect(pair));
    await listen(alice, 'frequency');
    const reports = await until('three reports', () => alice.evaluate(() => window.reports.length >= 3 && window.reports));
    for (const { mos, packetsLostRate, rtt, jitter, connectionQuality } of reports) {
      // How good it is, a busy machine decides.
      assert.ok(mos > 1 && mos <= 4.5, `a score of ${mos}`);
      assert.equal(connectionQuality, STATES.find(([from]) => mos >= from)[1]);
      assert.ok(packetsLostRate >= 0 && packetsLostRate < 0.2, `${packetsLostRate} lost`);
      assert.ok(rtt === undefined || rtt >= 0, `a round trip of ${rtt} ms`);
      assert.ok(jitter >= 0, `a jitter of ${jitter} ms`);
    }
    assert.ok(reports.some(({ rtt }) => rtt > 0), 'the round trip is known');
    const [first, , third] = reports;
    assert.ok(third.at - first.at > 5_000, `three reports within ${third.at - first.at} ms`);

    await alice.evaluate(() => {
      window.device.call().removeConnectionQualityListener();
      window.reports = [];
      window.looks = 0;
      const [connection] = window.device.peerConnections;
      const real = connection.getStats;
      connection.getStats = (...selector) => {
        window.looks += 1;
        return real.apply(connection, selector);
      };
    });
    // A look for the server's timeline comes by itself; no report comes with it.
    await until('a look', () => alice.evaluate(() => window.looks >= 1));
    assert.deepEqual(await alice.evaluate(() => window.reports), []);
  });
}

test('the server is sent a sample for every ten seconds, three together, and at the end of the call what is left', async (t) => {
  const { alice, callId } = await stage.pair(t).then((pair) => connect(pair, { isVideoCall: true }));
  const [first] = await until('the first message', async () => (await sent(alice)).length > 0 && sent(alice));
  assert.equal(first.call_id, callId);
  assert.equal(first.samples.length, 3);
  const ages = first.samples.map(({ ago_ms }) => ago_ms);
  assert.ok(ages[0] > ages[1] && ages[1] > ages[2] && ages[0] > 15_000 && ages[2] < 5_000, `the oldest first: ${ages}`);
  for (const { mos_hundredths, lost_per_mille, sent_bps, received_bps } of first.samples) {
    assert.ok(mos_hundredths > 100 && mos_hundredths <= 450, `a score of ${mos_hundredths}`);
    assert.ok(lost_per_mille >= 0 && lost_per_mille < 1_000);
    assert.ok(sent_bps > 1_000 && received_bps > 1_000, `${sent_bps} bits a second out, ${received_bps} in`);
  }
  // Long enough for the rest to count.
  await alice.receives({ video: true });
  await alice.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_500)));
  await alice.end();
  const rest = await until('the rest', async () => (await sent(alice))[1]);
  assert.ok(rest.samples.length >= 1 && rest.samples.length <= 2);

  // The other side has measured, too, and what came is kept a moment later.
  const { caller, callee } = await until('the samples of both sides', () => {
    const record = stage.record(callId);
    return record.caller.quality?.samples >= 4 && record.callee.quality?.samples >= 4 && record;
  });
  assert.equal(caller.quality.samples, first.samples.length + rest.samples.length);
  for (const { quality } of [caller, callee]) {
    const { mos_hundredths: score, received_bps: received } = quality;
    assert.ok(score.median > 100 && score.worst <= score.median && score.median <= 450, `a score of ${JSON.stringify(score)}`);
    assert.ok(received.median > 1_000, `${received.median} bits a second`);
  }
});

test('a listener of changes is told that it is unavailable while media is cut off, and of the return', async (t) => {
  const { alice } = await stage.pair(t).then((pair) => connect(pair));
  await listen(alice, 'connectionQualityChange');
  await until('the first report', () => alice.evaluate(() => window.reports.length === 1));
  // What the connection says is what the SDK goes by: ICE takes half a minute to notice a real cut.
  await alice.evaluate(() => {
    const [connection] = window.device.peerConnections;
    Object.defineProperty(connection, 'connectionState', { configurable: true, value: 'disconnected' });
    connection.dispatchEvent(new Event('connectionstatechange'));
  });
  await until('unavailable', () => alice.evaluate(() => window.reports.at(-1).connectionQuality === 'unavailable'));
  await alice.evaluate(() => {
    const [connection] = window.device.peerConnections;
    delete connection.connectionState;
    connection.dispatchEvent(new Event('connectionstatechange'));
  });
  const reports = await until('the return', () =>
    alice.evaluate(() => window.reports.at(-1).connectionQuality !== 'unavailable' && window.reports),
  );
  reports.slice(1).forEach(({ connectionQuality }, index) => assert.notEqual(connectionQuality, reports[index].connectionQuality));
});

/** Connects a pair, and keeps what alice's socket sends of quality. */
async function connect({ alice, bob, bobId }, { isVideoCall = false } = {}) {
  await alice.evaluate(() => {
    window.told = [];
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (text) {
      const message = JSON.parse(text);
      if (message.type === 'quality') window.told.push(message);
      send.call(this, text);
    };
  });
  const callId = await alice.dial(bobId, { isVideoCall });
  await bob.sees('ringing');
  await bob.accept();
  await Promise.all([alice.sees('connected'), bob.sees('connected')]);
  return { alice, bob, callId };
}

function listen(device, mode) {
  return device.evaluate((wanted) => {
    window.reports = [];
    window.device.call().setConnectionQualityListener(wanted, (metrics) => window.reports.push({ ...metrics, at: performance.now() }));
  }, mode);
}

function sent(device) {
  return device.evaluate(() => window.told);
}
