/** Calls that the relay carries: by each transport, where nothing else leads through, and when the direct path is lost. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { DIRECT_PATH } from '../networks.mjs';
import { RELAY_PORT, Stage, TLS_PORT } from '../stage.mjs';
import { until } from '../until.mjs';

const NO_UDP = `input udp dport ${RELAY_PORT} drop`;
const NO_TCP = `input tcp dport ${RELAY_PORT} reject with tcp reset`;
const NO_TLS = `input tcp dport ${TLS_PORT} reject with tcp reset`;
const APART = { caller: 'caller', callee: 'callee' };

let stage;
before(async () => {
  stage = await Stage.setApart();
});
after(() => stage?.strike());

describe('an application that takes the relay only', () => {
  before(() => stage.server.tell('app', 'set', stage.server.ready.app_id, '--relay-only', 'true'));
  after(() => stage.server.tell('app', 'set', stage.server.ready.app_id, '--relay-only', 'false'));

  // One transport at a time: a browser takes the first that answers, which need not be the best.
  for (const [transport, cut, browsers] of [
    ['udp', [NO_TCP, NO_TLS], APART],
    ['tcp', [NO_UDP, NO_TLS], APART],
    ['tls', [NO_UDP, NO_TCP], APART],
    ['udp', [NO_TCP, NO_TLS], { caller: 'firefox', callee: 'callee' }],
  ]) {
    test(`has video both ways by ${transport}: ${browsers.caller} calls ${browsers.callee}`, async (t) => {
      t.after(stage.networks.cut(...cut));
      const { alice, bob } = await stage.talk(t, { isVideoCall: true, ...browsers });
      await Promise.all([alice.receives({ video: true }), bob.receives({ video: true })]);
      for (const device of [alice, bob]) {
        const [pair, ...more] = await device.pairs();
        assert.deepEqual(more, [], 'one connection');
        assert.equal(pair.local, 'relay');
        assert.equal(pair.relayProtocol, transport);
      }
      await alice.end();
      await bob.sees('ended', { endResult: 'completed' });
    });
  }
});

test('devices that cannot reach each other are connected by the relay, with nothing else set, and its bytes are counted for each side', async (t) => {
  t.after(stage.networks.cut(DIRECT_PATH));
  const { alice, bob, callId } = await stage.talk(t, { isVideoCall: true, ...APART });
  const [hers, his] = await Promise.all([alice.receives({ video: true }), bob.receives({ video: true })]);
  assert.ok((await alice.pairs()).every(isRelayed) && (await bob.pairs()).every(isRelayed));
  await alice.end();
  await bob.sees('ended', { endResult: 'completed' });

  assert.deepEqual(paths(stage.record(callId), 'dc_caller'), ['relayed']);
  assert.deepEqual(paths(stage.record(callId), 'dc_callee'), ['relayed']);
  // What one received, the relay had carried for both.
  await until('the bytes to be counted', () => {
    const { caller, callee } = stage.record(callId);
    return (
      caller.relayed.to_client_bytes >= hers.bytesReceived &&
      callee.relayed.to_peer_bytes >= hers.bytesReceived &&
      callee.relayed.to_client_bytes >= his.bytesReceived &&
      caller.relayed.to_peer_bytes >= his.bytesReceived
    );
  });
});

test('a call that runs direct goes on over the relay when its direct path is cut', async (t) => {
  const { alice, bob, callId } = await stage.talk(t, APART);
  await Promise.all([alice.receives(), bob.receives()]);
  assert.ok(!(await alice.pairs()).some(isRelayed) && !(await bob.pairs()).some(isRelayed));
  await until('both to have told that the call is direct', () => bothLast(stage.record(callId), 'direct'));
  assert.equal(stage.record(callId).caller.relayed.to_peer_packets, 0);

  t.after(stage.networks.cut(DIRECT_PATH));
  await until('both to use the relay', async () => {
    const pairs = await Promise.all([alice.pairs(), bob.pairs()]);
    return pairs.every((own) => own.length === 1 && own.every(isRelayed));
  });
  await Promise.all([alice.receives(), bob.receives()]);
  await until('both to have told that the call is relayed', () => bothLast(stage.record(callId), 'relayed'));

  await bob.end();
  await alice.sees('ended', { endResult: 'completed' });
  for (const role of ['dc_caller', 'dc_callee']) {
    assert.deepEqual(paths(stage.record(callId), role), ['direct', 'relayed'], role);
  }
});

test('a relayed call whose user is revoked ends on both sides, and the relay carries nothing more, however they insist', async (t) => {
  t.after(stage.networks.cut(DIRECT_PATH));
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const accessToken = await stage.server.platform.issueSessionToken(bob.userId, Date.now() + 3_600_000);
  const [alices, bobs] = await Promise.all([
    stage.device(t, alice, { browser: 'caller' }),
    stage.device(t, { userId: bob.userId, accessToken }, { browser: 'callee' }),
  ]);
  for (const device of [alices, bobs]) await device.evaluate(() => Object.assign(window.device.bends, { isStubborn: true }));
  const callId = await alices.dial(bob.userId);
  await bobs.sees('ringing');
  await bobs.accept();
  await Promise.all([alices.sees('connected'), bobs.sees('connected')]);
  await Promise.all([alices.receives(), bobs.receives()]);
  assert.ok((await alices.pairs()).every(isRelayed), 'the relay carries it');

  await stage.server.platform.revokeSessionTokens(bob.userId);
  await Promise.all([alices.sees('ended'), bobs.sees('ended')]);
  await Promise.all([silenced(alices, bobs), silenced(bobs, alices)]);
  assert.equal(stage.record(callId).state, 'ended');
});

const isRelayed = ({ local, remote }) => local === 'relay' || remote === 'relay';

/** The paths that a side has told, in order. */
function paths({ timeline }, role) {
  return timeline.filter((entry) => entry.role === role && ['direct', 'relayed'].includes(entry.detail)).map(({ detail }) => detail);
}

function bothLast(record, path) {
  return ['dc_caller', 'dc_callee'].every((role) => paths(record, role).at(-1) === path);
}

/** Waits until nothing of what one sends reaches the other, while it is sent. */
async function silenced(speaker, listener) {
  await until('nothing to arrive any more', async () => {
    const before = await listener.media();
    const sent = (await speaker.media()).audioSent;
    await until('more to be sent', async () => (await speaker.media()).audioSent > sent + 50);
    return (await listener.media()).audioReceived === before.audioReceived;
  });
}
