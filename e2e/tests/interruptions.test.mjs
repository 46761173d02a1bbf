/** A page is reloaded, a server is killed: what a call makes of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Stage } from '../stage.mjs';

test('a page that is reloaded in mid-call has left the call, and the other side is told at once', async (t) => {
  const stage = await Stage.set();
  t.after(() => stage.strike());
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const [alices, bobs] = await Promise.all([stage.device(t, alice), stage.device(t, bob)]);
  await alices.dial(bob.userId);
  await bobs.sees('ringing');
  await bobs.accept();
  await Promise.all([alices.sees('connected'), bobs.sees('connected')]);

  await alices.page.reload({ waitUntil: 'load' });
  await alices.signIn(stage.server, alice);
  // Who only vanished would be waited for a minute.
  const { endResult, endedBy } = await bobs.sees('ended', {}, { within: 20_000 });
  assert.equal(endResult, 'completed');
  assert.equal(endedBy, alice.userId);
  assert.equal(await alices.evaluate(() => window.SendBirdCall.getOngoingCallCount()), 0);

  // The page is a device like any other again.
  await bobs.dial(alice.userId);
  await alices.sees('ringing');
});

test('a server that is killed in mid-call and comes back: the call goes on and its record is right', async (t) => {
  const stage = await Stage.set();
  t.after(() => stage.strike());
  const { alice, bob, aliceId, bobId, callId } = await stage.talk(t);
  const [hers, his] = await Promise.all([alice.events(), bob.events()]);

  await stage.server.kill();
  await Promise.all([
    alice.sees('connection', { state: 'reconnecting' }, { from: hers.length }),
    bob.sees('connection', { state: 'reconnecting' }, { from: his.length }),
  ]);
  // Nobody serves, and they talk on.
  await Promise.all([alice.receives(), bob.receives()]);

  await stage.server.start();
  await Promise.all([
    alice.sees('connection', { state: 'connected' }, { from: hers.length }),
    bob.sees('connection', { state: 'connected' }, { from: his.length }),
  ]);
  await Promise.all([alice.receives(), bob.receives()]);
  assert.deepEqual(await alice.story(), ['dialReceived', 'established', 'connected']);
  assert.deepEqual(await bob.story(), ['ringing', 'established', 'connected']);

  await bob.end();
  const [ended] = await Promise.all([alice.sees('ended'), bob.sees('ended')]);
  assert.equal(ended.endResult, 'completed');
  const [record] = await alice.evaluate(async () => {
    const calls = await window.SendBirdCall.createDirectCallLogListQuery({}).next();
    return calls.map(({ callId, endResult, duration, caller, callee }) => ({
      callId,
      endResult,
      duration,
      caller: caller.userId,
      callee: callee.userId,
    }));
  });
  const talked = await alice.evaluate(() => {
    const at = (name) => window.device.events.find((event) => event.name === name).at;
    return at('ended') - at('established');
  });
  assert.deepEqual({ ...record, duration: 0 }, { callId, endResult: 'completed', duration: 0, caller: aliceId, callee: bobId });
  assert.ok(Math.abs(record.duration - talked) < 5_000, `recorded ${record.duration} ms, talked ${talked} ms`);
});
