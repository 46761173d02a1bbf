/** What takes the network from a device in mid-call, or the device from the network, and gives it back: no call is dropped. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { processesOf, signal } from '../processes.mjs';
import { Stage } from '../stage.mjs';

const CHROMIUM = { caller: 'caller', callee: 'callee' };
const FIREFOX = { caller: 'firefox', callee: 'callee' };
const FIREFOX_ACCEPTS = { caller: 'callee', callee: 'firefox' };
const SLEEP_MS = 45_000;
const NO_NETWORK_MS = 30_000;
const NO_SERVER_MS = 20_000;

let stage;
before(async () => {
  stage = await Stage.setApart();
});
after(() => stage?.strike());

test('a device gets another address: a call that it made and one that it took find the way to it', async (t) => {
  const calls = await talk(t, CHROMIUM, { caller: 'callee', callee: 'caller' });
  t.after(stage.networks.replaceAddress('caller', '10.77.1.77'));
  await haveOneOutage(calls);
});

test(`${NO_NETWORK_MS / 1000} s without any network, in Chromium and in Firefox`, async (t) => {
  const calls = await talk(t, CHROMIUM, FIREFOX, FIREFOX_ACCEPTS);
  const mends = [
    stage.networks.unplug('caller'),
    // Firefox is on this machine, which has no cable of its own to pull.
    stage.networks.cut('input iifname "uplink" drop', 'forward iifname "uplink" drop', 'forward oifname "uplink" drop'),
  ];
  for (const mend of mends) t.after(mend);
  await Promise.all(calls.flatMap(({ alice, bob }) => [alice.sees('reconnecting'), bob.sees('reconnecting')]));
  await pause(NO_NETWORK_MS);
  for (const mend of mends) mend();
  await haveOneOutage(calls);
});

test(`Chromium and Firefox are asleep for ${SLEEP_MS / 1000} s`, async (t) => {
  const calls = await talk(t, CHROMIUM, FIREFOX);
  const browsers = await Promise.all(['caller', 'firefox'].map((name) => stage.browser(name)));
  const asleep = browsers.flatMap((browser) => processesOf(browser.process().pid));
  const wake = () => signal(asleep, 'SIGCONT');
  t.after(wake);
  signal(asleep, 'SIGSTOP');
  await Promise.all(calls.map(({ bob }) => bob.sees('reconnecting')));
  await pause(SLEEP_MS);
  wake();
  await haveOneOutage(calls, { isAliceAsleep: true });
});

test(`the server and its relay, which carries the call, are away for ${NO_SERVER_MS / 1000} s`, async (t) => {
  stage.server.tell('app', 'set', stage.server.ready.app_id, '--relay-only', 'true');
  t.after(() => stage.server.tell('app', 'set', stage.server.ready.app_id, '--relay-only', 'false'));
  const calls = await talk(t, CHROMIUM);
  await stage.server.kill();
  await Promise.all(calls.flatMap(({ alice, bob }) => [alice.sees('reconnecting'), bob.sees('reconnecting')]));
  await pause(NO_SERVER_MS);
  await stage.server.start();
  await haveOneOutage(calls);
});

/** Calls in which both sides are heard. */
async function talk(t, ...pairs) {
  const calls = await Promise.all(pairs.map((browsers) => stage.talk(t, browsers)));
  await Promise.all(calls.flatMap(({ alice, bob }) => [alice.receives(), bob.receives()]));
  return calls;
}

/**
 * Each call comes back on both sides, is heard, and ends when it is ended; and each side told of one outage. Who slept
 * through it may find all well on waking, before its own engine has missed anything: then it told of none.
 */
async function haveOneOutage(calls, { isAliceAsleep = false } = {}) {
  const outage = ['reconnecting', 'reconnected'];
  const story = (first, during) => [first, 'established', 'connected', ...during, 'ended'];
  await Promise.all(calls.map(async ({ alice, bob }) => {
    const awake = isAliceAsleep ? [bob] : [alice, bob];
    await Promise.all(awake.map((device) => device.sees('reconnected')));
    await Promise.all([alice.receives(), bob.receives()]);
    await alice.end();
    const [ended] = await Promise.all([alice.sees('ended'), bob.sees('ended')]);
    assert.equal(ended.endResult, 'completed');
    assert.deepEqual(await bob.story(), story('ringing', outage));
    const hers = await alice.story();
    const sawNothing = isAliceAsleep && !hers.includes('reconnecting');
    assert.deepEqual(hers, story('dialReceived', sawNothing ? [] : outage));
  }));
}
