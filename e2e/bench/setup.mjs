/**
 * How long a call takes to ring, and from accept to the first picture on both sides, beside a bare pair of peer connections
 * in one page: `node bench/setup.mjs [--quick] [--write]`, or `cargo xtask bench setup`.
 */

import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { launchChromium } from '../browser.mjs';
import { Device } from '../device.mjs';
import { Proxy } from '../proxy.mjs';
import { startServer } from '../server.mjs';
import { startSite } from '../site.mjs';
import { until } from '../until.mjs';
import { machine, writeFigures } from './document.mjs';
import { report } from './report.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, write: { type: 'boolean' } } });
const TURNS = options.quick ? 12 : 40;
/** Thrown away: the first ones load code. */
const WARM_UP = 2;
/** The server lets nobody ring one user more than ten times a minute. */
const TURNS_A_USER = 8;
/** How long a person lets it ring, at least. */
const RING_MS = 600;
/** A device is this far from the server, there and back; so is one device from the other, and a message between them takes as long one way. */
const ROUND_TRIP_MS = 100;
/** What is added to signalling, there and back, to see that it is seen. */
const PROOF_MS = 40;

const PAGE = readFileSync(new URL('page.js', import.meta.url), 'utf8');

await measure();

async function measure() {
  const ends = [];
  try {
    const server = await startServer([], { configuration: '[relay]\nlisten = []\n' });
    ends.unshift(() => server.stop());
    const slow = await startProxy(ROUND_TRIP_MS / 2, ends);
    const proof = await startProxy(PROOF_MS / 2, ends);
    // A camera of few pictures a second would be waited for longer than for the rest.
    const browser = await launchChromium({ flags: ['--use-fake-device-for-media-stream=fps=60'] });
    ends.unshift(() => browser.close());

    const near = await startSite(server.url);
    const far = await startSite(`http://${await slow.forward('tcp', server.ready.http)}`);
    const later = await startSite(`http://${await proof.forward('tcp', server.ready.http)}`);
    ends.unshift(...[near, far, later].map((site) => () => site.stop()));

    const contestants = {
      bare: await barePair(browser, near, { signalMs: 0 }),
      ours: await ourPair(browser, near, server, 'near'),
      later: await ourPair(browser, later, server, 'later'),
      'bare, far': await barePair(browser, near, { signalMs: ROUND_TRIP_MS, way: slow }),
      'ours, far': await ourPair(browser, far, server, 'far', slow),
    };
    const results = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
    for (let turn = -WARM_UP; turn < TURNS; turn += 1) {
      for (const [name, takeTurn] of Object.entries(contestants)) {
        const result = await takeTurn();
        if (turn >= 0) results[name].push(result);
      }
      process.stdout.write(turn < 0 ? '.' : `${turn + 1}${turn + 1 < TURNS ? ' ' : '\n'}`);
    }
    const text = report(results, { turns: TURNS, roundTripMs: ROUND_TRIP_MS, proofMs: PROOF_MS, machine: machine(await browser.version(), 'debug') });
    console.log(text);
    if (options.write) writeFigures('setup', text);
  } finally {
    for (const end of ends) await end();
  }
}

async function startProxy(delayMs, ends) {
  const address = Object.values(networkInterfaces()).flat().find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  const proxy = Proxy.start({ delayMs, listen: address ?? '127.0.0.1' });
  ends.unshift(() => proxy.stop());
  return proxy;
}

/** A page that measures, in a profile of its own; with a `way`, media take that. */
async function open(browser, site, name, way) {
  const profile = await browser.createBrowserContext();
  const page = await profile.newPage();
  await page.evaluateOnNewDocument(PAGE);
  if (way !== undefined) await page.exposeFunction('slowWayTo', (address) => way.forward('udp', address));
  await page.goto(site.url, { waitUntil: 'load' });
  const device = new Device(page, name);
  await device.evaluate((isSlow) => Object.assign(window.setup, { isSlow }), way !== undefined);
  return device;
}

async function barePair(browser, site, { signalMs, way }) {
  const page = await open(browser, site, 'bare', way);
  return async () => {
    const { tookMs, marks } = await page.evaluate((wanted) => window.setup.bare(wanted), { signalMs });
    return { tookMs, timeline: since(marks.accept, { both: marks }) };
  };
}

async function ourPair(browser, site, server, name, way) {
  const devices = [];
  for (const role of ['caller', 'callee']) devices.push(await open(browser, site, `${role}-${name}`, way));
  const [caller, callee] = devices;
  let [turn, calleeId] = [0, ''];
  return async () => {
    if (turn % TURNS_A_USER === 0) {
      const users = await Promise.all(devices.map((_, index) => server.platform.createUser(`${name}-${turn}-${index}`)));
      calleeId = users[1].userId;
      for (const [index, device] of devices.entries()) {
        await device.evaluate(() => window.SendBirdCall.deauthenticate());
        await device.signIn(server, users[index]);
        await device.evaluate(() => window.setup.watchRinging());
      }
    }
    turn += 1;
    const [hers, his] = await Promise.all([caller.events(), callee.events()]);
    for (const device of [caller, callee]) await device.evaluate(() => window.setup.reset());
    const dialled = await caller.evaluate((userId) => {
      window.setup.mark('dial');
      return window.device.dial({ userId, isVideoCall: true });
    }, calleeId);
    if (dialled.callId === undefined) throw new Error(`the server refused to dial: ${dialled.message} (${dialled.code})`);
    await callee.sees('ringing', {}, { from: his.length });
    const [dialling, ringing] = await Promise.all([caller, callee].map((device) => device.evaluate(() => window.setup.marks())));
    await pause(RING_MS);
    for (const device of [caller, callee]) await device.evaluate(() => window.setup.reset());
    await callee.evaluate(() => {
      window.setup.mark('accept');
      window.device.accept();
    });
    const [atCaller, atCallee] = await Promise.all([caller, callee].map((device) =>
      until('a picture', () => device.evaluate(() => (window.setup.marks().frame === undefined ? null : window.setup.marks()))),
    ));
    await caller.sees('connected', {}, { from: hers.length });
    await caller.end();
    await Promise.all([caller.sees('ended', {}, { from: hers.length }), callee.sees('ended', {}, { from: his.length })]);
    return {
      tookMs: Math.max(atCaller.frame, atCallee.frame) - atCallee.accept,
      ringingMs: ringing.ringing - dialling.dial,
      dialling: since(dialling.dial, { caller: dialling, callee: ringing }).filter(({ ms }) => ms <= ringing.ringing - dialling.dial),
      timeline: since(atCallee.accept, { caller: atCaller, callee: atCallee }),
    };
  };
}

/** When each thing happened after `start`, in order. */
function since(start, places) {
  return Object.entries(places)
    .flatMap(([place, marks]) => Object.entries(marks).map(([name, at]) => ({ name: `${place}: ${name}`, ms: at - start })))
    .filter(({ ms }) => ms >= 0)
    .sort((one, other) => one.ms - other.ms);
}
