import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settle, snapshot, World } from '../../test/world';
import { ErrorCode } from '../enums';
import { reconnectDelay } from './reconnect';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const codeOf = (work: Promise<unknown>) => work.then(() => 'no error', (error) => error.code);

async function signedIn(): Promise<World> {
  const world = new World();
  world.client.logger.setLevel('NONE');
  world.client.init('APP', 'calls.example');
  void world.client.authenticate({ userId: 'alice' });
  await world.answerSignIn('alice');
  return world;
}

test('a first connection that fails is told, and not tried again behind the back', async () => {
  const world = await signedIn();
  const done = codeOf(world.client.connectWebSocket());
  await settle();
  world.socket.lose();
  expect(await done).toBe(ErrorCode.WS_CONNECTION_FAILED);
  await settle(60_000);
  expect(world.browser.sockets).toHaveLength(1);
});

test('a server that accepts the socket but never says welcome counts as failed', async () => {
  const world = await signedIn();
  const done = codeOf(world.client.connectWebSocket());
  await settle();
  world.socket.onopen?.();
  await settle(10_000);
  expect(await done).toBe(ErrorCode.WS_CONNECTION_FAILED);
});

test('a refused hello rejects with the code of the server', async () => {
  const world = await signedIn();
  const done = codeOf(world.client.connectWebSocket());
  await settle();
  world.socket.onopen?.();
  await world.refuse('hello', 400309);
  expect(await done).toBe(400309);
  expect(world.shown.currentUser).toBeUndefined();
});

test('a hello that came too late is said again, and the session stays', async () => {
  const world = await World.connected();
  world.socket.lose();
  await settle(500);
  world.socket.receive({ type: 'refused', code: 400303, message: 'too late' });
  await settle(1_000);
  await world.welcome();
  expect(world.browser.sockets).toHaveLength(3);
  expect(world.shown).toMatchObject({ connectionState: 'connected', currentUser: { userId: 'alice' } });
});

test('a device id in use by another page is drawn anew', async () => {
  const world = await signedIn();
  const done = world.client.connectWebSocket();
  await settle();
  world.socket.onopen?.();
  const before = world.socket.ofType('hello')[0];
  await world.refuse('hello', 1400900);
  await world.welcome();
  await done;
  const after = world.socket.ofType('hello')[0];
  expect(after?.['device_id']).not.toBe(before?.['device_id']);
  expect(after?.['page_id']).toBe(before?.['page_id']);
  expect(world.browser.stored.get('offhook.device')).toBe(after?.['device_id']);
});

test('a reload keeps the device id and draws a page id', async () => {
  const world = await World.connected();
  const first = world.socket.ofType('hello')[0];
  const next = await World.connected('alice', (reloaded) => {
    for (const [key, value] of world.browser.stored) reloaded.browser.stored.set(key, value);
    reloaded.browser.platform.randomBytes(16);
  });
  const second = next.socket.ofType('hello')[0];
  expect(second?.['device_id']).toBe(first?.['device_id']);
  expect(second?.['page_id']).not.toBe(first?.['page_id']);
});

test('a lost socket comes back: within a second, then about each second, then about every two', () => {
  for (const random of [() => 0, () => 0.999]) {
    expect(reconnectDelay(0, random)).toBeLessThanOrEqual(1_000);
    expect(reconnectDelay(1, random)).toBeLessThanOrEqual(1_250);
    for (const failures of [2, 3, 50]) {
      expect(reconnectDelay(failures, random)).toBeGreaterThanOrEqual(1_500);
      expect(reconnectDelay(failures, random)).toBeLessThanOrEqual(2_500);
    }
  }
});

test('after a loss the states are told and the calls are named', async () => {
  const world = await World.connected();
  const states: string[] = [];
  world.client.listeners.add('states', { onConnectionStateChanged: (state) => states.push(state) });
  const call = world.dial();
  await world.reply('dial', { call_id: call.callId });
  world.socket.lose();
  await settle(500);
  expect(world.browser.sockets).toHaveLength(2);
  await world.welcome([snapshot({ call_id: call.callId })]);
  expect(world.socket.ofType('hello')[0]).toMatchObject({ known_calls: [call.callId] });
  expect(states).toEqual(['reconnecting', 'connected']);
  expect(call.isEnded).toBe(false);
});

