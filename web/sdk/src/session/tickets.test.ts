import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { relayed, settle, snapshot, World } from '../../test/world';
import type { DirectCall } from '../surface';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const OFFER = ['v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', ''].join('\r\n');

const withTicket = (ticket: string, policy?: 'all' | 'relay') =>
  World.connected('alice', (world) => {
    world.iceConfiguration = relayed(ticket, policy);
  });
const told = (world: World) => world.socket.ofType('use_ticket').map(({ call_id, ticket }) => [call_id, ticket]);
const usernames = (configuration: RTCConfiguration | undefined) =>
  configuration?.iceServers?.map(({ username }) => username).filter((username) => username !== undefined);

/** Alice's dial was accepted, and media flows. */
async function talking(world: World): Promise<DirectCall> {
  const call = world.dial();
  await world.reply('dial', { call_id: call.callId });
  world.tell({ call_id: call.callId, version: 2, state: 'established' });
  await world.signal(call.callId, { kind: 'answer', seq: 1, generation: 0, sdp: 'answer' });
  world.browser.connection.become('connected');
  world.tell({ call_id: call.callId, version: 3, state: 'connected' });
  await settle();
  return call;
}

test('a dialled call is made with the servers and the policy of the welcome, and names its ticket right behind the dial', async () => {
  const world = await withTicket('one', 'relay');
  const call = world.dial();
  await settle();
  expect(world.socket.sent.map(({ type }) => type)).toEqual(['hello', 'dial', 'use_ticket', 'signal']);
  expect(told(world)).toEqual([[call.callId, 'one']]);
  expect(world.browser.connection.gathersWith).toEqual({
    iceServers: relayed('one').ice_servers,
    iceTransportPolicy: 'relay',
    bundlePolicy: 'max-bundle',
  });
});

test('a call that rings names its ticket right behind ringing', async () => {
  const world = await withTicket('one');
  const call = await world.ring();
  expect(world.socket.sent.map(({ type }) => type)).toEqual(['hello', 'ringing', 'use_ticket']);
  expect(told(world)).toEqual([[call.callId, 'one']]);
});

test('a call that rings where no application listens names its ticket all the same, or the next would never come', async () => {
  const world = await withTicket('one');
  world.tell({ role: 'dc_callee' });
  await settle();
  expect(world.socket.ofType('ringing')).toEqual([]);
  expect(world.socket.ofType('use_ticket')).toHaveLength(1);
});

test('a ticket is used for one call: the next call takes the next', async () => {
  const world = await withTicket('one');
  const first = world.dial();
  await world.handOut('two');
  const second = world.dial();
  await settle();
  expect(told(world)).toEqual([[first.callId, 'one'], [second.callId, 'two']]);
  expect(world.browser.connections.map(({ gathersWith }) => usernames(gathersWith))).toEqual([['99:one'], ['99:two']]);
});

test('a call that is made before the next ticket has come rings at once, but waits with its offer for the ticket', async () => {
  const world = await withTicket('one');
  world.dial();
  const second = world.dial();
  await settle(500);
  expect(world.socket.ofType('dial')).toHaveLength(2);
  expect(usernames(world.browser.connection.configuration)).toEqual([]);
  expect(world.browser.connection.offers).toEqual([]);
  await world.handOut('two');
  expect(usernames(world.browser.connection.gathersWith)).toEqual(['99:two']);
  expect(told(world).at(-1)).toEqual([second.callId, 'two']);
});

test('where no ticket comes in time a call goes without the relay rather than with the ticket of another', async () => {
  const world = await withTicket('one');
  world.dial();
  world.dial();
  await settle(2_000);
  expect(world.browser.connection.gathersWith?.iceServers).toEqual([{ urls: ['stun:calls.example'] }]);
  expect(world.socket.peerMessages('offer')).toHaveLength(2);
  expect(told(world)).toHaveLength(1);
});

test('two calls that wait are served in turn, and one that has ended meanwhile takes nothing', async () => {
  const world = await withTicket('one');
  world.dial();
  const gone = world.dial();
  const waiting = world.dial();
  await world.refuse('dial', 1400106);
  const last = world.dial();
  await settle();
  expect(waiting.isEnded).toBe(true);
  await world.handOut('two');
  await world.handOut('three');
  expect(told(world).slice(1)).toEqual([[gone.callId, 'two'], [last.callId, 'three']]);
});

test('the ticket of a dial that the server refused is at hand again, since no next one comes', async () => {
  const world = await withTicket('one');
  world.dial();
  await world.refuse('dial', 1400106);
  await settle(500);
  const waiting = world.dial();
  await settle(500);
  expect(told(world).at(-1)).toEqual([waiting.callId, 'one']);
  expect(usernames(world.browser.connection.gathersWith)).toEqual(['99:one']);
});

test('the ticket of a call that has ended is never used again once the next has come', async () => {
  const world = await withTicket('one');
  const ended = world.dial();
  await world.reply('dial', { call_id: ended.callId, state: 'ended', version: 2 });
  await world.handOut('two');
  await settle(10_000);
  world.dial();
  world.dial();
  await settle(10_000);
  expect(told(world).map(([, ticket]) => ticket)).toEqual(['one', 'two']);
});

test('a dial that never leaves takes no ticket', async () => {
  const world = await withTicket('one');
  world.dial({ userId: 'alice' });
  const call = world.dial();
  await settle();
  expect(told(world)).toEqual([[call.callId, 'one']]);
});

