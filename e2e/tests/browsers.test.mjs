/** Chromium and Firefox talk to each other, whoever rings. */

import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

for (const [caller, callee] of [
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
]) {
  test(`${caller} rings ${callee} and both see and hear`, async (t) => {
    const { alice, bob } = await stage.talk(t, { caller, callee, isVideoCall: true });
    await Promise.all([alice.receives({ video: true }), bob.receives({ video: true })]);
    await bob.tell('muteMicrophone');
    await alice.sees('remoteAudio', { isEnabled: false });
    await alice.end();
    await bob.sees('ended', { endResult: 'completed' });
  });
}
