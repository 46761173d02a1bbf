import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { party, settle, snapshot, World } from '../../test/world';
import { ErrorCode } from '../enums';
import type { DirectCall } from '../surface';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const codeOf = (work: Promise<unknown>) => work.then(() => 'none', (error) => error.code);

/** A video call that is talked on; its tracks are those captured last. */
async function talking(world: World, params: { holdActiveCall?: boolean } = {}): Promise<DirectCall> {
  const call = world.dial({ isVideoCall: true, ...params });
  await world.reply('dial', { call_id: call.callId, is_video_call: true });
  world.tell({ call_id: call.callId, version: 2, state: 'connected', is_video_call: true });
  await settle();
  call.onUserHoldStatusChanged = (of, isLocal, isHeld) => {
    world.told.push(`${of === call} ${isLocal ? 'here' : 'there'} ${isHeld ? 'held' : 'resumed'}`);
  };
  world.told.length = 0;
  return call;
}

const held = (world: World, call: DirectCall) =>
  world.socket.ofType('set_media').filter((message) => message['call_id'] === call.callId).map(({ media }) => (media as { is_on_hold: boolean }).is_on_hold);
const senders = (world: World, index: number) => world.browser.connections[index]?.getTransceivers().map(({ sender }) => sender.track);

/** The server answers the last request, so that nobody waits. */
async function heard(world: World, call: DirectCall, work: Promise<void>): Promise<void> {
  await settle();
  await world.reply('set_media', { call_id: call.callId, is_video_call: true, version: 2, state: 'connected' });
  await work;
}

test('a hold stops microphone and camera of this call, silences it, and is told on both sides of the wire', async () => {
  const world = await World.connected();
  const call = await talking(world);
  const remote = { kind: 'audio', enabled: true };
  world.browser.connection.ontrack?.({ track: remote as never });
  await heard(world, call, call.hold());
  expect(world.browser.captured.map(({ isStopped }) => isStopped)).toEqual([true, true]);
  expect(senders(world, 0)).toEqual([null, null]);
  expect(remote.enabled).toBe(false);
  expect(call.isOnHold).toBe(true);
  expect(held(world, call)).toEqual([true]);
  expect(world.told).toEqual(['true here held']);

  await heard(world, call, call.unhold(false));
  expect(senders(world, 0)).toEqual(world.browser.captured.slice(2));
  expect(remote.enabled).toBe(true);
  expect(call.isOnHold).toBe(false);
  expect(held(world, call)).toEqual([true, false]);
  expect(world.told).toEqual(['true here held', 'true here resumed']);
});

test('both sides must take their hold back, and a hold of the other side leaves this side’s devices alone', async () => {
  const world = await World.connected();
  const call = await talking(world);
  const remote = { kind: 'audio', enabled: true };
  world.browser.connection.ontrack?.({ track: remote as never });
  const there = (is_on_hold: boolean, revision: number) => {
    const { media } = party('bob', { is_on_hold, revision });
    world.socket.receive({ type: 'party_media', call_id: call.callId, role: 'dc_callee', media });
  };
  there(true, 1);
  await settle();
  expect([call.isOnHold, remote.enabled]).toEqual([true, false]);
  expect(world.browser.captured.some(({ isStopped }) => isStopped)).toBe(false);
  expect(await codeOf(call.unhold(false))).toBe(1800802);
  await heard(world, call, call.hold());
  there(false, 2);
  await settle();
  expect([call.isOnHold, remote.enabled]).toEqual([true, false]);
  await heard(world, call, call.unhold(false));
  expect([call.isOnHold, remote.enabled]).toEqual([false, true]);
  expect(world.told).toEqual(['true there held', 'true here held', 'true there resumed', 'true here resumed']);
});

test('a hold at the wrong time is refused with its code', async () => {
  const world = await World.connected();
  const ringing = world.dial();
  await world.reply('dial', { call_id: ringing.callId });
  expect(await codeOf(ringing.hold())).toBe(ErrorCode.ERR_INVALID_CALL_STATUS);
  ringing.end();
  await world.reply('end', { call_id: ringing.callId, version: 2, state: 'ended', end_result: 'canceled' });
  expect(await codeOf(ringing.hold())).toBe(ErrorCode.ERR_INVALID_CALL_STATUS);
  expect(await codeOf(ringing.unhold(true))).toBe(ErrorCode.ERR_INVALID_CALL_STATUS);

  const call = await talking(world);
  expect(await codeOf(call.unhold(true))).toBe(1800802);
  await heard(world, call, call.hold());
  expect(await codeOf(call.hold())).toBe(1800801);
  expect(world.told).toEqual(['true here held']);
});

