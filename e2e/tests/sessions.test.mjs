/** Session tokens: renewed without dropping a call, revoked with it. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

test('a session token that expires is renewed by the session handler and the call goes on past its end', async (t) => {
  const { platform } = stage.server;
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const endsAt = Date.now() + 30_000;
  const first = await platform.issueSessionToken(alice.userId, endsAt);
  const next = await platform.issueSessionToken(alice.userId, Date.now() + 3_600_000);
  const [alices, bobs] = await Promise.all([
    stage.device(t, { userId: alice.userId, accessToken: first, sessionTokens: [next] }),
    stage.device(t, bob),
  ]);
  await alices.dial(bob.userId);
  await bobs.sees('ringing');
  await bobs.accept();
  await Promise.all([alices.sees('connected'), bobs.sees('connected')]);
  await alices.sees('tokenRequired');
  await alices.sees('sessionRefreshed');

  await until('the first token to be over', () => Date.now() > endsAt + 1_000);
  await Promise.all([alices.receives(), bobs.receives()]);
  const names = (await alices.events()).map(({ name }) => name);
  assert.ok(!names.includes('ended') && !names.includes('sessionClosed'), names.join(' '));
  // And a new call may start, which an expired session could not.
  await alices.dial(bob.userId);
});

test('revoking a user\'s session tokens closes his sockets, ends his calls, and spares who signed in otherwise', async (t) => {
  const { platform } = stage.server;
  const [alice, bob, carol] = await Promise.all([stage.user('alice'), stage.user('bob'), stage.user('carol')]);
  const token = await platform.issueSessionToken(alice.userId, Date.now() + 3_600_000);
  const [byToken, byAccessToken, bobs, carols] = await Promise.all([
    stage.device(t, { userId: alice.userId, accessToken: token, sessionTokens: [] }),
    stage.device(t, { ...alice, sessionTokens: [] }),
    stage.device(t, bob),
    stage.device(t, carol),
  ]);
  await byToken.dial(bob.userId);
  await bobs.sees('ringing');
  await bobs.accept();
  await Promise.all([byToken.sees('connected'), bobs.sees('connected')]);

  await platform.revokeSessionTokens(alice.userId);
  await byToken.sees('sessionClosed', {}, { within: 20_000 });
  await byToken.sees('connection', { state: 'closed' }, { within: 20_000 });
  const { endResult, endedBy } = await bobs.sees('ended', {}, { within: 20_000 });
  assert.equal(endResult, 'completed');
  assert.equal(endedBy, alice.userId);
  await byToken.sees('ended', {}, { within: 20_000 });

  // The twin: the other socket of the same user is there and is rung.
  await carols.dial(alice.userId);
  await byAccessToken.sees('ringing');
  const events = await byAccessToken.events();
  assert.ok(!events.some(({ name }) => name === 'sessionClosed'));
});
