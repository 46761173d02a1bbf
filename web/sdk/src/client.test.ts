import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settle, World } from '../test/world';
import { ErrorCode } from './enums';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const codeOf = (work: Promise<unknown>) => work.then(() => 'no error', (error) => error.code);

test('what is called before init says so', async () => {
  const { client } = new World();
  expect(await codeOf(client.authenticate({ userId: 'a' }))).toBe(ErrorCode.INSTANCE_NOT_INITIALIZED);
  expect(await codeOf(client.connectWebSocket())).toBe(ErrorCode.INSTANCE_NOT_INITIALIZED);
  expect(() => client.dial({ userId: 'b', isVideoCall: false, callOption: {} })).toThrow('init');
  expect(() => client.createLogQuery()).toThrow('init');
  client.deauthenticate();
});

test('what is called before authenticate says so', async () => {
  const world = new World();
  world.client.init('APP', 'calls.example');
  expect(await codeOf(world.client.connectWebSocket())).toBe(ErrorCode.USER_NOT_AUTHENTICATED);
  expect(() => world.client.createLogQuery()).toThrow('authenticate');
  const call = world.dial();
  expect(call.isEnded).toBe(true);
  expect(world.told).toEqual([]);
  await settle();
  expect(world.told).toEqual([`callback ${ErrorCode.USER_NOT_AUTHENTICATED}`, 'ended dial_failed']);
});

test('dial before the socket is open ends with a code', async () => {
  const world = new World();
  world.client.init('APP', 'calls.example');
  void world.client.authenticate({ userId: 'alice' });
  await world.answerSignIn('alice');
  world.dial();
  await settle();
  expect(world.told).toEqual([`callback ${ErrorCode.WS_NOT_CONNECTED}`, 'ended dial_failed']);
});

test('authenticate tells callback and promise the same user', async () => {
  const world = new World();
  world.client.init('APP', 'https://calls.example/');
  const heard: unknown[] = [];
  const done = world.client.authenticate({ userId: 7 as unknown as string, accessToken: '' }, (user) => heard.push(user));
  await settle();
  const request = world.browser.fetched[0];
  expect(request?.url).toBe('https://calls.example/client/v1/authenticate');
  expect(JSON.parse(String(request?.init.body))).toEqual({ app_id: 'APP', user_id: '7' });
  await world.answerSignIn('7');
  const user = await done;
  expect(heard).toEqual([user]);
  expect(world.shown.currentUser).toBe(user);
  expect(user).toMatchObject({ userId: '7', nickname: '7', metaData: { a: 'b' }, isActive: true });
});

test.each([
  ['the server refuses', { error: true, code: 400302, message: 'wrong' }, 400, 400302],
  ['the answer is not JSON', '<html>', 200, ErrorCode.ERR_MALFORMED_DATA],
  ['the answer is something else', { hello: 1 }, 200, ErrorCode.ERR_WRONG_RESPONSE],
  ['a proxy answers', '<html>', 502, ErrorCode.ERR_REQUEST_FAILED],
])('authenticate fails with a code when %s', async (_, body, status, code) => {
  const world = new World();
  world.client.init('APP', 'calls.example');
  let heard: unknown;
  const done = codeOf(world.client.authenticate({ userId: 'alice' }, (_user, error) => (heard = error)));
  await settle();
  world.browser.fetched[0]?.answer(body, status);
  expect(await done).toBe(code);
  expect(heard).toMatchObject({ code });
});

test('authenticate gives up after ten seconds', async () => {
  const world = new World();
  world.client.init('APP', 'calls.example');
  const done = codeOf(world.client.authenticate({ userId: 'alice' }));
  await settle(10_000);
  expect(await done).toBe(ErrorCode.ERR_NO_RESPONSE_DUE_TO_TIMEOUT);
});

test('a wrong user id is refused without asking the server', async () => {
  const world = new World();
  world.client.init('APP', 'calls.example');
  expect(await codeOf(world.client.authenticate({ userId: '' }))).toBe(ErrorCode.INVALID_PARAMETER_VALUE);
  expect(await codeOf(world.client.authenticate({} as never))).toBe(ErrorCode.INVALID_PARAMETER_TYPE);
  expect(world.browser.fetched).toHaveLength(0);
});

