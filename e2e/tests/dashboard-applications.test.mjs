/** Applications at the dashboard: making one, its settings, its tokens and keys, its end. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from '../browser.mjs';
import { Dashboard, makeAdministrator } from '../dashboard.mjs';
import { Platform } from '../platform.mjs';
import { startServer } from '../server.mjs';
import { until } from '../until.mjs';

let server;
let browser;
let ada;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launchChromium()]);
  ada = makeAdministrator(server);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(t, place) {
  const dashboard = await Dashboard.open(t, browser, server, { place });
  await dashboard.signIn(ada);
  return dashboard;
}

/** Makes an application, and gives its id and token. */
async function makeApplication(dashboard, name) {
  await dashboard.press('New application');
  await dashboard.fill('Name', name);
  await dashboard.press('Make it');
  await dashboard.reads(`${name} is made`);
  const token = await dashboard.secret();
  await dashboard.press('I have kept it');
  await dashboard.heading(new RegExp(`Settings of ${name}`));
  return { appId: dashboard.place.split('/')[2], token };
}

const platform = (token) => new Platform(server.url, token);

/** Whether a device signs in with that token. */
async function authenticates(appId, userId, accessToken) {
  const response = await fetch(`${server.url}/client/v1/authenticate`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ app_id: appId, user_id: userId, access_token: accessToken }),
  });
  return response.ok;
}

test('the keyboard alone makes an application, whose token and first code are shown once', async (t) => {
  const dashboard = await open(t, '/applications');
  const { page } = dashboard;
  await dashboard.reads(server.ready.app_id);
  await page.focus('h1');
  await until('the button to be reached', async () => {
    await page.keyboard.press('Tab');
    return page.evaluate(() => document.activeElement?.textContent === 'New application');
  });
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none', 'the focus is seen');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open] input:focus');
  await page.keyboard.type('Clinic');
  await page.keyboard.press('Enter');
  await dashboard.reads('Clinic is made');
  const token = await dashboard.secret();
  await dashboard.isAccessible();
  await dashboard.picture('application-made');
  assert.match(await dashboard.text(), /SendBirdCall\.init\("[^"]+"\)/, 'with code to paste');
  await page.keyboard.press('Escape');
  assert.equal(await dashboard.secret(), token, 'Escape does not lose what is shown once');
  await until('the focus to stay in the dialog and reach its end', async () => {
    await page.keyboard.press('Tab');
    const { text, isInside } = await page.evaluate(() => ({
      text: document.activeElement?.textContent,
      isInside: document.activeElement === document.body || document.querySelector('dialog[open]').contains(document.activeElement),
    }));
    assert.ok(isInside, `the focus left the dialog for ${text}`);
    return text === 'I have kept it';
  });
  await page.keyboard.press('Enter');
  await dashboard.heading(/Settings of Clinic/);
  const made = await platform(token).createUser('alice');
  assert.ok(made.accessToken, 'the token works');
  assert.deepEqual(dashboard.complaints, []);
});

test('every setting is saved, and a value out of range is named and not sent', async (t) => {
  const dashboard = await open(t, '/applications');
  await makeApplication(dashboard, 'Settings');
  await dashboard.fill('Longest ringing', '4');
  await dashboard.reads('The time to ring is a whole number from 5 to 300, not "4".');
  await dashboard.fill('Allowed origins', 'https://example.com/path');
  await dashboard.reads('"https://example.com/path" is no origin.');
  await dashboard.isAccessible();
  await dashboard.picture('settings-wrong');

  const wanted = {
    Name: 'Settings 2',
    'Allowed origins': 'https://example.com\nhttps://two.example:8443',
    'Longest ringing': '20',
    'Longest connecting': '15',
    "Hosts of calls' own webhooks": 'hooks.example.com:8443',
    'Address of your server': 'https://example.com/may-ring',
    'Longest wait for its answer': '700',
    'Ended calls': '90',
    'Measurements of quality': '30',
    'Settled webhook deliveries': '7',
  };
  for (const [label, value] of Object.entries(wanted)) {
    await dashboard.fill(label, value);
  }
  await dashboard.choose('What users without a token may do', 'read_only');
  await dashboard.choose('Where there is no answer', 'deny');
  await dashboard.page.click('input[type=checkbox]');
  await dashboard.press('Save');
  await dashboard.reads('The settings are saved.');

  await dashboard.go(dashboard.place);
  await dashboard.heading(/Settings of Settings 2/);
  for (const [label, value] of Object.entries(wanted)) {
    assert.equal(await dashboard.value(label), value, label);
  }
  assert.equal(await dashboard.value('What users without a token may do'), 'read_only');
  assert.equal(await dashboard.value('Where there is no answer'), 'deny');
  assert.equal(await dashboard.page.$eval('input[type=checkbox]', ({ checked }) => checked), true);

  await dashboard.fill('Address of your server', '');
  await dashboard.fill('Ended calls', '0');
  await dashboard.press('Save');
  await dashboard.reads('The settings are saved.');
  await dashboard.go(dashboard.place);
  assert.equal(await dashboard.value('Address of your server'), '', 'nobody is asked any more');
  assert.equal(await dashboard.value('Ended calls'), '0');
});

