/** What takes the network from a device in mid-call, or the device from the network, and gives it back: no call is dropped. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { processesOf, signal } from '../processes.mjs';
import { Stage } from '../stage.mjs';

const APART = { caller: 'caller', callee: 'callee' };
const SLEEP_MS = 45_000;
const NO_NETWORK_MS = 30_000;
const NO_SERVER_MS = 20_000;
/** ICE restarts come every few seconds; media is back within some of them, and long before the call is given up. */
const RECOVERY_MS = 25_000;

let stage;
before(async () => {
  stage = await Stage.setApart();
});
after(() => stage?.strike());

for (const [who, address] of [['caller', '10.77.1.77'], ['callee', '10.77.2.77']]) {
  test(`the ${who}'s address is replaced by another: media finds the way to it`, async (t) => {
    const { alice, bob } = await stage.talk(t, APART);
    await Promise.all([alice.receives(), bob.receives()]);
    t.after(stage.networks.replaceAddress(who, address));
    await hasOneOutage(alice, bob);
  });
}

for (const browsers of [APART, { caller: 'firefox', callee: 'callee' }]) {
  test(`${NO_NETWORK_MS / 1000} s without any network, ${browsers.caller} calls ${browsers.callee}`, async (t) => {
    const { alice, bob } = await stage.talk(t, browsers);
    await Promise.all([alice.receives(), bob.receives()]);
    // The cable itself; the browser that is on this machine cannot be cut off but behind it.
    const mend =
      browsers === APART
        ? stage.networks.unplug('caller')
        : stage.networks.cut('input iifname "uplink" drop', 'forward iifname "uplink" drop', 'forward oifname "uplink" drop');
    t.after(mend);
    await Promise.all([alice.sees('reconnecting'), bob.sees('reconnecting')]);
    await pause(NO_NETWORK_MS);
    mend();
    await hasOneOutage(alice, bob);
  });

  test(`${browsers.caller} is asleep for ${SLEEP_MS / 1000} s in a call with ${browsers.callee}`, async (t) => {
    const { alice, bob } = await stage.talk(t, browsers);
    await Promise.all([alice.receives(), bob.receives()]);
    const asleep = processesOf((await stage.browser(browsers.caller)).process().pid);
    const wake = () => signal(asleep, 'SIGCONT');
    t.after(wake);
    signal(asleep, 'SIGSTOP');
    await bob.sees('reconnecting');
    await pause(SLEEP_MS);
    wake();
    await hasOneOutage(alice, bob);
  });
}

test(`the server and its relay, which carries the call, are away for ${NO_SERVER_MS / 1000} s`, async (t) => {
  stage.server.tell('app', 'set', stage.server.ready.app_id, '--relay-only', 'true');
  t.after(() => stage.server.tell('app', 'set', stage.server.ready.app_id, '--relay-only', 'false'));
  const { alice, bob } = await stage.talk(t, APART);
  await Promise.all([alice.receives(), bob.receives()]);
  await stage.server.kill();
  await Promise.all([alice.sees('reconnecting'), bob.sees('reconnecting')]);
  await pause(NO_SERVER_MS);
  await stage.server.start();
  await hasOneOutage(alice, bob);
});

/** The call comes back on both sides, is heard, and ends when it is ended; and each side told of one outage. */
async function hasOneOutage(alice, bob) {
  await Promise.all([alice, bob].map((device) => device.sees('reconnected', {}, { within: RECOVERY_MS })));
  await Promise.all([alice.receives(), bob.receives()]);
  await alice.end();
  const [ended] = await Promise.all([alice.sees('ended'), bob.sees('ended')]);
  assert.equal(ended.endResult, 'completed');
  const after = ['established', 'connected', 'reconnecting', 'reconnected', 'ended'];
  assert.deepEqual(await alice.story(), ['dialReceived', ...after]);
  assert.deepEqual(await bob.story(), ['ringing', ...after]);
}
