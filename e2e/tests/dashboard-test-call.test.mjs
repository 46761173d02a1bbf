/** A call from the dashboard to a user's device. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Dashboard, makeAdministrator } from '../dashboard.mjs';
import { Stage } from '../stage.mjs';

let stage;
let operator;
before(async () => {
  stage = await Stage.set();
  operator = makeAdministrator(stage.server, 'olga', 'operator');
});
after(() => stage?.strike());

test('a call placed from the dashboard rings a device, is talked, and leads to its entry in the log', async (t) => {
  const bob = await stage.user('bob');
  const device = await stage.device(t, bob);
  const dashboard = await Dashboard.open(t, await stage.browser(), stage.server);
  await dashboard.signIn(operator);
  await giveTickets(dashboard.page);
  await dashboard.go(`/apps/${stage.server.ready.app_id}/test-call`);
  await dashboard.isAccessible();
  await dashboard.fill('User', bob.userId);
  await dashboard.press('Call');
  await device.sees('ringing');
  await dashboard.reads('It rings. Answer on one of the devices.');
  await dashboard.picture('test-call-ringing');
  await device.accept();
  await device.sees('connected');
  await dashboard.reads('You are talking.');
  await device.receives();
  await dashboard.picture('test-call');
  await dashboard.isAccessible();
  await device.end();
  await dashboard.reads('The call is over.');
  await dashboard.follow('What is known of this call');
  await dashboard.heading(/→ bob$/);
  await dashboard.reads('bob hung up.');
  assert.deepEqual(dashboard.complaints, []);
});

test('a call goes on no longer than its page', async (t) => {
  const bob = await stage.user('bob');
  const device = await stage.device(t, bob);
  const dashboard = await Dashboard.open(t, await stage.browser(), stage.server);
  await dashboard.signIn(operator);
  await giveTickets(dashboard.page);
  await dashboard.go(`/apps/${stage.server.ready.app_id}/test-call`);
  await dashboard.fill('User', bob.userId);
  await dashboard.choose('Kind', 'video');
  await dashboard.press('Call');
  await device.sees('ringing');
  await dashboard.follow('Overview');
  await device.sees('ended');
});

/** Signs the page's calls in as a user of the back end's, in the dashboard's stead. */
async function giveTickets(page) {
  const { userId } = await stage.user('dashboard');
  await page.setRequestInterception(true);
  page.on('request', async (request) => {
    if (!new URL(request.url()).pathname.endsWith('/test_call')) {
      return request.continue();
    }
    const session_token = await stage.server.platform.issueSessionToken(userId, Date.now() + 600_000);
    const body = JSON.stringify({ app_id: stage.server.ready.app_id, user_id: userId, session_token });
    return request.respond({ status: 200, contentType: 'application/json', body });
  });
}