test('connectWebSocket waits for an authenticate that is under way', async () => {
  const world = new World();
  world.client.init('APP', 'calls.example');
  void world.client.authenticate({ userId: 'alice' });
  const connected = world.client.connectWebSocket();
  await settle();
  expect(world.browser.sockets).toHaveLength(0);
  await world.answerSignIn('alice');
  expect(world.socket.url).toBe('wss://calls.example/client/v1/socket');
  await world.welcome();
  await connected;
  expect(world.shown.connectionState).toBe('connected');
  expect(world.socket.ofType('hello')[0]).toMatchObject({ protocol: 1, session_key: 'key of alice', known_calls: [] });
});

test('a second init with the same id changes nothing, with another id it starts over', async () => {
  const world = await World.connected();
  world.client.init('APP');
  expect(world.shown.currentUser?.userId).toBe('alice');
  const call = world.dial();
  await world.reply('dial', { call_id: call.callId });
  world.client.init('OTHER', 'calls.example');
  await settle();
  expect(world.shown).toEqual({ appId: 'OTHER', currentUser: undefined, connectionState: 'closed' });
  expect(world.told).toEqual(['callback call', 'ended canceled']);
  expect(world.client.getOngoingCalls()).toEqual([]);
});

test('a second authenticate that fails leaves the first session intact', async () => {
  const world = await World.connected();
  const done = codeOf(world.client.authenticate({ userId: 'mallory' }));
  await settle();
  world.browser.fetched.at(-1)?.answer({ error: true, code: 400302, message: 'wrong' }, 400);
  expect(await done).toBe(400302);
  expect(world.shown).toMatchObject({ connectionState: 'connected', currentUser: { userId: 'alice' } });
});

test('another user takes over the socket once signing in has succeeded', async () => {
  const world = await World.connected();
  const first = world.socket;
  void world.client.authenticate({ userId: 'carol' });
  await world.answerSignIn('carol');
  expect(first.isClosed).toBe(true);
  await world.welcome();
  expect(world.socket.ofType('hello')[0]).toMatchObject({ session_key: 'key of carol' });
  expect(world.browser.fetched.at(-1)?.init).toMatchObject({
    method: 'DELETE',
    headers: { Authorization: 'Bearer key of alice' },
  });
});

test('deauthenticate ends the calls once, signs out, and forgets the user but not the listeners', async () => {
  const world = await World.connected();
  const call = await world.ring();
  world.client.deauthenticate();
  await settle();
  expect(world.told).toEqual(['ringing', 'ended declined']);
  expect(world.socket.ofType('end')).toHaveLength(1);
  expect(world.socket.isClosed).toBe(true);
  expect(world.client.getCall(call.callId)).toBeUndefined();
  expect(world.browser.fetched.at(-1)?.init).toMatchObject({ method: 'DELETE', keepalive: true });
  world.client.deauthenticate();
  void world.client.authenticate({ userId: 'alice' });
  await world.answerSignIn('alice');
  await world.connect();
  world.told.length = 0;
  world.tell({ call_id: 'another', role: 'dc_callee' });
  await settle();
  expect(world.told).toEqual(['ringing']);
});

test('a sign-in that deauthenticate overtook opens no session', async () => {
  const world = new World();
  world.client.init('APP', 'calls.example');
  const done = codeOf(world.client.authenticate({ userId: 'alice' }));
  world.client.deauthenticate();
  await world.answerSignIn('alice');
  expect(await done).toBe(ErrorCode.ERR_REQUEST_FAILED);
  expect(world.shown.currentUser).toBeUndefined();
  expect(world.browser.fetched.at(-1)?.init).toMatchObject({ method: 'DELETE' });
});

