/** The example of `offhook-react`, built as anybody would build it: two pages ring, talk and hang up. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { takePicture } from '../browser.mjs';
import { ROOT } from '../server.mjs';
import { Stage } from '../stage.mjs';
import { PATIENCE_MS, until } from '../until.mjs';

const BUILT = join(ROOT, 'web/react/example/dist');

let stage;
before(async () => {
  const types = { js: 'text/javascript', css: 'text/css' };
  const assets = readdirSync(join(BUILT, 'assets')).map((name) => [
    `/example/assets/${name}`,
    [types[name.split('.').at(-1)] ?? 'application/octet-stream', readFileSync(join(BUILT, 'assets', name))],
  ]);
  stage = await Stage.set({
    pages: () => Object.fromEntries([['/example/', readFileSync(join(BUILT, 'index.html'), 'utf8')], ...assets]),
  });
});
after(() => stage?.strike());

async function open(t, user) {
  const profile = await (await stage.browser()).createBrowserContext();
  t.after(() => profile.close());
  const page = await profile.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) page.complaints.push(message.text());
  });
  const fields = new URLSearchParams({
    app: stage.server.ready.app_id,
    user: user.userId,
    token: user.accessToken,
    host: stage.server.url,
  });
  await page.goto(`${stage.site.url}/example/#${fields}`, { waitUntil: 'load' });
  await says(page, `${user.userId} is connected`);
  return page;
}

const press = async (page, name) => (await page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`)).click();
const says = (page, words) =>
  until(`the page to say ${JSON.stringify(words)}`, () => page.evaluate((wanted) => document.body.innerText.includes(wanted), words));

test('two pages made of the hooks ring, talk, mute and hang up', async (t) => {
  const [aliceUser, bobUser] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const [alice, bob] = await Promise.all([open(t, aliceUser), open(t, bobUser)]);
  await alice.type('input', bobUser.userId);
  await press(alice, 'Call');
  await says(bob, `${aliceUser.userId} is ringing`);
  await press(bob, 'Answer');
  await Promise.all([says(alice, 'talking'), says(bob, 'talking')]);
  for (const page of [alice, bob]) {
    await until('pictures in both views', () =>
      page.$$eval('video', (views) => views.length === 2 && views.every(({ videoWidth, currentTime }) => videoWidth > 0 && currentTime > 0)),
    );
  }
  // On a slow machine the first seconds are over before the pictures are there.
  await until('the clock to go', () => alice.evaluate(() => /, [1-9]\d* s/.test(document.body.innerText)));
  await takePicture(alice, 'react-talking');
  await press(alice, 'Mute');
  await until('the microphone to be off', () =>
    alice.evaluate(() => document.querySelectorAll('video')[1].srcObject.getAudioTracks().every(({ enabled }) => !enabled)),
  );
  await press(bob, 'End');
  await Promise.all([says(alice, 'completed'), says(bob, 'completed')]);
  await press(alice, 'Close');
  await alice.waitForSelector('input');
  assert.deepEqual([...alice.complaints, ...bob.complaints], []);
});
