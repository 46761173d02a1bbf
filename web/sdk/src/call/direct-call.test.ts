import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { party, settle, snapshot, World } from '../../test/world';
import { ErrorCode } from '../enums';
import type { DirectCall } from '../surface';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

test('a dialled call goes through its events in order', async () => {
  const world = await World.connected();
  const call = world.dial({ customItems: { a: 'b' } });
  expect(world.socket.ofType('dial')[0]).toMatchObject({
    call_id: call.callId, user_id: 'bob', is_video_call: false, custom_items: { a: 'b' },
    media: { audio_enabled: true, video_enabled: false, revision: 0 },
  });
  const id = { call_id: call.callId, custom_items: { a: 'b' } };
  await world.reply('dial', id);
  world.tell({ ...id, version: 2, is_dial_received: true });
  world.tell({ ...id, version: 3, state: 'established' });
  world.tell({ ...id, version: 4, state: 'connected' });
  world.tell({ ...id, version: 5, state: 'ended', end_result: 'completed', ended_by: 'dc_callee', duration_ms: 1234, ended_at: 9 });
  await settle();
  expect(world.told).toEqual(['callback call', 'dial received', 'established', 'connected', 'ended completed']);
  expect(call.endedBy).toBe(call.callee);
  expect(call.getDuration()).toBe(1234);
  expect(call.callLog).toMatchObject({ isFromServer: false, duration: 1234, endResult: 'completed', startedAt: new Date(1000) });
});

test('one snapshot that has seen everything tells everything', async () => {
  const world = await World.connected();
  const call = world.dial();
  await world.reply('dial', { call_id: call.callId, version: 9, state: 'connected', is_dial_received: true });
  expect(world.told).toEqual(['callback call', 'dial received', 'established', 'connected']);
});

test('old and repeated snapshots change nothing', async () => {
  const world = await World.connected();
  const call = world.dial();
  const id = { call_id: call.callId };
  await world.reply('dial', { ...id, version: 3, state: 'established' });
  world.tell({ ...id, version: 2, state: 'ended', end_result: 'declined' });
  world.tell({ ...id, version: 3, state: 'ended', end_result: 'declined' });
  await settle();
  expect(call.isEnded).toBe(false);
  world.tell({ ...id, version: 4, state: 'ended', end_result: 'not_connected' });
  world.tell({ ...id, version: 5, state: 'connected' });
  await settle();
  expect(world.told).toEqual(['callback call', 'established', 'ended not_connected']);
});

test('news that overtakes the answer to dial still comes after the callback', async () => {
  const world = await World.connected();
  const call = world.dial();
  world.tell({ call_id: call.callId, version: 2, is_dial_received: true });
  await world.reply('dial', { call_id: call.callId, version: 1 });
  expect(world.told).toEqual(['callback call', 'dial received']);
});

test('a refused dial gives the callback the call and the code, then ends', async () => {
  const world = await World.connected();
  const heard: unknown[] = [];
  const call = world.client.dial({ userId: 'bob', isVideoCall: false, callOption: {} }, (...args) => void heard.push(...args));
  world.follow(call);
  await world.refuse('dial', 1400106);
  expect(heard).toEqual([call, expect.objectContaining({ code: 1400106 })]);
  expect(world.told).toEqual(['ended dial_failed']);
});

test('handlers set after awaiting dial miss nothing', async () => {
  const world = await World.connected();
  const call = await world.client.dial({ userId: 'alice', isVideoCall: false, callOption: {} });
  world.follow(call);
  await settle();
  expect(world.told).toEqual(['ended dial_failed']);
});

test.each([
  ['oneself', { userId: 'alice' }, ErrorCode.MY_USER_ID_NOT_ALLOWED],
  ['nobody', { userId: '' }, ErrorCode.INVALID_PARAMETER_VALUE],
  ['with items that are not text', { customItems: { a: 1 as unknown as string } }, ErrorCode.INVALID_PARAMETER_TYPE],
])('dialling %s is refused without asking the server', async (_, params, code) => {
  const world = await World.connected();
  world.dial(params);
  await settle();
  expect(world.told).toEqual([`callback ${code}`, 'ended dial_failed']);
  expect(world.socket.ofType('dial')).toEqual([]);
});

test('ending before the answer cancels: the callback is told so, once', async () => {
  const world = await World.connected();
  const call = world.dial();
  call.end();
  call.end();
  await settle();
  expect(world.told).toEqual([`callback ${ErrorCode.DIAL_CANCELED}`, 'ended canceled']);
  await world.reply('dial', { call_id: call.callId });
  await world.reply('end', { call_id: call.callId, version: 2, state: 'ended', end_result: 'canceled' });
  expect(world.told).toHaveLength(2);
  expect(world.socket.ofType('end')).toHaveLength(1);
});