test('a session token is renewed a minute before it expires, over the socket', async () => {
  const world = new World();
  const heard: string[] = [];
  let give: (token: string) => void = () => undefined;
  world.client.renewal.setHandler({
    onSessionTokenRequired: (resolve) => {
      heard.push('required');
      give = resolve;
    },
    onSessionRefreshed: () => heard.push('refreshed'),
    onSessionError: (error) => heard.push(error.message),
  });
  world.client.init('APP', 'calls.example');
  void world.client.authenticate({ userId: 'alice', accessToken: 'token' });
  await world.answerSignIn('alice', { token_expires_in_ms: 100_000 });
  await world.connect();
  await settle(39_999);
  expect(heard).toEqual([]);
  await settle(1);
  give('next');
  await settle();
  const renew = world.socket.ofType('renew')[0];
  expect(renew).toMatchObject({ access_token: 'next' });
  world.socket.receive({ type: 'renewed', id: renew?.['id'], token_expires_in_ms: 100_000 });
  await settle();
  expect(heard).toEqual(['required', 'refreshed']);
  await settle(40_000);
  expect(heard).toEqual(['required', 'refreshed', 'required']);
});

test('a session that the server closes ends calls, tells the handler, and does not come back', async () => {
  const world = await World.connected();
  const heard: string[] = [];
  world.client.renewal.setHandler({ onSessionClosed: () => heard.push('closed') });
  const call = world.dial();
  await world.reply('dial', { call_id: call.callId });
  world.socket.receive({ type: 'session_closed', code: 400309, message: 'expired' });
  await settle(60_000);
  expect(world.told).toEqual(['callback call', 'ended unknown']);
  expect(heard).toEqual(['closed']);
  expect(world.browser.sockets).toHaveLength(1);
  expect(world.shown).toMatchObject({ connectionState: 'closed', currentUser: undefined });
});

test('dial tells the server of a webhook, with headers if there are any', async () => {
  const world = await World.connected();
  const webhook = { url: 'https://hooks.example/call', enabledEvents: ['direct_call:dial'] };
  world.dial({ webhook });
  world.dial({ webhook: { ...webhook, headers: { 'X-Team': 'red' } } });
  world.dial();
  await settle();
  const [bare, withHeaders, without] = world.socket.ofType('dial');
  const told = { url: 'https://hooks.example/call', enabled_events: ['direct_call:dial'] };
  expect(bare?.['webhook']).toEqual(told);
  expect(withHeaders?.['webhook']).toEqual({ ...told, headers: { 'X-Team': 'red' } });
  expect(without).not.toHaveProperty('webhook');
});

test.each([
  [{}, ErrorCode.INVALID_PARAMETER_TYPE],
  ['https://hooks.example', ErrorCode.INVALID_PARAMETER_TYPE],
  [{ url: 'https://hooks.example', enabledEvents: 'dial' }, ErrorCode.INVALID_PARAMETER_TYPE],
  [{ url: 'https://hooks.example', enabledEvents: [], headers: { a: 1 } }, ErrorCode.INVALID_PARAMETER_TYPE],
  [{ url: '', enabledEvents: [] }, ErrorCode.INVALID_PARAMETER_VALUE],
])('a dial with the webhook %j fails with a code', async (webhook, code) => {
  const world = await World.connected();
  world.dial({ webhook: webhook as never });
  await settle();
  expect(world.told).toEqual([`callback ${code}`, 'ended dial_failed']);
  expect(world.socket.ofType('dial')).toEqual([]);
});

test('a chat channel travels with the dial, for the application’s own server', async () => {
  const world = await World.connected();
  world.dial({ sendBirdChatOptions: { channelUrl: 'group_channel_7' } });
  world.dial({ sendBirdChatOptions: { channelUrl: '' } });
  await settle();
  expect(world.socket.ofType('dial').map((dial) => dial['chat_channel_url'])).toEqual(['group_channel_7', undefined]);
  world.dial({ sendBirdChatOptions: { channelUrl: 7 as never } });
  await settle();
  expect(world.told.slice(-2)).toEqual(['callback 1800301', 'ended dial_failed']);
});

test('who listens is told each state of the socket', async () => {
  const states: string[] = [];
  const world = await World.connected('alice', ({ client }) => {
    client.listeners.add('states', { onConnectionStateChanged: (state) => void states.push(state) });
  });
  expect(states).toEqual(['connecting', 'connected']);
  world.socket.lose();
  await settle();
  world.client.deauthenticate();
  await settle();
  expect(states).toEqual(['connecting', 'connected', 'reconnecting', 'closed']);
});
