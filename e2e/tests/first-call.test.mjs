/** The README's first call, word for word, on somebody's own site. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { launchChromium, takePicture } from '../browser.mjs';
import { ROOT, startDemo } from '../server.mjs';
import { startSite } from '../site.mjs';
import { PATIENCE_MS, until } from '../until.mjs';

/** Where the README says the demo is. */
const USUAL_ADDRESS = '127.0.0.1:8080';

test('the first call of the README, verbatim, in a page of another origin', async (t) => {
  const demo = await startDemo();
  t.after(() => demo.stop());
  const site = await startSite(demo.url, { '/call.html': firstCall() });
  t.after(() => site.stop());
  // The page stays as it is written; the browser finds the demo at the port it has here.
  const browser = await launchChromium({ flags: [`--host-resolver-rules=MAP ${USUAL_ADDRESS} ${demo.ready.http}`] });
  t.after(() => browser.close());

  const [carol, dave] = await Promise.all([
    open(browser, `${site.url}/call.html#carol,dave`),
    open(browser, `${site.url}/call.html#dave,carol`),
  ]);
  await Promise.all([carol, dave].map((page) => page.waitForSelector('#call:enabled')));
  await carol.click('#call');
  await Promise.all([carol, dave].map((page) => says(page, 'onConnected')));
  await Promise.all([carol, dave].map((page) => until('picture and sound', () => page.evaluate(isReceiving))));
  await takePicture(carol, 'first-call');
  await dave.click('#end');
  await Promise.all([carol, dave].map((page) => says(page, 'completed')));
});

/** The fenced block behind the mark. */
function firstCall() {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, page] = readme.match(/<!-- first-call -->\s*```html\n([\s\S]*?)```/) ?? [];
  assert.ok(page?.includes(`http://${USUAL_ADDRESS}/sdk/offhook.js`), 'the README has its first call, from the usual address');
  return page;
}

async function open(browser, address) {
  const profile = await browser.createBrowserContext();
  const page = await profile.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.evaluateOnNewDocument(() => {
    window.connections = [];
    window.RTCPeerConnection = class extends window.RTCPeerConnection {
      constructor(...configuration) {
        super(...configuration);
        window.connections.push(this);
      }
    };
  });
  await page.goto(address, { waitUntil: 'load' });
  return page;
}

function says(page, words) {
  return until(`the page to say ${words}`, () => page.$eval('#state', ({ textContent }, wanted) => textContent === wanted, words));
}

/** In the page: whether pictures are decoded and shown, and sound arrives. */
async function isReceiving() {
  const reports = (await Promise.all(window.connections.map((connection) => connection.getStats()))).flatMap((stats) => [...stats.values()]);
  const [audio, video] = ['audio', 'video'].map((kind) => reports.find((report) => report.type === 'inbound-rtp' && report.kind === kind));
  const isShown = document.getElementById('remote').videoWidth > 0;
  return isShown && (video?.framesDecoded ?? 0) > 10 && (audio?.packetsReceived ?? 0) > 20 && audio.totalAudioEnergy > 0;
}