test('what the server says of an ending counts', async () => {
  const world = await World.connected();
  const call = await world.ring();
  call.end();
  await settle();
  expect(call.isEnded).toBe(false);
  await world.reply('end', { call_id: call.callId, version: 2, role: 'dc_callee', state: 'ended', end_result: 'canceled', ended_by: 'dc_caller' });
  expect(world.told).toEqual(['ringing', 'ended canceled']);
});

test('without a socket a call ends at once, and the server is told later', async () => {
  const world = await World.connected();
  const call = world.dial();
  await world.reply('dial', { call_id: call.callId, state: 'connected' });
  world.socket.lose();
  call.end();
  await settle();
  expect(world.told.at(-1)).toBe('ended completed');
  expect(call.endedBy).toBe(call.localUser);
  await settle(500);
  await world.welcome([], []);
  expect(world.socket.ofType('end')).toHaveLength(1);
});

test('a decline that was lost for longer than a request lives is said again when the call is met again', async () => {
  const world = await World.connected();
  const call = await world.ring();
  world.socket.lose();
  call.end();
  await settle(12_000);
  await world.welcome([snapshot({ call_id: call.callId, role: 'dc_callee' })]);
  expect(world.told).toEqual(['ringing', 'ended declined']);
  expect(world.socket.ofType('end')).toHaveLength(1);
});

test('mute that the server did not hear of is told after the reconnect', async () => {
  const world = await World.connected();
  const call = world.dial();
  await world.reply('dial', { call_id: call.callId, state: 'connected' });
  world.socket.lose();
  call.muteMicrophone();
  await settle(12_000);
  await world.welcome([snapshot({ call_id: call.callId, state: 'connected' })]);
  expect(world.socket.ofType('set_media').map((message) => message['media'])).toEqual([
    { audio_enabled: false, video_enabled: false, revision: 1 },
  ]);
});

test('a ring is told once, acknowledged after the application has been told, and counts as ongoing', async () => {
  const world = await World.connected();
  const call = await world.ring({ version: 1 });
  world.tell({ role: 'dc_callee', version: 1 });
  await settle();
  expect(world.told).toEqual(['ringing']);
  expect(world.socket.ofType('ringing')).toHaveLength(1);
  expect(world.client.getOngoingCalls()).toEqual([call]);
  expect(world.client.getCall(call.callId)).toBe(call);
  expect(call).toMatchObject({ myRole: 'dc_callee', remoteUser: { userId: 'bob' }, localUser: { userId: 'alice' }, endResult: null });
});

test('a ring that nobody listens for is not acknowledged', async () => {
  const world = await World.connected();
  world.tell({ role: 'dc_callee' });
  await settle();
  expect(world.socket.ofType('ringing')).toEqual([]);
});

test('a device that connects while it rings is rung, and asks for the offer', async () => {
  const world = await World.connected();
  world.client.listeners.add('ring', { onRinging: () => void world.told.push('ringing') });
  world.socket.lose();
  await settle(500);
  await world.welcome([snapshot({ role: 'dc_callee' })]);
  expect(world.told).toEqual(['ringing']);
  expect(world.socket.peerMessages('need')).not.toEqual([]);
});

test('onRinging does not wait for a connection to be made, which follows at once', async () => {
  const world = await World.connected('bob');
  const made: number[] = [];
  world.client.listeners.add('ring', { onRinging: () => void made.push(world.browser.connections.length) });
  world.tell({ role: 'dc_callee' });
  await settle();
  expect(made).toEqual([0]);
  expect(world.browser.connections).toHaveLength(1);
});

test('accepting within onRinging works', async () => {
  const world = await World.connected();
  world.client.listeners.add('ring', { onRinging: (call) => call.accept({ callOption: { audioEnabled: false } }) });
  world.tell({ role: 'dc_callee' });
  await settle();
  expect(world.socket.ofType('accept')[0]).toMatchObject({ media: { audio_enabled: false, video_enabled: false, revision: 0 } });
});

test('an accept that comes second ends as accepted by another device', async () => {
  const world = await World.connected();
  const call = await world.ring();
  call.accept({ callOption: {} });
  await world.refuse('accept', 1400101);
  await world.reply('read', { call_id: call.callId, role: 'dc_callee', version: 3, state: 'ended', end_result: 'other_device_accepted' });
  expect(world.told).toEqual(['ringing', 'ended other_device_accepted']);
});

test('an accept that fails while the call rings on ends as failed', async () => {
  const world = await World.connected();
  const call = await world.ring();
  call.accept({ callOption: {} });
  await world.refuse('accept', 1400999);
  await world.reply('read', { call_id: call.callId, role: 'dc_callee' });
  expect(world.told).toEqual(['ringing', 'ended accept_failed']);
});

test('another device that accepts silences this one', async () => {
  const world = await World.connected();
  const call = await world.ring();
  world.tell({ call_id: call.callId, role: 'dc_callee', version: 2, state: 'ended', end_result: 'other_device_accepted' });
  await settle();
  expect(world.told).toEqual(['ringing', 'ended other_device_accepted']);
});

