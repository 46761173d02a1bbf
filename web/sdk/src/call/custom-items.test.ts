import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settle, snapshot, World } from '../../test/world';
import { ErrorCode } from '../enums';
import type { CustomItems, DirectCall } from '../surface';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const codeOf = (work: Promise<unknown>) => work.then(() => 'no error', (error) => error.code);

/** A call of alice's that the server has taken, with these items. */
async function dialled(world: World, items: CustomItems = {}): Promise<DirectCall> {
  const call = world.dial({ customItems: items });
  await world.reply('dial', { call_id: call.callId, custom_items: items });
  world.told.length = 0;
  return call;
}

test('who changes items has them at once, in callback, promise and call, and hears no event', async () => {
  const world = await World.connected();
  const call = await dialled(world, { a: '1' });
  const heard: unknown[] = [];
  const done = call.updateCustomItems({ b: '2' }, (result, error) => {
    heard.push(result, error, { ...call.customItems });
  });
  await settle();
  expect(world.socket.ofType('update_custom_items')).toMatchObject([{ call_id: call.callId, custom_items: { b: '2' } }]);
  await world.answerItems('update_custom_items', { a: '1', b: '2' }, ['b']);
  const result = { customItems: { a: '1', b: '2' }, affectedKeys: ['b'] };
  expect(await done).toEqual(result);
  expect(heard).toEqual([result, undefined, { a: '1', b: '2' }]);
  // Its own change comes back with the next snapshot.
  world.tell({ call_id: call.callId, version: 5, custom_items: { a: '1', b: '2' } });
  await settle();
  expect(world.told).toEqual([]);
});

test('the module’s functions change the items of a call of this page as well', async () => {
  const world = await World.connected();
  const call = await dialled(world, { a: '1', b: '2' });
  const { client } = world;
  const deleted = client.changeItems(() => ({ type: 'delete_custom_items', call_id: call.callId, keys: ['a'] }));
  await settle();
  await world.answerItems('delete_custom_items', { b: '2' }, ['a']);
  expect(await deleted).toEqual({ customItems: { b: '2' }, affectedKeys: ['a'] });
  expect(call.customItems).toEqual({ b: '2' });
  expect(world.told).toEqual([]);
});

test('deleting everything names no keys', async () => {
  const world = await World.connected();
  const call = await dialled(world, { a: '1' });
  const done = call.deleteAllCustomItems();
  await settle();
  expect(world.socket.ofType('delete_custom_items')[0]).not.toHaveProperty('keys');
  await world.answerItems('delete_custom_items', {}, ['a']);
  expect(await done).toEqual({ customItems: {}, affectedKeys: ['a'] });
});

test('what the other side changes is told once, updated before deleted, with all keys', async () => {
  const world = await World.connected();
  const call = await dialled(world, { a: '1', b: '2', c: '3' });
  world.tell({ call_id: call.callId, version: 2, custom_items: { a: '1', b: 'new', d: '4' } });
  world.tell({ call_id: call.callId, version: 2, custom_items: { a: '1', b: 'new', d: '4' } });
  await settle();
  expect(world.told).toEqual(['updated b,d', 'deleted c']);
  expect(call.customItems).toEqual({ a: '1', b: 'new', d: '4' });
});

test('after an outage one event has all that was missed', async () => {
  const world = await World.connected();
  const call = await dialled(world, { a: '1' });
  world.socket.lose();
  await settle(500);
  await world.welcome([snapshot({ call_id: call.callId, version: 9, custom_items: { x: '1', y: '2' } })]);
  expect(world.told).toEqual(['updated x,y', 'deleted a']);
});

test('a snapshot that overtakes the answer tells only what others did', async () => {
  const world = await World.connected();
  const call = await dialled(world, { a: '1', b: '2' });
  const done = call.deleteCustomItems(['a']);
  await settle();
  world.tell({ call_id: call.callId, version: 3, custom_items: { b: 'theirs' } });
  await settle();
  expect(world.told).toEqual(['updated b']);
  await world.answerItems('delete_custom_items', { b: 'theirs' }, ['a']);
  expect((await done).affectedKeys).toEqual(['a']);
  expect(world.told).toEqual(['updated b']);
});

test('an answer that shows another’s change tells of that', async () => {
  const world = await World.connected();
  const call = await dialled(world, { a: '1' });
  void call.updateCustomItems({ a: 'mine' });
  await settle();
  await world.answerItems('update_custom_items', { a: 'mine', b: 'theirs' }, ['a']);
  expect(world.told).toEqual(['updated b']);
});