test('without a relay there is no ticket, and nobody waits for one', async () => {
  const world = await World.connected();
  world.dial();
  world.dial();
  await settle();
  expect(world.socket.peerMessages('offer')).toHaveLength(2);
  expect(told(world)).toEqual([]);
});

test('after a reconnect live calls name their tickets again, ended ones do not', async () => {
  const world = await withTicket('one');
  const ended = world.dial();
  await world.reply('dial', { call_id: ended.callId, state: 'ended', version: 2 });
  await world.handOut('two');
  const live = await talking(world);
  world.socket.lose();
  await settle(500);
  world.iceConfiguration = relayed('three');
  await world.welcome([snapshot({ call_id: live.callId, version: 3, state: 'connected' })]);
  expect(told(world)).toEqual([[live.callId, 'two']]);
});

test('a welcome that repeats a ticket in use does not make it free', async () => {
  const world = await withTicket('one');
  const live = await talking(world);
  world.socket.lose();
  await settle(500);
  await world.welcome([snapshot({ call_id: live.callId, version: 3, state: 'connected' })]);
  world.dial();
  await settle();
  expect(usernames(world.browser.connection.configuration)).toEqual([]);
});

test('the caller’s ICE restart takes a newer ticket before it offers', async () => {
  const world = await withTicket('one');
  const call = await talking(world);
  const { connection } = world.browser;
  await world.handOut('two');
  await settle(30_000);
  expect(usernames(connection.configuration)).toEqual(['99:one']);
  connection.become('failed');
  await settle();
  expect(connection.offers.at(-1)).toEqual({ iceRestart: true });
  expect(usernames(connection.gathersWith)).toEqual(['99:two']);
  expect(told(world)).toEqual([[call.callId, 'one'], [call.callId, 'two']]);
});

test('an outage in which ICE restarts again and again takes a ticket every half minute at most', async () => {
  const world = await withTicket('one');
  await talking(world);
  const { connection } = world.browser;
  await settle(30_000);
  connection.become('failed');
  for (let second = 0; second < 59; second += 1) {
    await world.handOut(`after ${second} s`);
    await settle(1_000);
  }
  expect(connection.offers.length).toBeGreaterThan(6);
  expect(told(world)).toHaveLength(3);
});

test('after a reconnect the relay may be another: however young the ticket, a newer one is taken', async () => {
  const world = await withTicket('one');
  const call = await talking(world);
  world.browser.connection.become('disconnected');
  world.socket.lose();
  await settle(500);
  world.iceConfiguration = relayed('two');
  await world.welcome([snapshot({ call_id: call.callId, version: 3, state: 'connected' })]);
  await settle(3_000);
  expect(told(world)).toEqual([[call.callId, 'one'], [call.callId, 'two']]);
  expect(usernames(world.browser.connection.gathersWith)).toEqual(['99:two']);
});

test('no more tickets go into one call than the server binds to it; another socket starts anew', async () => {
  const world = await withTicket('one');
  const call = await talking(world);
  const { connection } = world.browser;
  const lose = async () => {
    await world.handOut(`${world.browser.connection.offers.length}`);
    await settle(40_000);
    connection.become('failed');
    await settle();
    connection.become('connected');
    await settle();
  };
  for (let losses = 0; losses < 10; losses += 1) await lose();
  expect(told(world)).toHaveLength(8);
  world.socket.lose();
  await settle(500);
  world.iceConfiguration = relayed('fresh');
  await world.welcome([snapshot({ call_id: call.callId, version: 3, state: 'connected' })]);
  await lose();
  expect(told(world)).toHaveLength(2);
});

test('an ICE restart without a newer ticket keeps the one that the call has', async () => {
  const world = await withTicket('one');
  await talking(world);
  const { connection } = world.browser;
  connection.become('failed');
  await settle();
  expect(connection.offers).toHaveLength(2);
  expect(usernames(connection.gathersWith)).toEqual(['99:one']);
  expect(told(world)).toHaveLength(1);
});

test('the callee takes a newer ticket when the caller restarts ICE, not while it rings', async () => {
  const world = await withTicket('one');
  const call = await world.ring();
  await world.handOut('two');
  await world.signal(call.callId, { kind: 'offer', seq: 1, generation: 0, sdp: OFFER });
  const { connection } = world.browser;
  expect(usernames(connection.gathersWith)).toEqual(['99:one']);
  call.accept({ callOption: {} });
  await world.reply('accept', { call_id: call.callId, role: 'dc_callee', version: 2, state: 'established' });
  await settle(30_000);
  await world.signal(call.callId, { kind: 'offer', seq: 2, generation: 1, sdp: OFFER });
  expect(usernames(connection.gathersWith)).toEqual(['99:two']);
  expect(told(world).at(-1)).toEqual([call.callId, 'two']);
});

test('an engine that cannot change its servers restarts with those it has', async () => {
  const world = await withTicket('one');
  await talking(world);
  const { connection } = world.browser;
  connection.setConfiguration = () => {
    throw new Error('not here');
  };
  await world.handOut('two');
  await settle(30_000);
  connection.become('failed');
  await settle();
  expect(connection.offers).toHaveLength(2);
});

test('who signs in next uses nothing of who was there before', async () => {
  const world = await withTicket('one');
  world.client.deauthenticate();
  void world.client.authenticate({ userId: 'carol' });
  await world.answerSignIn('carol');
  const done = world.client.connectWebSocket();
  await settle();
  world.dial();
  await settle();
  expect(world.browser.connection.configuration.iceServers).toEqual([]);
  world.iceConfiguration = relayed('hers');
  await world.welcome();
  await done;
  expect(usernames(world.browser.connection.gathersWith)).toEqual(['99:hers']);
});