test('a call that the server does not know after a reconnect is over', async () => {
  const world = await World.connected();
  const call = await world.ring();
  world.socket.lose();
  await settle(500);
  await world.welcome([], [call.callId]);
  expect(world.told).toEqual(['ringing', 'ended unknown']);
});

test('mute travels with a counted revision, and only when it changes something', async () => {
  const world = await World.connected();
  const call = world.dial();
  await world.reply('dial', { call_id: call.callId, state: 'connected' });
  call.muteMicrophone();
  call.muteMicrophone();
  call.startVideo();
  call.unmuteMicrophone();
  const sent = world.socket.ofType('set_media').map((message) => message['media']);
  expect(sent).toEqual([
    { audio_enabled: false, video_enabled: false, revision: 1 },
    { audio_enabled: true, video_enabled: false, revision: 2 },
  ]);
});

test('of the other side’s settings the highest revision counts', async () => {
  const world = await World.connected();
  const call = world.dial({ isVideoCall: true });
  const id = { call_id: call.callId, is_video_call: true };
  await world.reply('dial', { ...id, callee: party('bob', { video_enabled: true }) });
  // An accept starts the count anew, and counts because its version is newer.
  world.tell({ ...id, version: 2, state: 'established', callee: party('bob', { video_enabled: false }) });
  const news = (revision: number, audio_enabled: boolean) =>
    world.socket.receive({ type: 'party_media', call_id: call.callId, role: 'dc_callee', media: { audio_enabled, video_enabled: false, revision } });
  news(2, false);
  news(1, true);
  news(2, true);
  await settle();
  expect(world.told).toEqual(['callback call', 'established', 'video false', 'audio false']);
});

test('the duration runs from what the server said, and stops at the end', async () => {
  const world = await World.connected();
  const call = world.dial();
  const id = { call_id: call.callId };
  await world.reply('dial', id);
  await settle(5_000);
  expect(call.getDuration()).toBe(0);
  world.tell({ ...id, version: 2, state: 'established', duration_ms: 100 });
  await settle(5_000);
  expect(call.getDuration()).toBe(5_100);
  world.tell({ ...id, version: 3, state: 'ended', end_result: 'completed', duration_ms: 6_000 });
  await settle(5_000);
  expect(call.getDuration()).toBe(6_000);
});

test('timeouts travel with dial, within what a server takes', async () => {
  const world = await World.connected();
  world.client.setRingingTimeout(1_000);
  world.client.setRingingTimeout(-1);
  world.client.setCallConnectionTimeout(20);
  world.dial();
  expect(world.socket.ofType('dial')[0]).toMatchObject({ ringing_timeout_s: 300, connection_timeout_s: 20 });
});

test('what is handed out are copies, methods work bare, and a call is not a promise', async () => {
  const world = await World.connected();
  const call = world.dial({ customItems: { a: 'b' } });
  await world.reply('dial', { call_id: call.callId, custom_items: { a: 'b' } });
  Object.freeze(call.customItems);
  Object.freeze(world.client.getOngoingCalls());
  expect(call.customItems).not.toBe(call.customItems);
  expect('then' in call).toBe(false);
  const { end, getDuration } = call;
  expect(getDuration()).toBe(0);
  end();
  expect(world.socket.ofType('end')).toHaveLength(1);
});

test('an error in a handler stops nobody', async () => {
  const world = await World.connected();
  const call = await world.ring();
  call.onEstablished = () => {
    throw new Error('of the application');
  };
  call.accept({ callOption: {} });
  await world.reply('accept', { call_id: call.callId, role: 'dc_callee', version: 2, state: 'connected' });
  expect(world.told).toEqual(['ringing', 'connected']);
  expect(world.browser.reported).toEqual([expect.objectContaining({ message: 'of the application' })]);
});

test('accept where nothing rings sends nothing', async () => {
  const world = await World.connected();
  world.dial().accept({ callOption: {} });
  const call = await world.ring();
  call.accept({ callOption: {} });
  call.accept({ callOption: {} });
  await world.reply('accept', { role: 'dc_callee', version: 2, state: 'established' });
  call.accept({ callOption: {} });
  expect(world.socket.ofType('accept').map((message) => message['call_id'])).toEqual([call.callId]);
});

test('how a call ended is null while it lives', async () => {
  const call = (await World.connected()).dial();
  expect([call.endedBy, call.endResult, call.callLog]).toEqual([null, null, null]);
});

test('ended calls are forgotten after a while, live ones never', async () => {
  const world = await World.connected();
  const first = await world.ring({ call_id: 'first' });
  const dialled: DirectCall[] = [];
  for (let n = 0; n < 101; n += 1) {
    const call = world.dial();
    await world.refuse('dial', 429100);
    dialled.push(call);
  }
  expect(world.client.getCall(first.callId)).toBe(first);
  expect(world.client.getCall(dialled[0]?.callId ?? '')).toBeUndefined();
  expect(world.client.getCall(dialled[100]?.callId ?? '')).toBe(dialled[100]);
});
