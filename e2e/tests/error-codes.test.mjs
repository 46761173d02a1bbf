/** The codes that only a server says, each provoked at a real one. With the unit test of the same name all are covered. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';

const NO_CALL = '00000000-0000-4000-8000-000000000000';

let stage;
before(async () => {
  // Writing beyond the limit of a later test fails, rather than kills.
  stage = await Stage.set({ command: ['sh', '-c', 'trap "" XFSZ; exec "$@"', 'sh'] });
});
after(() => stage?.strike());

/** What the module's function failed with, in promise and handler. */
function codesOfUpdate(device, callId) {
  return device.evaluate(async (id) => {
    const heard = [];
    const done = window.SendBirdCall.updateCustomItems(id, { a: 'b' }, (_, error) => heard.push(error?.code));
    const rejected = await done.then(
      () => 'no error',
      (error) => error.code,
    );
    return [...heard, rejected];
  }, callId);
}

for (const browser of ['chromium', 'firefox']) {
  test(`a callee who does not exist is 1400103, one who never signed in 1400106, in ${browser}`, async (t) => {
    const alice = await stage.device(t, await stage.user('alice'), { browser });
    assert.equal((await alice.tryDial('nobody')).code, 1400103);
    const { userId } = await stage.user('bob');
    assert.equal((await alice.tryDial(userId)).code, 1400106);
  });

  test(`an unknown call, or one of others, is 1400102, in ${browser}`, async (t) => {
    const { callId } = await stage.talk(t, { caller: browser });
    const carol = await stage.device(t, await stage.user('carol'), { browser });
    assert.deepEqual(await codesOfUpdate(carol, NO_CALL), [1400102, 1400102]);
    assert.deepEqual(await codesOfUpdate(carol, callId), [1400102, 1400102]);
  });
}

test('a user who may only read is rung, but gets 1400105 for a dial', async (t) => {
  const bob = await stage.user('bob');
  await stage.device(t, bob);
  stage.server.tell('app', 'set', stage.server.ready.app_id, '--permission', 'read-only');
  await stage.server.platform.request('POST', '/v3/users', { user_id: 'reader', nickname: '', profile_url: '' });
  const reader = await stage.device(t, { userId: 'reader' });
  assert.equal((await reader.tryDial(bob.userId)).code, 1400105);
});

/** The SDK says these two itself before it asks: the socket is spoken to as another client would. */
async function ask(t, user, message) {
  const { url, ready } = stage.server;
  const signedIn = await fetch(`${url}/client/v1/authenticate`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ app_id: ready.app_id, user_id: user.userId, access_token: user.accessToken }),
  });
  const { session_key } = await signedIn.json();
  const page = await (await stage.browser()).newPage();
  t.after(() => page.close());
  return page.evaluate(
    (address, hello, request) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(address);
        socket.onopen = () => socket.send(JSON.stringify(hello));
        socket.onerror = () => reject(new Error('no socket'));
        socket.onmessage = ({ data }) => {
          const answer = JSON.parse(data);
          if (answer.type === 'welcome') socket.send(JSON.stringify({ ...request, id: 2 }));
          if (answer.id === 2) resolve(answer.code);
        };
      }),
    `${url.replace('http', 'ws')}/client/v1/socket`,
    { type: 'hello', id: 1, protocol: 1, session_key, device_id: crypto.randomUUID(), page_id: crypto.randomUUID(), known_calls: [] },
    message,
  );
}

const media = { audio_enabled: true, video_enabled: false, revision: 0 };

test('dialling oneself past the SDK is 1400104', async (t) => {
  const alice = await stage.user('alice');
  const dial = { type: 'dial', call_id: crypto.randomUUID(), user_id: alice.userId, is_video_call: false, media, custom_items: {} };
  assert.equal(await ask(t, alice, dial), 1400104);
});

test('accepting a call that another device has accepted is 1400101', async (t) => {
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const [alices, bobs] = await Promise.all([stage.device(t, alice), stage.device(t, bob)]);
  const callId = await alices.dial(bob.userId);
  await bobs.sees('ringing');
  await bobs.accept();
  await bobs.sees('connected');
  assert.equal(await ask(t, bob, { type: 'accept', call_id: callId, media }), 1400101);
});

test('a server that cannot write says 1400999', async (t) => {
  const { alice, bobId } = await stage.pair(t);
  execFileSync('prlimit', ['--pid', String(stage.server.pid), '--fsize=1']);
  assert.equal((await alice.tryDial(bobId)).code, 1400999);
});
