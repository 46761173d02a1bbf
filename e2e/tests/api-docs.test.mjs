/** The reference at `/docs` and the guide beside it: they load from the server alone, on a desk and on a phone, in light and dark. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { isAccessible } from '../accessible.mjs';
import { launchChromium, takePicture } from '../browser.mjs';
import { startServer } from '../server.mjs';
import { until } from '../until.mjs';

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const WINDOWS = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
};

/** Opens a page and notes what the browser complains of, and what it asks of others. */
async function open(t, path, { window = 'desktop', scheme = 'light' } = {}) {
  const page = await browser.newPage();
  t.after(() => page.close());
  const complaints = [];
  page.on('console', (message) => ['error', 'warn'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => /^https?:/.test(request.url()) && !request.url().startsWith(server.url) && complaints.push(request.url()));
  await page.setViewport(WINDOWS[window]);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(server.url + path, { waitUntil: 'networkidle0' });
  return { page, complaints };
}

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const words = (page) => page.evaluate(() => document.querySelector('rapi-doc')?.shadowRoot?.textContent ?? '');

for (const window of Object.keys(WINDOWS)) {
  for (const scheme of ['light', 'dark']) {
    test(`the reference shows every operation: ${window}, ${scheme}`, async (t) => {
      const { page, complaints } = await open(t, '/docs', { window, scheme });
      const document = await (await fetch(`${server.url}/openapi.json`)).json();
      const summaries = Object.values(document.paths).flatMap((methods) => Object.values(methods).map(({ summary }) => summary));
      assert.ok(summaries.length >= 30);
      await until('the operations to be listed', async () => {
        const text = await words(page);
        return summaries.every((summary) => text.includes(summary));
      });
      await isAccessible(page, '/docs');
      await takePicture(page, `docs-${window}-${scheme}`);
      assert.deepEqual(complaints, []);
    });

    test(`the guide reads and leads on: ${window}, ${scheme}`, async (t) => {
      const { page, complaints } = await open(t, '/docs/guide/quickstart.html', { window, scheme });
      assert.equal(await page.$eval('h1', ({ textContent }) => textContent), 'Quickstart');
      await isAccessible(page, 'the guide');
      await takePicture(page, `guide-${window}-${scheme}`);
      const addresses = await page.$$eval('a[href]', (links) => links.map(({ href }) => href.split('#')[0]));
      for (const address of new Set(addresses.filter((one) => one.startsWith(server.url)))) {
        assert.equal((await fetch(address)).status, 200, address);
      }
      assert.deepEqual(complaints, []);
    });
  }
}

test('light and dark differ', async (t) => {
  const [light, dark] = await Promise.all(['light', 'dark'].map(async (scheme) => background((await open(t, '/docs', { scheme })).page)));
  assert.notEqual(light, dark);
});
