/** Administrators at the dashboard: making one, what each role may do, the log of what was done. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from '../browser.mjs';
import { Dashboard, makeAdministrator } from '../dashboard.mjs';
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

async function open(t, who, place) {
  const dashboard = await Dashboard.open(t, browser, server, { place });
  await dashboard.signIn(who);
  return dashboard;
}

const PASSWORD = 'twelve letters';

/** Presses by force what is shut: gives whether a dialog opened. */
async function opensNothing(dashboard, name) {
  const button = await dashboard.page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`);
  assert.equal(await button.evaluate((element) => element.getAttribute('aria-disabled')), 'true', `${name} is shut`);
  const reason = await button.evaluate((element) => document.getElementById(element.getAttribute('aria-describedby')).textContent);
  await button.click();
  assert.equal(await dashboard.page.$('dialog[open]'), null);
  return reason;
}

test('an owner makes an administrator, changes role and password, and deletes them; the log tells of it', async (t) => {
  const owner = await open(t, ada, '/administrators');
  await owner.press('New administrator');
  await owner.fill('Name', 'bela');
  await owner.fill('Password', PASSWORD);
  await owner.isAccessible();
  await owner.press('Make it');
  await owner.closed();
  await until('bela to be listed', async () => (await owner.rows('Administrators')).some((row) => row.includes('bela') && row.includes('Viewer')));
  await owner.picture('administrators');

  const bela = await open(t, { name: 'bela', password: PASSWORD }, '/administrators');
  await owner.press('Change bela');
  await owner.choose('Role', 'operator');
  await owner.fill('New password (optional)', 'another twelve letters');
  await owner.press('Save');
  await owner.closed();
  await until('bela to be an operator', async () => (await owner.rows('Administrators')).some((row) => row.includes('bela') && row.includes('Operator')));
  await bela.follow('Audit log');
  await bela.reads('Your session has ended.');

  await owner.press('Change bela');
  await owner.press('Delete bela');
  await owner.reads('Delete bela?');
  await owner.press('Delete them');
  await owner.closed();
  await until('bela to be gone', async () => !(await owner.rows('Administrators')).some((row) => row.includes('bela')));

  await owner.follow('Audit log');
  await until('what was done to be logged', async () => (await owner.rows('Audit log')).filter((row) => row.includes('ada')).length >= 3);
  await owner.isAccessible();
  await owner.picture('audit');
  await owner.fill('Who', 'bela');
  await until('only what bela did', async () => {
    const rows = await owner.rows('Audit log');
    return rows.length > 0 && rows.every((row) => row.includes('bela'));
  });
  assert.deepEqual(owner.complaints, []);
});

test('the last owner stays one', async (t) => {
  const owner = await open(t, ada, '/administrators');
  await owner.press('Change ada');
  await owner.choose('Role', 'viewer');
  await owner.press('Save');
  await owner.reads('The last owner can be neither deleted nor made less.');
});

test('a viewer sees all of it and may press nothing, and is told why; the server says the same', async (t) => {
  const viewer = await open(t, makeAdministrator(server, 'vera', 'viewer'), '/administrators');
  assert.match(await opensNothing(viewer, 'New administrator'), /Only an owner may do this. Your role is viewer/);
  await viewer.go('/applications');
  await viewer.reads(server.ready.app_id);
  await opensNothing(viewer, 'New application');
  await viewer.go(`/apps/${server.ready.app_id}/users`);
  assert.match(await opensNothing(viewer, 'New user'), /A viewer may look and change nothing/);
  await viewer.isAccessible();
  await viewer.picture('viewer');
  await viewer.go(`/apps/${server.ready.app_id}/settings`);
  await viewer.page.waitForSelector('fieldset');
  assert.equal(await viewer.page.$$eval('fieldset :is(input:not([type=checkbox]), textarea)', (fields) => fields.every((field) => field.readOnly)), true);
  const status = await viewer.page.evaluate(async (appId) => {
    const response = await fetch(`/admin/v1/applications/${appId}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'mine' }),
    });
    return response.status;
  }, server.ready.app_id);
  assert.equal(status, 403);
});

test('an operator changes users, and neither keys nor administrators', async (t) => {
  const operator = await open(t, makeAdministrator(server, 'otto', 'operator'), `/apps/${server.ready.app_id}/tokens`);
  await operator.reads('Master');
  assert.match(await opensNothing(operator, 'New token'), /Only an owner/);
  await operator.go(`/apps/${server.ready.app_id}/users`);
  await operator.press('New user');
  await operator.fill('User id', 'made-by-otto');
  await operator.press('Make it');
  await operator.reads('made-by-otto is made');
});
