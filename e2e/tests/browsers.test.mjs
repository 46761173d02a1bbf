/** Chromium and Firefox talk to each other, whoever rings. */

import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

test('a video call between two engines', { concurrency: true }, async (t) => {
  await Promise.all(
    [
      ['chromium', 'firefox'],
      ['firefox', 'chromium'],
    ].map(([caller, callee]) =>
      t.test(`${caller} rings ${callee}`, async () => {
        const { alice, bob } = await stage.talk({ caller, callee, isVideoCall: true });
        await Promise.all([alice.receives({ video: true }), bob.receives({ video: true })]);
        await bob.tell('muteMicrophone');
        await alice.sees('remoteAudio', { isEnabled: false });
        await alice.end();
        await bob.sees('ended', { endResult: 'completed' });
      }),
    ),
  );
});
