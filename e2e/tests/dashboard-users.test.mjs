/** Users at the dashboard: looking for one, making one, tokens, devices, shutting out, the end. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Dashboard, makeAdministrator } from '../dashboard.mjs';
import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

/** More than one page of the list. */
const MANY = 120;

let stage;
let ada;
before(async () => {
  stage = await Stage.set();
  ada = makeAdministrator(stage.server);
});
after(() => stage?.strike());

const appId = () => stage.server.ready.app_id;

async function open(t, place = `/apps/${appId()}/users`) {
  const dashboard = await Dashboard.open(t, await stage.browser(), stage.server, { place });
  await dashboard.signIn(ada);
  return dashboard;
}

const placeOf = (userId) => `/apps/${appId()}/users/${encodeURIComponent(userId)}`;

test('where nobody is yet, the page shows how a user is made, and makes one whose token signs a device in', async (t) => {
  const dashboard = await open(t);
  await dashboard.reads('No user yet');
  await dashboard.reads('"issue_access_token": true');
  await dashboard.isAccessible();
  await dashboard.picture('users-none');
  const userId = '50% of a/b?#ä';
  await dashboard.press('New user');
  await dashboard.fill('User id', userId);
  await dashboard.fill('Nickname', 'Half');
  await dashboard.press('Make it');
  await dashboard.reads(`${userId} is made`);
  const accessToken = await dashboard.secret();
  await dashboard.press('I have kept it');
  await dashboard.heading(/^Half$/);
  assert.equal(dashboard.place, placeOf(userId), 'a name of any letters has a page');

  await stage.device(t, { userId, accessToken });
  await dashboard.go(dashboard.place);
  await dashboard.reads('Connected');
  assert.deepEqual(dashboard.complaints, []);
});

test('users are found by the beginning of the nickname and by the id, and a long list goes on as one scrolls', async (t) => {
  const { platform } = stage.server;
  for (let made = 0; made < MANY; made += 1) {
    await platform.createUser(`many-${made}`, `Many ${String(made).padStart(3, '0')}`);
  }
  const dashboard = await open(t);
  await until('the first users', async () => (await dashboard.rows('Users')).length > 0);
  await until('the last user to be shown', async () => {
    await dashboard.page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    return (await dashboard.rows('Users')).some((row) => row.includes(`many-${MANY - 1}`));
  });
  const inPage = (await dashboard.rows('Users')).length;
  assert.ok(inPage < 60, `only what is seen is in the page, not ${inPage} rows`);
  const gaps = await dashboard.page.$$eval('.table-body > [role=row]', (rows) =>
    rows.slice(1).map((row, index) => Math.abs(row.getBoundingClientRect().top - rows[index].getBoundingClientRect().bottom)),
  );
  assert.ok(gaps.every((gap) => gap < 1), `rows follow each other: ${gaps}`);
  await dashboard.picture('users');

  await dashboard.fill('Words', 'Many 11');
  await until('ten to be found', async () => (await dashboard.rows('Users')).length === 10);
  assert.match(dashboard.place, /words=Many/, 'what is looked for is in the address');
  await dashboard.choose('Look for', 'id');
  await dashboard.fill('Words', 'many-7');
  await until('one to be found', async () => {
    const rows = await dashboard.rows('Users');
    return rows.length === 1 && rows[0].includes('many-7');
  });
  await dashboard.follow('many-7');
  await dashboard.heading(/Many 007/);
  await dashboard.page.goBack();
  await dashboard.heading(/^Users$/);
  assert.equal(await dashboard.value('Words'), 'many-7', 'Back shows what was looked for');
  await dashboard.fill('Words', 'nobody at all');
  await dashboard.reads('Nobody is found');
});

test('a user is renamed, shut out, let in again, and deleted by name', async (t) => {
  const { userId } = await stage.user('frank');
  const dashboard = await open(t, placeOf(userId));
  await dashboard.fill('Nickname', 'Frank the second');
  await dashboard.press('Save');
  await dashboard.heading(/Frank the second/);
  await dashboard.press('Shut out');
  await dashboard.reads('This user is shut out.');
  await dashboard.isAccessible();
  await dashboard.press('Let in again');
  await dashboard.reads('This user may sign in.');
  await dashboard.press('Delete the user');
  await dashboard.page.keyboard.type(userId);
  await dashboard.page.keyboard.press('Enter');
  await dashboard.heading(/^Users$/);
  await assert.rejects(stage.server.platform.request('GET', `/v3/users/${userId}`), /400201/);
});

test('a session token that is issued signs in, and all of them are revoked; a new access token replaces the old', async (t) => {
  const user = await stage.user('grace');
  const dashboard = await open(t, placeOf(user.userId));
  await dashboard.press('Issue a session token');
  await dashboard.choose('It lives for', '24');
  await dashboard.press('Issue it');
  await dashboard.reads('Session token of');
  const accessToken = await dashboard.secret();
  await dashboard.press('I have kept it');
  await stage.device(t, { userId: user.userId, accessToken });
  await dashboard.reads('Connected');
  await dashboard.press('Revoke all');
  await dashboard.reads('Devices that signed in with one are signed out');
  await dashboard.press('Revoke them');
  await dashboard.closed();
  await until('the device to be signed out', async () => !(await dashboard.text()).includes('Connected'));

  await dashboard.press('Issue an access token');
  await dashboard.press('Issue it');
  await dashboard.reads('Access token of');
  const fresh = await dashboard.secret();
  assert.notEqual(fresh, user.accessToken);
  await dashboard.press('I have kept it');
  await stage.device(t, { userId: user.userId, accessToken: fresh });
  await dashboard.reads('Connected');
});

test('one device of two is signed out', async (t) => {
  const user = await stage.user('heidi');
  await Promise.all([stage.device(t, user), stage.device(t, user)]);
  const dashboard = await open(t, placeOf(user.userId));
  await until('both devices', async () => (await dashboard.rows('Devices')).filter((row) => row.includes('Connected')).length === 2);
  await dashboard.picture('user');
  await dashboard.press('Sign out this device');
  await dashboard.press('Sign it out');
  await dashboard.closed();
  await until('one device', async () => (await dashboard.rows('Devices')).filter((row) => row.includes('Connected')).length === 1);
});

test('a push token is listed and forgotten', async (t) => {
  const { userId } = await stage.user('ivan');
  const { platform } = stage.server;
  await platform.request('POST', `/v1/users/${userId}/push_tokens`, { type: 'fcm_voip', token: 'a-token-of-ivan' });
  const dashboard = await open(t, placeOf(userId));
  await dashboard.reads('a-token-of-ivan');
  await dashboard.press('Forget');
  await dashboard.reads('a call to it rings nowhere');
  const left = await platform.request('GET', `/v1/users/${userId}/push_tokens`);
  assert.equal(JSON.stringify(left).includes('a-token-of-ivan'), false);
});
