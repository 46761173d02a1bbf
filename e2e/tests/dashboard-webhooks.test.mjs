/** An operator subscribes to events, sees that a receiver fails, and sends again what was given up. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Dashboard, makeAdministrator } from '../dashboard.mjs';
import { Receiver } from '../receiver.mjs';
import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

let stage;
let receiver;
let operator;
before(async () => {
  receiver = await Receiver.start();
  stage = await Stage.set({
    configuration: `
      [relay]
      listen = ["127.0.0.1:0"]
      [outbound]
      allowed_private_hosts = ["${receiver.host}"]
    `,
  });
  operator = makeAdministrator(stage.server, 'olga', 'operator');
});
after(async () => {
  await stage?.strike();
  await receiver?.stop();
});

test('an operator says where events are told; what a receiver fails is seen with its reason, and delivered once it answers', async (t) => {
  const dashboard = await open(t);
  await dashboard.page.locator('::-p-aria([name="Tell events"])').click();
  await dashboard.press('Save');
  await dashboard.reads('Say where events are told, or switch them off.');
  await dashboard.fill('Address', receiver.url);
  for (const event of ['Dialled', 'Ended']) {
    const isChosen = await dashboard.page.$eval(`::-p-aria([name="${event}"][role="checkbox"])`, ({ checked }) => checked);
    if (!isChosen) await dashboard.page.click(`::-p-aria([name="${event}"][role="checkbox"])`);
  }
  await dashboard.press('Save');
  await dashboard.reads('Saved.');

  receiver.status = 503;
  const callId = await missedCall(t);
  await receiver.hears(callId, 'direct_call:dial', 503);
  await until('a failed delivery', async () =>
    (await dashboard.rows('Webhook deliveries')).some((row) => /Dialled[^]*Retrying[^]*503/.test(row)),
  );
  await dashboard.isAccessible();
  await dashboard.picture('webhooks');
  await dashboard.page.setViewport({ width: 390, height: 844 });
  await dashboard.isAccessible();
  await dashboard.picture('webhooks-phone');
  await dashboard.page.setViewport({ width: 1280, height: 900 });

  receiver.status = 204;
  await receiver.hears(callId, 'direct_call:end');
  await until('both deliveries', async () => (await dashboard.rows('Webhook deliveries')).filter((row) => row.includes('Delivered')).length === 2);
  await dashboard.go(`/apps/${stage.server.ready.app_id}/calls/${callId}`);
  await until('the deliveries of the call', async () => (await dashboard.rows('Webhook deliveries')).length === 2);
  assert.deepEqual(dashboard.complaints, []);
});

test('what was given up stays in the list, and is sent again: one by one, or all of a time', async (t) => {
  const { app_id: appId } = stage.server.ready;
  stage.server.tell('app', 'webhooks', 'allow', appId, receiver.host);
  receiver.status = 503;
  const webhook = { url: receiver.url, enabledEvents: ['*'] };
  const callId = await missedCall(t, { webhook });
  await receiver.hears(callId, 'direct_call:dial', 503);
  // Its host is taken off the list: it is told nothing more.
  stage.server.tell('app', 'webhooks', 'forbid', appId, receiver.host);
  const dashboard = await open(t);
  await dashboard.choose('State', 'dead');
  await until('what was given up', async () => (await dashboard.rows('Webhook deliveries')).some((row) => /Given up/.test(row)));
  assert.match(dashboard.place, /\?state=dead$/);
  await dashboard.picture('webhooks-dead');

  stage.server.tell('app', 'webhooks', 'allow', appId, receiver.host);
  receiver.status = 204;
  await dashboard.page.locator('::-p-aria(Replay Dialled 1)').click();
  await dashboard.reads('It is sent again.');
  await receiver.hears(callId, 'direct_call:dial');
  await dashboard.press('Replay what was given up');
  await dashboard.press('Replay');
  await dashboard.reads(/are sent again\.|is sent again\./);
  await receiver.hears(callId, 'direct_call:end');
  await dashboard.choose('State', 'delivered');
  await until('its end', async () => (await dashboard.rows('Webhook deliveries')).some((row) => /Ended[^]*Delivered[^]*named by the call/.test(row)));
});

async function open(t) {
  const dashboard = await Dashboard.open(t, await stage.browser(), stage.server);
  await dashboard.signIn(operator);
  await dashboard.go(`/apps/${stage.server.ready.app_id}/webhooks`);
  await dashboard.reads('What is told');
  return dashboard;
}

/** A call that its caller takes back; gives its id. */
async function missedCall(t, more = {}) {
  const { alice, bob, bobId } = await stage.pair(t);
  const callId = await alice.dial(bobId, more);
  await bob.sees('ringing');
  await alice.end();
  await bob.sees('ended');
  return callId;
}
