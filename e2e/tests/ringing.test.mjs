/** A ring may take long: what was prepared must still hold when it is accepted, in either engine. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Stage } from '../stage.mjs';

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

// All ring at the same time, so the file takes as long as the longest.
test('a call that rang long connects', { concurrency: true }, async (t) => {
  const rings = [20, 50].flatMap((seconds) => ['chromium', 'firefox'].map((callee) => ({ seconds, callee })));
  await Promise.all(
    rings.map(({ seconds, callee }) =>
      t.test(`after ${seconds} s, in ${callee}`, async (t) => {
        const { alice, bob, bobId } = await stage.pair(t, { callee });
        await alice.dial(bobId);
        await bob.sees('ringing');
        // The length of the ring is what is tested.
        await pause(seconds * 1000);
        assert.deepEqual(await bob.story(), ['ringing']);
        await bob.accept();
        await Promise.all([alice.sees('connected'), bob.sees('connected')]);
        await Promise.all([alice.receives(), bob.receives()]);
      }),
    ),
  );
});
