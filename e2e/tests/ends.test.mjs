/** Every way a call can end, as both sides see it and as the log keeps it. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

/** Waits for both ends, which must be this result, and for the same in both users' logs. */
async function bothEnd(alice, bob, result) {
  const ends = await Promise.all([alice.sees('ended'), bob.sees('ended')]);
  assert.deepEqual(
    ends.map(({ endResult }) => endResult),
    [result, result],
  );
  for (const device of [alice, bob]) {
    const log = await device.evaluate(async () => {
      const calls = await window.SendBirdCall.createDirectCallLogListQuery({}).next();
      return calls.map(({ callId, endResult, isFromServer }) => ({ callId, endResult, isFromServer }));
    });
    assert.deepEqual(log, [{ callId: ends[0].callId, endResult: result, isFromServer: true }]);
  }
  return ends;
}

// Some of them wait for a deadline: those come first, and the others pass them by.
test('each way a call can end', { concurrency: 4 }, async (t) => {
  await Promise.all([
    t.test('connection_lost: a party vanishes without a word', async (t) => {
      const { alice, bob } = await stage.talk(t);
      const [, ended] = await Promise.all([
        bob.crash(),
        // A minute of grace, then the end, and nobody pays for the silence.
        alice.sees('ended', {}, { within: 150_000 }),
        alice.sees('reconnecting'),
      ]);
      assert.equal(ended.endResult, 'connection_lost');
      assert.equal(ended.endedBy, null);
      assert.ok(ended.duration < 30_000, `billed to when bob was last there: ${ended.duration} ms`);
    }),

    t.test('no_answer: the ringing time is over', async (t) => {
      const { alice, bob, bobId } = await stage.pair(t);
      await alice.evaluate(() => window.SendBirdCall.setRingingTimeout(5));
      await alice.dial(bobId);
      await bob.sees('ringing');
      const [seen] = await bothEnd(alice, bob, 'no_answer');
      assert.equal(seen.endedBy, null);
    }),

    t.test('timed_out: no media within the connection time', async (t) => {
      const { alice, bob, bobId } = await stage.pair(t);
      await bob.evaluate(() => Object.assign(window.device.bends, { isCutOff: true }));
      await alice.evaluate(() => window.SendBirdCall.setCallConnectionTimeout(5));
      await alice.dial(bobId);
      await bob.sees('ringing');
      await bob.accept();
      const [seen] = await bothEnd(alice, bob, 'timed_out');
      assert.equal(seen.endedBy, null);
    }),

    t.test('completed: a party hangs up', async (t) => {
      const { alice, bob, bobId } = await stage.talk(t);
      await bob.end();
      const [seen] = await bothEnd(alice, bob, 'completed');
      assert.equal(seen.endedBy, bobId);
      assert.ok(seen.duration > 0);
    }),

    t.test('canceled: the caller gives up before anybody accepts', async (t) => {
      const { alice, bob, bobId, aliceId } = await stage.pair(t);
      await alice.dial(bobId);
      await bob.sees('ringing');
      await alice.end();
      const [, seen] = await bothEnd(alice, bob, 'canceled');
      assert.equal(seen.endedBy, aliceId);
      assert.equal(seen.duration, 0);
    }),

    t.test('declined: the callee does not want to', async (t) => {
      const { alice, bob, bobId } = await stage.pair(t);
      await alice.dial(bobId);
      await bob.sees('ringing');
      await bob.end();
      const [seen] = await bothEnd(alice, bob, 'declined');
      assert.equal(seen.endedBy, bobId);
    }),

    t.test('not_connected: a party hangs up before media is there', async (t) => {
      const { alice, bob, bobId } = await stage.pair(t);
      await bob.evaluate(() => Object.assign(window.device.bends, { isCutOff: true }));
      await alice.dial(bobId);
      await bob.sees('ringing');
      await bob.accept();
      await alice.sees('established');
      await alice.end();
      await bothEnd(alice, bob, 'not_connected');
    }),

    t.test('dial_failed: there is nobody of that name', async (t) => {
      const { alice } = await stage.pair(t);
      const refusal = await alice.tryDial('nobody-at-all');
      assert.equal(refusal.code, 1400103);
      assert.ok(refusal.message.length > 0);
      const { endResult } = await alice.sees('ended');
      assert.equal(endResult, 'dial_failed');
    }),

    t.test('dial_failed: the callee has never signed in', async (t) => {
      const { alice } = await stage.pair(t);
      const { userId } = await stage.user('carol');
      const refusal = await alice.tryDial(userId);
      assert.equal(refusal.code, 1400106);
    }),

    t.test('canceled before the server answered: the callback says 1800100', async (t) => {
      const { alice, bob, bobId } = await stage.pair(t);
      const code = await alice.evaluate(
        (userId) =>
          new Promise((resolve) => {
            const call = window.SendBirdCall.dial({ userId, isVideoCall: false, callOption: {} }, (_, error) =>
              resolve({ code: error?.code ?? null, endResult: call.endResult }),
            );
            call.end();
          }),
        bobId,
      );
      assert.deepEqual(code, { code: 1800100, endResult: 'canceled' });
      // And bob is not left ringing.
      await until('bob to have no call', async () => (await bob.evaluate(() => window.SendBirdCall.getOngoingCallCount())) === 0);
    }),
  ]);
});
