/** Custom items: who changes them has them at once, everybody else is told once. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Stage } from '../stage.mjs';

let stage;
before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());

/** Calls a method of the newest call (or the module's function, with its id); what came of it, and what the call then shows. */
function change(device, name, ...values) {
  return device.evaluate(
    async (method, parameters) => {
      const call = window.device.call();
      const heard = [];
      const note = (result, error) => heard.push(result ?? error.code);
      const done = method.startsWith('module.')
        ? window.SendBirdCall[method.slice(7)](call.callId, ...parameters, note)
        : call[method](...parameters, note);
      const result = await done.catch((error) => error.code);
      // The driver gives the same object only once.
      return JSON.parse(JSON.stringify({ result, heard, shown: call.customItems }));
    },
    name,
    values,
  );
}

async function itemEvents(device) {
  return (await device.events()).filter(({ name }) => name.startsWith('items')).map(({ name, keys }) => `${name} ${keys}`);
}

for (const [caller, callee] of [['chromium', 'firefox'], ['firefox', 'chromium']]) {
  test(`both parties change items and hear of the other's changes only, from ${caller} to ${callee}`, async (t) => {
    const { alice, bob } = await stage.talk(t, { caller, callee });
    assert.deepEqual(await change(alice, 'updateCustomItems', { topic: 'invoice', mood: 'good' }), {
      result: { customItems: { mood: 'good', topic: 'invoice' }, affectedKeys: ['mood', 'topic'] },
      heard: [{ customItems: { mood: 'good', topic: 'invoice' }, affectedKeys: ['mood', 'topic'] }],
      shown: { mood: 'good', topic: 'invoice' },
    });
    await bob.sees('itemsUpdated', { keys: 'mood,topic' });
    assert.deepEqual(await bob.read('customItems'), { mood: 'good', topic: 'invoice' });

    const deleted = await change(bob, 'module.deleteCustomItems', ['mood']);
    assert.deepEqual(deleted, {
      result: { customItems: { topic: 'invoice' }, affectedKeys: ['mood'] },
      heard: [{ customItems: { topic: 'invoice' }, affectedKeys: ['mood'] }],
      shown: { topic: 'invoice' },
    });
    await alice.sees('itemsDeleted', { keys: 'mood' });

    assert.deepEqual((await change(alice, 'deleteAllCustomItems')).result, { customItems: {}, affectedKeys: ['topic'] });
    await bob.sees('itemsDeleted', { keys: 'topic' });
    assert.deepEqual(await itemEvents(alice), ['itemsDeleted mood']);
    assert.deepEqual(await itemEvents(bob), ['itemsUpdated mood,topic', 'itemsDeleted topic']);
  });
}

test('another device of the actor is told, and items may change after the end', async (t) => {
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const [alices, bobs, bobsOther] = await Promise.all([stage.device(t, alice), stage.device(t, bob), stage.device(t, bob)]);
  await alices.dial(bob.userId, { customItems: { ticket: '4711' } });
  await Promise.all([bobs.sees('ringing'), bobsOther.sees('ringing')]);
  assert.deepEqual(await bobs.read('customItems'), { ticket: '4711' });
  await change(bobs, 'updateCustomItems', { desk: '3' });
  await Promise.all([alices.sees('itemsUpdated', { keys: 'desk' }), bobsOther.sees('itemsUpdated', { keys: 'desk' })]);
  assert.deepEqual(await itemEvents(bobs), []);

  await alices.end();
  await Promise.all([alices.sees('ended'), bobs.sees('ended')]);
  assert.deepEqual((await change(alices, 'module.updateCustomItems', { note: 'x' })).shown, { desk: '3', note: 'x', ticket: '4711' });
});

test('what the server does not take has its code, and changes nothing', async (t) => {
  const { alice } = await stage.talk(t);
  const tooMany = Object.fromEntries([...Array(11).keys()].map((n) => [`key${n}`, 'v']));
  assert.deepEqual(await change(alice, 'updateCustomItems', tooMany), { result: 400111, heard: [400111], shown: {} });
});
