import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { party, settle, snapshot, World } from '../../test/world';
import type { WebhookData } from '../surface';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const ID = '0b6f2c1e-7d43-4a5e-9a52-0d5b7c3f8e11';
const RINGING = { call_id: ID, role: 'dc_callee', caller: party('bob'), callee: party('alice') } as const;

const webhook = (more: object = {}): WebhookData => ({
  category: 'direct_call:dial',
  occured_at: 1,
  application_id: 'APP',
  sendbird_call: { version: 1, message_id: 'm', cmd: 'SGNL', type: 'dial', payload: { call_id: ID, is_video_call: true } },
  ...more,
});

function listen(world: World): void {
  world.client.listeners.add('ring', { onRinging: (call) => world.told.push(`ringing ${call.caller.userId} ${call.isVideoCall}`) });
}

test('a connected page reads the call from the server, and rings by what that says', async () => {
  const world = await World.connected();
  listen(world);
  world.client.handleWebhookData(webhook());
  expect(world.socket.ofType('read')).toMatchObject([{ call_id: ID }]);
  expect(world.told).toEqual([]);
  await world.reply('read', RINGING);
  // The webhook said video.
  expect(world.told).toEqual(['ringing bob false']);
  expect(world.socket.ofType('ringing')).toMatchObject([{ call_id: ID }]);
  world.client.handleWebhookData(webhook());
  await settle();
  expect(world.socket.ofType('read')).toHaveLength(1);
  expect(world.told).toHaveLength(1);
});

test('the id may stand beside the command, where the webhook describes the call', async () => {
  const world = await World.connected();
  const { sendbird_call, ...rest } = webhook();
  world.client.handleWebhookData({ ...rest, direct_call: { call_id: ID }, sendbird_call: { ...sendbird_call, payload: {} } as never });
  expect(world.socket.ofType('read')).toMatchObject([{ call_id: ID }]);
});

test('a page without a socket connects, and rings by the welcome', async () => {
  const world = new World();
  listen(world);
  world.client.init('APP', 'calls.example');
  void world.client.authenticate({ userId: 'alice' });
  world.client.handleWebhookData(webhook());
  await world.answerSignIn('alice');
  await world.welcome([snapshot(RINGING)]);
  expect(world.socket.ofType('read')).toEqual([]);
  expect(world.told).toEqual(['ringing bob false']);
});

test('a call that has ended, or that the server does not give, rings nowhere', async () => {
  const world = await World.connected();
  listen(world);
  world.client.handleWebhookData(webhook());
  await world.reply('read', { ...RINGING, state: 'ended', end_result: 'canceled' });
  world.client.handleWebhookData(webhook());
  await world.refuse('read', 1400102);
  expect(world.socket.ofType('read')).toHaveLength(2);
  expect(world.told).toEqual([]);
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a string', 'direct_call:dial'],
  ['another application’s', webhook({ application_id: 'OTHER' })],
  ['no command', webhook({ sendbird_call: undefined, direct_call: { call_id: ID } })],
  ['a command that is text', webhook({ sendbird_call: 'dial' })],
  ['no payload', webhook({ sendbird_call: { cmd: 'SGNL', payload: null } })],
  ['an id that is no id', webhook({ sendbird_call: { cmd: 'SGNL', payload: { call_id: `${ID}"` } } })],
  ['an id that is a list', webhook({ sendbird_call: { cmd: 'SGNL', payload: { call_id: [ID] } } })],
])('rubbish is ignored: %s', async (_, data) => {
  const world = await World.connected();
  const sent = world.socket.sent.length;
  world.client.handleWebhookData(data as WebhookData);
  await settle();
  expect(world.socket.sent).toHaveLength(sent);
});

test('nothing is done before init or before authenticate, and nothing thrown', async () => {
  const world = new World();
  world.client.handleWebhookData(webhook());
  world.client.init('APP', 'calls.example');
  world.client.handleWebhookData(webhook());
  await settle();
  expect(world.browser.sockets).toEqual([]);
});