test('a call that is being ended stands in nobody’s way', async () => {
  const world = await World.connected();
  const first = await talking(world);
  await heard(world, first, first.hold());
  const second = await talking(world);
  second.end();
  await heard(world, first, first.unhold(false));
  expect(first.isOnHold).toBe(false);
  expect(held(world, second)).toEqual([]);
});

test('of two calls unhold(false) resumes none beside an active one, and unhold(true) swaps them', async () => {
  const world = await World.connected();
  const first = await talking(world);
  const second = await talking(world, { holdActiveCall: true });
  expect([first.isOnHold, second.isOnHold]).toEqual([true, false]);
  const order = world.socket.sent.map(({ type, call_id }) => `${type} ${call_id === first.callId ? 'first' : 'second'}`);
  expect(order.indexOf('set_media first')).toBeLessThan(order.indexOf('dial second'));
  expect(await codeOf(first.unhold(false))).toBe(1800803);
  const own = world.browser.captured.slice(2);
  expect(own.map(({ isStopped }) => isStopped)).toEqual([false, false]);

  void first.unhold(true);
  await settle();
  expect([first.isOnHold, second.isOnHold]).toEqual([false, true]);
  expect(own.map(({ isStopped }) => isStopped)).toEqual([true, true]);
  expect(senders(world, 0)).toEqual(world.browser.captured.slice(4));
});

test('accept with holdActiveCall holds the other call before it accepts', async () => {
  const world = await World.connected();
  const first = await talking(world);
  const incoming = await world.ring({ call_id: '11111111-1111-4111-8111-111111111111' });
  incoming.accept({ callOption: {}, holdActiveCall: true });
  await settle();
  expect(first.isOnHold).toBe(true);
  const types = world.socket.sent.map(({ type }) => type);
  expect(types.indexOf('set_media')).toBeLessThan(types.indexOf('accept'));
  expect(world.told).toEqual(['ringing', 'true here held']);
});

test('while it is held, microphone and camera cannot be switched, and resume as they were', async () => {
  const world = await World.connected();
  const call = await talking(world);
  call.muteMicrophone();
  await heard(world, call, call.hold());
  call.unmuteMicrophone();
  call.stopVideo();
  expect([call.isLocalAudioEnabled, call.isLocalVideoEnabled]).toEqual([false, true]);
  await heard(world, call, call.unhold(false));
  expect(senders(world, 0)?.map((track) => track?.kind)).toEqual([undefined, 'video']);
  call.unmuteMicrophone();
  await settle();
  expect(senders(world, 0)?.map((track) => track?.kind)).toEqual(['audio', 'video']);
});

test('a device selected while it is held is not opened before it resumes', async () => {
  const world = await World.connected();
  const call = await talking(world);
  await heard(world, call, call.hold());
  world.browser.devices = [{ kind: 'videoinput', deviceId: 'second', label: 'Second' }];
  world.browser.plug();
  await settle();
  world.client.devices.select('videoinput', world.client.devices.list('videoinput')[0] as MediaDeviceInfo);
  await settle();
  expect(world.browser.captured).toHaveLength(2);
  await heard(world, call, call.unhold(false));
  expect(world.browser.captured.slice(2).map(({ deviceId }) => deviceId)).toEqual(['default', 'second']);
});

test('a hold without a socket holds at once and is told after the reconnect', async () => {
  const world = await World.connected();
  const call = await talking(world);
  world.socket.lose();
  const done = codeOf(call.hold());
  expect(world.browser.captured.map(({ isStopped }) => isStopped)).toEqual([true, true]);
  await settle(12_000);
  expect(await done).toBe('none');
  await world.welcome([snapshot({ call_id: call.callId, is_video_call: true, version: 2, state: 'connected' })]);
  expect(held(world, call)).toEqual([true]);
  expect(call.isOnHold).toBe(true);
});
