/** The page `/doctor`: each way to the relay from a browser, with a key and without, and where a way is cut. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { launchChromium, takePicture } from '../browser.mjs';
import { startDemo, startServer } from '../server.mjs';
import { PATIENCE_MS, until } from '../until.mjs';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const link = () => demo.ready.links.find((found) => found.includes('/doctor#key='));

/** Opens the page in a profile of its own, and waits until all tests are over. */
async function open(url, { width = 1280, height = 1160, scheme = 'light' } = {}) {
  const profile = await browser.createBrowserContext();
  const page = await profile.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.complaints = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) page.complaints.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(error.message));
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(url, { waitUntil: 'load' });
  await isOver(page);
  return page;
}

const isOver = (page) => until('the tests to be over', () => page.evaluate(() => document.querySelector('.end')?.hidden === false));

/** What came of each test that is shown. */
const outcomes = (page) =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('.checks li')].filter(({ hidden }) => !hidden).map(({ dataset }) => [dataset.check, dataset.outcome]),
    ),
  );

const words = (page, check) => page.$eval(`[data-check="${check}"]`, ({ innerText }) => innerText);
const verdict = (page) => page.$eval('h1', ({ textContent }) => textContent);

/** Drops what is sent to a TCP port of this machine until the function that is returned is called. */
function cutTcp(port) {
  const table = `offhook_${randomUUID().replaceAll('-', '')}`;
  const rules = `table inet ${table} {
    chain out {
      type filter hook output priority 0;
      tcp dport ${port} drop
    }
  }`;
  execFileSync('nft', ['-f', '-'], { input: rules, stdio: ['pipe', 'pipe', 'inherit'] });
  return () => execFileSync('nft', ['delete', 'table', 'inet', table]);
}

test('with a key, data goes through the relay over UDP and TCP and comes back', async () => {
  const page = await open(link());
  assert.equal(await page.evaluate(() => location.href), `${demo.url}/doctor`, 'the key is gone from the address');
  assert.deepEqual(await outcomes(page), {
    page: 'ok',
    socket: 'ok',
    devices: 'ok',
    stun: 'ok',
    udp: 'ok',
    tcp: 'ok',
    tls: 'absent',
  });
  assert.equal(await verdict(page), 'Calls connect from here.');
  assert.match(await words(page, 'udp'), /\d+ (ms|s)/, 'with the time it took');
  await takePicture(page, 'doctor-desktop');

  const report = await page.$eval('.report', ({ textContent }) => textContent);
  assert.match(report, /\[Works\] Relay over TCP: Data went through the relay and came back/);
  assert.ok(!report.includes('key='), 'no key in the report');
  await press(page, 'Copy the report');
  await until('the report to be copied', () => page.evaluate(() => /Copied|Selected/.test(document.querySelector('.button.accent').textContent)));

  await press(page, 'Test again');
  await until('the tests to begin again', () => page.$eval('.end', ({ hidden }) => hidden));
  await isOver(page);
  assert.equal(await verdict(page), 'Calls connect from here.', 'the key is kept for this page');
  assert.deepEqual(page.complaints, []);
  await page.browserContext().close();
});

test('a phone in the dark shows the same', async () => {
  const page = await open(link(), { width: 390, height: 1240, scheme: 'dark' });
  assert.equal(await verdict(page), 'Calls connect from here.');
  const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  assert.equal(isTooWide, false);
  await takePicture(page, 'doctor-phone-dark');
  await page.browserContext().close();
});

test('a way that is cut is named, with what to do, and the other still works', async () => {
  const told = await (await fetch(`${demo.url}/client/v1/doctor`)).json();
  const port = Number(told.ice_servers[0].urls[0].split(':').at(-1));
  const mend = cutTcp(port);
  try {
    const page = await open(link(), { width: 390, height: 1300 });
    const { udp, tcp } = await outcomes(page);
    assert.deepEqual({ udp, tcp }, { udp: 'ok', tcp: 'failed' });
    const said = await words(page, 'tcp');
    assert.match(said, new RegExp(`TCP to port ${port} of 127\\.0\\.0\\.1 does not get through`));
    assert.match(said, /Let TCP to port \d+ through/);
    assert.equal(await verdict(page), 'Calls connect from here, but not everything works.');
    await takePicture(page, 'doctor-phone-cut');
    await page.browserContext().close();
  } finally {
    mend();
  }
});

test('without a key the relay stays shut, and the page says how to get one', async () => {
  const page = await open(`${demo.url}/doctor`, { scheme: 'dark' });
  assert.deepEqual(await outcomes(page), { page: 'ok', socket: 'ok', devices: 'ok', stun: 'ok', relay: 'locked' });
  assert.match(await page.$eval('.key', ({ innerText }) => innerText), /offhook doctor/);
  await takePicture(page, 'doctor-desktop-no-key');
  await page.browserContext().close();

  const wrong = await open(`${demo.url}/doctor#key=AAAA`);
  assert.equal((await outcomes(wrong)).relay, 'locked');
  assert.match(await words(wrong, 'relay'), /none of this server's/);
  await wrong.browserContext().close();
});

test('a server without a relay says so', async () => {
  const server = await startServer([], { configuration: '[relay]\nlisten = []\n' });
  try {
    const page = await open(`${server.url}/doctor`);
    assert.equal((await outcomes(page)).relay, 'absent');
    assert.match(await words(page, 'relay'), /No relay is configured/);
    assert.equal(await verdict(page), 'Calls connect only where networks see each other.');
    await page.browserContext().close();
  } finally {
    await server.stop();
  }
});

const press = (page, button) => page.click(`button ::-p-text(${button})`);
