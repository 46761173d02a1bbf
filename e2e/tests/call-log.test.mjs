/** The call log as applications query it, and calls that their own servers were told of. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

/** The ids of each page of a query, in order, and what the query shows after the last. */
function pages(device, params) {
  return device.evaluate(async (query) => {
    const log = window.SendBirdCall.createDirectCallLogListQuery(query);
    const found = [];
    while (log.hasNext) found.push((await log.next()).map(({ callId }) => callId));
    return { found, after: await log.next(), isLoading: log.isLoading };
  }, params);
}

for (const browser of ['chromium', 'firefox']) {
  test(`every filter of the call log finds what it names, in ${browser}`, async (t) => {
    const { alice, bob, bobId, aliceId } = await stage.pair(t, { caller: browser });
    const canceled = await alice.dial(bobId);
    await alice.end();
    await alice.sees('ended', { callId: canceled });
    const declined = await alice.dial(bobId, { customItems: { ticket: '4711' } });
    await bob.sees('ringing', { callId: declined });
    await bob.end();
    await alice.sees('ended', { callId: declined });
    const mine = await bob.dial(aliceId);
    await alice.sees('ringing', { callId: mine });
    await bob.end();
    await bob.sees('ended', { callId: mine });

    const find = async (params) => (await pages(alice, params)).found.flat();
    assert.deepEqual(await find({}), [mine, declined, canceled]);
    assert.deepEqual(await find({ myRole: 'dc_caller' }), [declined, canceled]);
    assert.deepEqual(await find({ myRole: 'dc_callee' }), [mine]);
    assert.deepEqual(await find({ endResults: ['DECLINED'] }), [declined]);
    assert.deepEqual(await find({ endResults: ['declined', 'canceled'], myRole: 'dc_caller' }), [declined, canceled]);
    assert.deepEqual(await find({ endResults: ['dial_failed'] }), []);
    assert.deepEqual(await pages(alice, { limit: 2 }), { found: [[mine, declined], [canceled]], after: [], isLoading: false });

    const entry = await alice.evaluate(async (id) => {
      const log = await window.SendBirdCall.createDirectCallLogListQuery().next();
      const one = log.find(({ callId }) => callId === id);
      return { ...JSON.parse(JSON.stringify(one)), startedAt: one.startedAt.getTime(), endedAt: one.endedAt.getTime() };
    }, declined);
    assert.equal(entry.userRole, 'dc_caller');
    assert.equal(entry.endResult, 'declined');
    assert.equal(entry.endedBy.userId, bobId);
    assert.equal(entry.isFromServer, true);
    assert.deepEqual(entry.customItems, { ticket: '4711' });
    // Both bounds are included.
    const { startedAt } = entry;
    assert.deepEqual(await find({ startedAt, endedAt: startedAt }), [declined]);
    assert.ok((await find({ startedAt })).includes(mine));
    assert.ok(!(await find({ startedAt: startedAt + 1 })).includes(declined));
    assert.ok(!(await find({ endedAt: startedAt - 1 })).includes(declined));
  });

  test(`a forwarded webhook rings a page that had no socket, by what the server says of the call, in ${browser}`, async (t) => {
    const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
    const [alices, bobs] = await Promise.all([stage.device(t, alice), stage.device(t, bob, { browser })]);
    // Bob signs in anew and opens no socket.
    const { app_id: appId } = stage.server.ready;
    await bobs.evaluate(async (user) => {
      window.SendBirdCall.deauthenticate();
      await window.SendBirdCall.authenticate(user);
    }, bob);
    const callId = await alices.dial(bob.userId);
    const forward = (applicationId) =>
      bobs.evaluate(
        (id, application_id) =>
          window.SendBirdCall.handleWebhookData({
            category: 'direct_call:dial',
            occured_at: Date.now(),
            application_id,
            sendbird_call: { version: 1, message_id: 'm', cmd: 'c', type: 'dial', payload: { call_id: id, is_video_call: true } },
          }),
        callId,
        applicationId,
      );
    await forward('another application');
    const state = await bobs.evaluate(() => window.SendBirdCall.connectionState);
    assert.equal(state, 'closed');
    await forward(appId);
    await bobs.sees('ringing', { callId });
    assert.equal(await bobs.read('isVideoCall'), false);
    await bobs.accept();
    await Promise.all([alices.sees('connected'), bobs.sees('connected')]);
  });
}
