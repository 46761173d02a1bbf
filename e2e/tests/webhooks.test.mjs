/** Webhooks of calls, from the page that asks for them to the page that is rung by what they say. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

let receiver;
let stage;
before(async () => {
  receiver = await startReceiver();
  stage = await Stage.set({
    configuration: `
      [relay]
      listen = ["127.0.0.1:0"]
      [outbound]
      allowed_private_hosts = ["${receiver.host}"]
    `,
  });
});
after(async () => {
  await stage?.strike();
  await receiver?.stop();
});

for (const browser of ['chromium', 'firefox']) {
  test(`the webhook that a dial in ${browser} asks for rings, passed on as it came, a page that had no socket`, async (t) => {
    const { app_id: appId } = stage.server.ready;
    stage.server.tell('app', 'webhooks', 'allow', appId, receiver.host);
    const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
    const [alices, bobs] = await Promise.all([stage.device(t, alice, { browser }), stage.device(t, bob)]);
    // Bob signs in anew and opens no socket.
    await bobs.evaluate(async (user) => {
      window.SendBirdCall.deauthenticate();
      await window.SendBirdCall.authenticate(user);
    }, bob);

    const webhook = { url: `http://${receiver.host}/calls`, enabledEvents: ['*'], headers: { 'X-Tenant': '7' } };
    const callId = await alices.dial(bob.userId, { webhook, customItems: { ticket: '4711' } });
    const dialled = await receiver.told('direct_call:dial', callId);
    assert.equal(dialled.headers['x-tenant'], '7');
    assert.match(dialled.headers['x-offhook-signature'], /^t=\d+,v1=[0-9a-f]{64}$/);
    const { application_id, direct_call } = JSON.parse(dialled.text);
    assert.equal(application_id, appId);
    assert.equal(direct_call.caller_id, alice.userId);
    assert.deepEqual(direct_call.custom_items, { ticket: '4711' });

    assert.equal(await bobs.evaluate(() => window.SendBirdCall.connectionState), 'closed');
    await bobs.evaluate((text) => window.SendBirdCall.handleWebhookData(JSON.parse(text)), dialled.text);
    await bobs.sees('ringing', { callId });
    await bobs.accept();
    await Promise.all([alices.sees('connected'), bobs.sees('connected')]);
    await receiver.told('direct_call:accept', callId);
    await bobs.end();
    const ended = JSON.parse((await receiver.told('direct_call:end', callId)).text);
    assert.deepEqual([ended.result, ended.direct_call.ended_by], ['completed', bob.userId]);
  });

  test(`a host that the application does not list is refused to ${browser}, and no call is made`, async (t) => {
    const { app_id: appId } = stage.server.ready;
    stage.server.tell('app', 'webhooks', 'forbid', appId);
    const { alice, bob, bobId } = await stage.pair(t, { caller: browser });
    const webhook = { url: `http://${receiver.host}/calls`, enabledEvents: ['*'] };
    const refused = await alice.tryDial(bobId, { webhook });
    assert.equal(refused.code, 400307);
    // Another call rings first.
    const callId = await alice.dial(bobId);
    await bob.sees('ringing');
    assert.deepEqual(
      (await bob.events()).filter(({ name }) => name === 'ringing').map((event) => event.callId),
      [callId],
    );
  });
}

/** An application's own server, which takes whatever comes. */
async function startReceiver() {
  const received = [];
  const http = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, text: Buffer.concat(chunks).toString() });
    response.writeHead(204).end();
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${http.address().port}`,
    told(category, callId) {
      const isIt = ({ text }) => {
        const event = JSON.parse(text);
        return event.category === category && event.direct_call.call_id === callId;
      };
      return until(`a webhook of ${category}`, () => received.find(isIt));
    },
    async stop() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