test('when the network comes back, nobody waits', async () => {
  const world = await World.connected();
  world.socket.lose();
  world.browser.changeNetwork();
  expect(world.browser.sockets).toHaveLength(2);
});

test('a request without an answer is sent again after a reconnect, with the same id', async () => {
  const world = await World.connected();
  const call = world.dial();
  const sent = world.socket.ofType('dial')[0];
  world.socket.lose();
  await settle(500);
  await world.welcome([], [call.callId]);
  expect(world.socket.ofType('dial')).toEqual([sent]);
  await world.reply('dial', { call_id: call.callId });
  expect(world.told).toEqual(['callback call']);
});

test('a request that is answered is not sent again', async () => {
  const world = await World.connected();
  const call = world.dial();
  await world.reply('dial', { call_id: call.callId });
  world.socket.lose();
  await settle(500);
  await world.welcome([snapshot({ call_id: call.callId })]);
  expect(world.socket.ofType('dial')).toEqual([]);
});

test.each([
  ['while the socket is open', false, ErrorCode.ERR_NO_RESPONSE_DUE_TO_TIMEOUT],
  ['while it is away', true, ErrorCode.ERR_REQUEST_FAILED_DUE_TO_WEBSOCKET_CONNECTION_LOST],
])('a request that is not answered within ten seconds fails: %s', async (_, isAway, code) => {
  const world = await World.connected();
  world.dial();
  if (isAway) world.socket.lose();
  await settle(10_000);
  expect(world.told).toEqual([`callback ${code}`, 'ended dial_failed']);
});

test('a silent socket is given up, a talking one is not', async () => {
  const world = await signedIn();
  world.silenceMs = 30_000;
  await world.connect();
  const first = world.socket;
  await settle(25_000);
  first.receive({ type: 'ping' });
  await settle(25_000);
  expect(first.isClosed).toBe(false);
  await settle(40_000);
  expect(first.isClosed).toBe(true);
  expect(world.shown.connectionState).toBe('reconnecting');
});

test('a socket on which nothing comes after a request is given up long before it is silent for too long', async () => {
  const world = await World.connected();
  await settle(1_000);
  world.socket.isDeaf = true;
  world.dial();
  await settle(4_999);
  expect(world.browser.sockets).toHaveLength(1);
  await settle(1_001);
  expect(world.browser.sockets).toHaveLength(2);
  await world.welcome();
  expect(world.socket.ofType('dial')).toHaveLength(1);
});

test('when the network is another, a socket that seems open is replaced', async () => {
  const world = await World.connected();
  world.browser.changeNetwork();
  expect(world.browser.sockets.map(({ isClosed }) => isClosed)).toEqual([true, false]);
});

test('a page that is looked at after its timers stood still finds a dead socket at once, and leaves a live one alone', async () => {
  const world = await signedIn();
  world.silenceMs = 30_000;
  await world.connect();
  world.browser.look();
  expect(world.browser.sockets).toHaveLength(1);
  vi.setSystemTime(Date.now() + 31_000);
  world.browser.look();
  await settle(1_000);
  expect(world.browser.sockets).toHaveLength(2);
});

test('an idle connected page has no timer faster than ten seconds', async () => {
  const world = await signedIn();
  world.silenceMs = 30_000;
  world.browser.devices = [{ kind: 'audioinput', deviceId: 'one', label: 'One' }];
  await world.connect();
  await settle(10_000);
  const set = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
  for (let minute = 0; minute < 10; minute += 1) {
    world.socket.receive({ type: 'ping' });
    await settle(20_000);
  }
  const delays = set.flatMap(({ mock }) => mock.calls.map(([, delay]) => delay ?? 0));
  expect(delays.length).toBeGreaterThan(5);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(10_000);
  vi.restoreAllMocks();
});

test('a draining server says when to come back', async () => {
  const world = await World.connected();
  world.socket.receive({ type: 'drain', reconnect_after_ms: 7_000 });
  await settle(6_999);
  expect(world.browser.sockets).toHaveLength(1);
  await settle(1);
  expect(world.browser.sockets).toHaveLength(2);
});

test('unreadable frames and unknown messages are passed over', async () => {
  const world = await World.connected();
  world.socket.onmessage?.({ data: '{' });
  world.socket.onmessage?.({ data: new ArrayBuffer(3) });
  world.socket.receive({ type: 'news_of_tomorrow' });
  expect(await world.ring()).toMatchObject({ isOngoing: true });
});
