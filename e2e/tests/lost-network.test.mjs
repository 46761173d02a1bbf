/** The way between two devices is lost in mid-call, and no relay is there to go around it: the call finds another. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cut } from '../network.mjs';
import { Stage } from '../stage.mjs';

test('a call whose way is cut says so once on both sides, finds another by an ICE restart, and goes on', async (t) => {
  const stage = await Stage.set({ configuration: '[relay]\nlisten = []\n' });
  t.after(() => stage.strike());
  const { alice, bob } = await stage.talk(t);
  const ports = await Promise.all([alice, bob].map((device) => device.evaluate(() => window.device.ports())));
  assert.ok(ports.flat().length >= 2, 'each side has a port to cut');

  const mend = cut([...new Set(ports.flat())]);
  t.after(mend);
  await Promise.all([alice.sees('reconnecting'), bob.sees('reconnecting')]);
  // The ports stay cut: only an ICE restart, which gathers new ones, leads around them.
  await Promise.all([alice.sees('reconnected'), bob.sees('reconnected')]);
  await Promise.all([alice.receives(), bob.receives()]);

  await bob.end();
  const [ended] = await Promise.all([alice.sees('ended'), bob.sees('ended')]);
  assert.equal(ended.endResult, 'completed');
  const after = ['established', 'connected', 'reconnecting', 'reconnected', 'ended'];
  assert.deepEqual(await alice.story(), ['dialReceived', ...after]);
  assert.deepEqual(await bob.story(), ['ringing', ...after]);
});
