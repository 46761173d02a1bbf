import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settle, World } from '../../test/world';
import { ErrorCode, TokenType } from '../enums';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const codeOf = (work: Promise<unknown>) => work.then(() => 'no error', (error) => error.code);

test.each([
  ['registerPushToken', ['t', TokenType.FCM], 'push_tokens', { type: 'fcm_voip', token: 't' }],
  ['registerPushToken', ['{}', 'web_push'], 'push_tokens', { type: 'web_push', token: '{}' }],
  ['unregisterPushToken', ['t', TokenType.APNS], 'push_tokens/delete', { type: 'apns_voip', token: 't' }],
  ['unregisterAllPushTokens', [TokenType.APNS], 'push_tokens/delete', { type: 'apns_voip' }],
] as const)('%s %j', async (name, parameters, path, body) => {
  const world = await World.connected();
  const done = (world.client[name] as (...all: string[]) => Promise<void>)(...parameters);
  await settle();
  const request = world.browser.fetched.at(-1);
  expect(request?.url).toBe(`https://calls.example/client/v1/${path}`);
  expect(request?.init).toMatchObject({ method: 'POST', headers: { Authorization: 'Bearer key of alice' } });
  expect(JSON.parse(String(request?.init.body))).toEqual(body);
  request?.answer({});
  expect(await done).toBeUndefined();
});

test.each([
  [['', TokenType.FCM], ErrorCode.INVALID_PARAMETER_VALUE],
  [['t', 'pigeon'], ErrorCode.INVALID_PARAMETER_VALUE],
  [[7, TokenType.FCM], ErrorCode.INVALID_PARAMETER_TYPE],
  [['t', undefined], ErrorCode.INVALID_PARAMETER_TYPE],
])('%j is refused without asking the server', async ([token, type], code) => {
  const world = await World.connected();
  const asked = world.browser.fetched.length;
  expect(await codeOf(world.client.registerPushToken(token as string, type as string))).toBe(code);
  expect(await codeOf(world.client.unregisterPushToken(token as string, type as string))).toBe(code);
  expect(world.browser.fetched).toHaveLength(asked);
});

test('what the server refuses has its code, and nobody signed in has one of ours', async () => {
  const world = await World.connected();
  const done = codeOf(world.client.registerPushToken('t', TokenType.FCM));
  await settle();
  world.browser.fetched.at(-1)?.answer({ error: true, code: 400111, message: 'no' }, 400);
  expect(await done).toBe(400111);
  world.client.deauthenticate();
  expect(await codeOf(world.client.unregisterAllPushTokens(TokenType.FCM))).toBe(ErrorCode.USER_NOT_AUTHENTICATED);
});

test('signing out leaves push tokens as they are', async () => {
  const world = await World.connected();
  world.client.deauthenticate();
  await settle(60_000);
  expect(world.browser.fetched.filter(({ url }) => url.includes('push_tokens'))).toEqual([]);
});