test('asked again after a reconnect, the keys that the first time affected are still named', async () => {
  const world = await World.connected();
  const call = await dialled(world);
  const done = call.updateCustomItems({ a: '1' });
  await settle();
  world.socket.lose();
  await settle(500);
  await world.welcome([snapshot({ call_id: call.callId, version: 2, custom_items: { a: '1' } })]);
  expect(world.socket.ofType('update_custom_items')).toHaveLength(1);
  await world.answerItems('update_custom_items', { a: '1' }, []);
  expect(await done).toEqual({ customItems: { a: '1' }, affectedKeys: ['a'] });
  expect(world.told).toEqual([]);
});

test('items that change after the end are told, too', async () => {
  const world = await World.connected();
  const call = await dialled(world);
  world.tell({ call_id: call.callId, version: 2, state: 'ended', end_result: 'canceled' });
  world.tell({ call_id: call.callId, version: 3, state: 'ended', end_result: 'canceled', custom_items: { note: 'x' } });
  await settle();
  expect(world.told).toEqual(['ended canceled', 'updated note']);
  expect(call.callLog.customItems).toEqual({ note: 'x' });
});

test('what is handed out is a copy', async () => {
  const world = await World.connected();
  const call = await dialled(world, { a: '1' });
  (call.customItems as Record<string, string>)['a'] = 'changed';
  const given = { b: '2' };
  const done = call.updateCustomItems(given);
  given.b = 'changed';
  await settle();
  expect(world.socket.ofType('update_custom_items')[0]).toMatchObject({ custom_items: { b: '2' } });
  await world.answerItems('update_custom_items', { a: '1', b: '2' }, ['b']);
  (await done).customItems['a'] = 'changed';
  expect(call.customItems).toEqual({ a: '1', b: '2' });
});

test.each<[string, (call: DirectCall) => Promise<unknown>, number]>([
  ['items that are no strings', (call) => call.updateCustomItems({ a: 1 } as never), ErrorCode.INVALID_PARAMETER_TYPE],
  ['items that are a list', (call) => call.updateCustomItems(['a'] as never), ErrorCode.INVALID_PARAMETER_TYPE],
  ['no items', (call) => call.updateCustomItems(undefined as never), ErrorCode.INVALID_PARAMETER_TYPE],
  ['empty items', (call) => call.updateCustomItems({}), ErrorCode.INVALID_PARAMETER_VALUE],
  ['no keys', (call) => call.deleteCustomItems(undefined as never), ErrorCode.INVALID_PARAMETER_TYPE],
  ['keys that are no strings', (call) => call.deleteCustomItems([1] as never), ErrorCode.INVALID_PARAMETER_TYPE],
  ['an empty list of keys', (call) => call.deleteCustomItems([]), ErrorCode.INVALID_PARAMETER_VALUE],
])('%s are refused without asking the server', async (_, change, code) => {
  const world = await World.connected();
  const call = await dialled(world, { a: '1' });
  const asked = world.socket.sent.length;
  expect(await codeOf(change(call))).toBe(code);
  expect(world.socket.sent).toHaveLength(asked);
});

test('a refusal reaches the handler once and then the promise, and is never unhandled', async () => {
  const world = await World.connected();
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const order: string[] = [];
  const done = world.client.changeItems(
    () => ({ type: 'delete_custom_items', call_id: 'gone' }),
    (result, error) => order.push(`handler ${result} ${(error as { code: number } | undefined)?.code}`),
  );
  done.catch((error) => order.push(`promise ${error.code}`));
  await settle();
  await world.refuse('delete_custom_items', 1400102);
  // And somebody who uses the handler only.
  void world.client.changeItems(() => ({ type: 'delete_custom_items', call_id: 'gone' }), () => order.push('alone'));
  await settle();
  await world.refuse('delete_custom_items', 1400102);
  vi.useRealTimers();
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('unhandledRejection', unhandled);
  expect(order).toEqual(['handler undefined 1400102', 'promise 1400102', 'alone']);
  expect(unhandled).not.toHaveBeenCalled();
});

test('without a socket there is a code', async () => {
  const world = await World.connected();
  const call = await dialled(world);
  world.client.deauthenticate();
  expect(await codeOf(call.updateCustomItems({ a: '1' }))).toBe(ErrorCode.USER_NOT_AUTHENTICATED);
  void world.client.authenticate({ userId: 'alice' });
  await world.answerSignIn('alice');
  expect(await codeOf(call.updateCustomItems({ a: '1' }))).toBe(ErrorCode.WS_NOT_CONNECTED);
});
