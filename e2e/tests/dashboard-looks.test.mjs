/** How the dashboard looks and sounds: axe on every page, phone, dark, keyboard, what the overview says. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Dashboard, makeAdministrator } from '../dashboard.mjs';
import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

let stage;
let ada;
let userId;
before(async () => {
  stage = await Stage.set();
  ada = makeAdministrator(stage.server);
  ({ userId } = await stage.user('alice'));
});
after(() => stage?.strike());

async function open(t, options) {
  const dashboard = await Dashboard.open(t, await stage.browser(), stage.server, options);
  await dashboard.signIn(ada);
  return dashboard;
}

const PHONE = { width: 390, height: 844 };

function places() {
  const application = `/apps/${stage.server.ready.app_id}`;
  return {
    overview: '/',
    applications: '/applications',
    settings: `${application}/settings`,
    tokens: `${application}/tokens`,
    users: `${application}/users`,
    user: `${application}/users/${userId}`,
    administrators: '/administrators',
    audit: '/audit',
    account: '/account',
    nowhere: '/no/such/page',
  };
}

for (const [name, options] of [
  ['desktop', {}],
  ['desktop-dark', { scheme: 'dark' }],
  ['phone', PHONE],
  ['phone-dark', { ...PHONE, scheme: 'dark' }],
]) {
  test(`axe finds nothing on any page, and nothing scrolls sideways: ${name}`, async (t) => {
    const dashboard = await open(t, options);
    for (const [page, place] of Object.entries(places())) {
      await dashboard.go(place);
      await until('the page to be there', () => dashboard.page.evaluate(() => document.querySelector('.loading') === null));
      await dashboard.isAccessible();
      await dashboard.picture(`${page}-${name}`);
    }
    assert.deepEqual(dashboard.complaints, []);
  });
}

test('the overview tells how the server is, in numbers and in words', async (t) => {
  const dashboard = await open(t);
  await dashboard.reads(/Offhook \d+\.\d+\.\d+, serving for \d+:\d\d/);
  await dashboard.reads('Ready');
  await dashboard.reads('Calls are taken.');
  await stage.device(t, await stage.user('connected'));
  await until('the device to be counted', () => dashboard.page.evaluate(() => /Devices connected\s+1/.test(document.body.innerText)));
});

test('the first Tab skips to the content, and a page that opens takes the focus to its title', async (t) => {
  const dashboard = await open(t);
  const { page } = dashboard;
  await dashboard.go('/audit');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
  await dashboard.follow('Administrators');
  await dashboard.heading(/Administrators/);
  await until('the title to have the focus', () => page.evaluate(() => document.activeElement.tagName === 'H1'));
  assert.equal(await page.title(), 'Administrators · Offhook');
});

test('on a phone, the menu opens, keeps the focus, leads on and closes', async (t) => {
  const dashboard = await open(t, PHONE);
  await dashboard.press('Menu');
  await dashboard.page.waitForSelector('dialog.menu[open]');
  await dashboard.isAccessible();
  await dashboard.picture('menu');
  await dashboard.follow('Audit log');
  await dashboard.heading(/Audit log/);
  await dashboard.closed();
});

test('colours follow the system until the reader chooses, and the choice stays', async (t) => {
  const dashboard = await open(t, { scheme: 'dark' });
  const background = () => dashboard.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(await background(), 'rgb(20, 19, 18)');
  await dashboard.press('Colours: as the system. Change to light.');
  assert.equal(await background(), 'rgb(250, 249, 246)');
  await dashboard.go('/audit');
  assert.equal(await background(), 'rgb(250, 249, 246)');
  await dashboard.press('Colours: light. Change to dark.');
  assert.equal(await background(), 'rgb(20, 19, 18)');
});

test('the application is chosen at the left, and the page stays the same one', async (t) => {
  stage.server.tell('app', 'create', 'Second');
  const dashboard = await open(t, { place: `/apps/${stage.server.ready.app_id}/users` });
  await until('both applications to be offered', () => dashboard.page.evaluate(() => document.querySelectorAll('.side .switcher option').length === 2));
  const second = await dashboard.page.$$eval('.side .switcher option', (options) => options.map(({ value }) => value));
  const other = second.find((id) => id !== stage.server.ready.app_id);
  await dashboard.page.select('.side .switcher select', other);
  await dashboard.reads('No user yet');
  assert.equal(dashboard.place, `/apps/${other}/users`);
});
