/** Signing in to the dashboard, and one's own account: the first administrator, password, authenticator, sessions that end. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from '../browser.mjs';
import { Dashboard, makeAdministrator } from '../dashboard.mjs';
import { startServer } from '../server.mjs';
import { codeOf } from '../totp.mjs';

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const open = (t, options) => Dashboard.open(t, browser, server, options);

test('where there is no administrator, the page says how to make the first, and lets that one in', async (t) => {
  const dashboard = await open(t);
  await dashboard.reads('offhook admin create NAME --role owner');
  await dashboard.isAccessible();
  await dashboard.picture('first');
  const ada = makeAdministrator(server, 'first');
  await dashboard.press('I have made one');
  await dashboard.signIn(ada);
  await dashboard.heading(/Overview/);
  assert.deepEqual(dashboard.complaints, []);
});

test('the keyboard alone signs in, after a wrong password was refused in words', async (t) => {
  const { name, password } = makeAdministrator(server, 'ada');
  const dashboard = await open(t, { place: '/audit' });
  const { keyboard } = dashboard.page;
  await dashboard.page.waitForSelector('input:focus');
  await keyboard.type(name);
  await keyboard.press('Tab');
  await keyboard.type('not the password');
  await keyboard.press('Enter');
  await dashboard.reads('The name or the password is wrong.');
  await dashboard.isAccessible();
  await dashboard.picture('sign-in');
  await dashboard.fill('Password', '');
  await keyboard.type(password);
  await keyboard.press('Enter');
  await dashboard.heading(/Audit log/);
  assert.equal(dashboard.place, '/audit', 'the page that was asked for');
});

test('an authenticator is set up by a code, then a code is asked for, and the password removes it', async (t) => {
  const bela = makeAdministrator(server, 'bela');
  const dashboard = await open(t, { place: '/account' });
  await dashboard.signIn(bela);
  await dashboard.reads('Not set up');
  await dashboard.press('Set it up');
  const secret = await dashboard.secret();
  await dashboard.page.waitForSelector('dialog svg.qr');
  await dashboard.isAccessible();
  await dashboard.picture('authenticator');
  await dashboard.fill('Code', codeOf(secret));
  await dashboard.press('Confirm');
  await dashboard.closed();
  await dashboard.reads('Signing in asks for six digits');

  await dashboard.press('Sign out');
  await dashboard.fill('Name', bela.name);
  await dashboard.fill('Password', bela.password);
  await dashboard.press('Sign in');
  await dashboard.reads('Six digits that your authenticator shows now.');
  await dashboard.isAccessible();
  await dashboard.fill('Code', '000000');
  await dashboard.press('Sign in');
  await dashboard.reads('The code is wrong');
  // The present one was shown already.
  await dashboard.fill('Code', codeOf(secret, 1));
  await dashboard.press('Sign in');
  await dashboard.heading(/Your account/);

  await dashboard.press('Remove it');
  await dashboard.fill('Present password', 'not the password');
  await dashboard.page.keyboard.press('Enter');
  await dashboard.reads('The present password is wrong.');
  await dashboard.fill('Present password', bela.password);
  await dashboard.page.keyboard.press('Enter');
  await dashboard.closed();
  await dashboard.reads('Not set up');
});

test('a new password ends the other sessions, whose pages lead back to sign-in and to where they were', async (t) => {
  const carol = makeAdministrator(server, 'carol');
  const [here, there] = [await open(t, { place: '/account' }), await open(t, { place: '/administrators' })];
  await here.signIn(carol);
  await there.signIn(carol);
  await there.reads('carol (you)');
  await here.fill('Present password', carol.password);
  await here.fill('New password', 'too short');
  await here.reads('The password has at least 12 characters, not 9.');
  await here.fill('New password', 'a longer password');
  await here.press('Change the password');
  await here.reads('Your password is another now.');

  await there.follow('Audit log');
  await there.reads('Your session has ended.');
  await there.signIn({ ...carol, password: 'a longer password' });
  await there.heading(/Audit log/);
});

test('signing out ends the session for good', async (t) => {
  const dora = makeAdministrator(server, 'dora');
  const dashboard = await open(t);
  await dashboard.signIn(dora);
  await dashboard.press('Sign out');
  await dashboard.heading(/Sign in/);
  await dashboard.go('/administrators');
  await dashboard.heading(/Sign in/);
});