test('an API token is made, works, and is refused once it is revoked; the master is rotated', async (t) => {
  const dashboard = await open(t, '/applications');
  const { appId, token } = await makeApplication(dashboard, 'Tokens');
  await dashboard.follow('API tokens');
  await dashboard.reads('Master');
  await dashboard.press('New token');
  const second = await dashboard.secret();
  await dashboard.press('I have kept it');
  await until('both to be listed', async () => (await dashboard.rows('API tokens')).length === 2);
  await dashboard.picture('api-tokens');
  await platform(second).createUser('alice');

  await dashboard.press(`Revoke the token …${second.slice(-4)}`);
  await dashboard.reads('is refused from now on');
  await dashboard.press('Revoke it');
  await dashboard.closed();
  await until('one to be listed', async () => (await dashboard.rows('API tokens')).length === 1);
  await assert.rejects(platform(second).createUser('bob'), /401|400401/);

  await dashboard.press(`Rotate the token …${token.slice(-4)}`);
  await dashboard.press('Rotate it');
  await dashboard.reads('The new API token');
  const master = await dashboard.secret();
  assert.notEqual(master, token);
  await assert.rejects(platform(token).createUser('bob'), /401|400401/);
  await platform(master).createUser('bob');
  assert.equal(dashboard.place, `/apps/${appId}/tokens`);
});

test('with another signing key new session tokens are signed, and those before stay valid; another webhook key is shown once', async (t) => {
  const dashboard = await open(t, '/applications');
  const { token } = await makeApplication(dashboard, 'Keys');
  await platform(token).createUser('alice');
  const sessionToken = await platform(token).issueSessionToken('alice', Date.now() + 3_600_000);
  const appId = dashboard.place.split('/')[2];
  const signsIn = (accessToken) => authenticates(appId, 'alice', accessToken);
  assert.equal(await signsIn(sessionToken), true, 'before');
  await dashboard.press('Rotate the signing key');
  await dashboard.reads('New session tokens of Keys are signed with another key.');
  await dashboard.press('Rotate it');
  await dashboard.closed();
  await dashboard.reads('The signing key is another now.');
  assert.equal(await signsIn(sessionToken), true, 'after');
  assert.equal(await signsIn(await platform(token).issueSessionToken('alice', Date.now() + 3_600_000)), true, 'of the new key');
  assert.equal(await signsIn(`${sessionToken.slice(0, -4)}AAAA`), false, 'of no key');
  await dashboard.press('Rotate the webhook key');
  await dashboard.press('Rotate it');
  await dashboard.reads('The new webhook key');
  assert.match(await dashboard.secret(), /^\S{20,}$/);
  await dashboard.press('I have kept it');
});

test('an application is deleted once its name is written, and its token works no more', async (t) => {
  const dashboard = await open(t, '/applications');
  const { token } = await makeApplication(dashboard, 'Short-lived');
  await dashboard.press('Delete the application');
  await dashboard.page.keyboard.type('Short-live');
  await dashboard.page.keyboard.press('Enter');
  await dashboard.reads('Delete Short-lived?');
  await dashboard.isAccessible();
  await dashboard.picture('application-delete');
  await dashboard.page.keyboard.type('d');
  await dashboard.page.keyboard.press('Enter');
  await dashboard.heading(/^Applications$/);
  await dashboard.reads('Short-lived is deleted.');
  await until('it to be gone from the list', async () => !(await dashboard.rows('Applications')).some((row) => row.includes('Short-lived')));
  await assert.rejects(platform(token).createUser('alice'), /401|400401/);
});
