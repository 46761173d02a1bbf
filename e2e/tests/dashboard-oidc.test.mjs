/** Signing in to the dashboard by an identity provider: the whole way through a browser, which comes back from another site. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { launchChromium } from '../browser.mjs';
import { Dashboard } from '../dashboard.mjs';
import { Identity } from '../identity.mjs';
import { startServer } from '../server.mjs';

const PEOPLE = {
  Anna: { sub: '1', email: 'anna@example.org', email_verified: true, groups: ['chiefs'] },
  Ben: { sub: '2', email: 'ben@example.org', email_verified: true, groups: ['guests'] },
};

const folder = mkdtempSync(join(tmpdir(), 'offhook-e2e-'));
let identity;
let server;
let browser;
before(async () => {
  identity = await Identity.start(PEOPLE);
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, `${Identity.clientSecret}\n`);
  const configuration = `[relay]\nlisten = ["127.0.0.1:0"]\n${identity.configuration(secretFile)}`;
  [server, browser] = await Promise.all([startServer([], { configuration }), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await identity?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the server asks of the provider is right, whatever comes of it. */
afterEach(() => assert.deepEqual(identity.faults, []));

/** Opens the dashboard and goes to the provider. */
async function leave(t) {
  const dashboard = await Dashboard.open(t, browser, server);
  await dashboard.follow('Sign in with Example account');
  await dashboard.heading(/Who are you/);
  return dashboard;
}

test('an owner signs in by the provider, stays signed in on reload, and signs out', async (t) => {
  const dashboard = await leave(t);
  await dashboard.press('Anna');
  await dashboard.heading(/Overview/);
  await dashboard.go('/account');
  await dashboard.reads('anna@example.org');
  await dashboard.isAccessible();
  await dashboard.picture('oidc-account');
  await dashboard.press('Sign out');
  await dashboard.heading(/Sign in/);
  await dashboard.go('/account');
  await dashboard.heading(/Sign in/);
  assert.deepEqual(dashboard.complaints, []);
});

test('somebody whom no group makes an administrator is told whom to ask', async (t) => {
  const dashboard = await leave(t);
  await dashboard.press('Ben');
  await dashboard.heading(/Not signed in/);
  await dashboard.reads('Ask an owner of this server');
  await dashboard.isAccessible();
  await dashboard.picture('oidc-refused');
  await dashboard.follow('Back to the dashboard');
  await dashboard.heading(/Sign in/);
});

test('an answer of the provider that another browser asked for lets nobody in', async (t) => {
  const [one, other] = await Promise.all([leave(t), leave(t)]);
  // Where the provider would send the first, the second goes.
  const back = one.page.waitForRequest((request) => request.url().includes('/oidc/callback'));
  await one.page.setRequestInterception(true);
  one.page.on('request', (request) => (request.url().includes('/oidc/callback') ? request.abort() : request.continue()));
  await one.press('Anna');
  await other.page.goto((await back).url());
  await other.heading(/Not signed in/);
  await other.reads('did not begin in this browser');
  await other.go('/account');
  await other.heading(/Sign in/);
});
