import { afterEach, expect, test, vi } from 'vitest';

import { AskError, addressOf, at, get, put, refusal, remove } from './ask';

afterEach(() => vi.unstubAllGlobals());

/** Answers every request with `body`, and gives what was asked. */
function answer(status: number, body: string) {
  const asked: { address: string; init: RequestInit }[] = [];
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    asked.push({ address, init });
    return new Response(body, { status });
  });
  return asked;
}

test('what is put into an address is encoded', () => {
  expect(at`applications/${'one/two'}/v3/users/${'50% of ä?'}`).toBe('applications/one%2Ftwo/v3/users/50%25%20of%20%C3%A4%3F');
  expect(addressOf('audit', { limit: 20, next: '', actor: undefined, app_id: 'a&b' })).toBe('/admin/v1/audit?limit=20&app_id=a%26b');
});

test('a read sends no content type, a change sends JSON', async () => {
  const asked = answer(200, '{"users":[]}');
  expect(await get('users', { limit: 1 })).toEqual({ users: [] });
  await put('session/password', { current: 'a', new: 'b' });
  await remove('session');
  expect(asked.map(({ address, init }) => [init.method, address, new Headers(init.headers).get('content-type'), init.body])).toEqual([
    ['GET', '/admin/v1/users?limit=1', null, null],
    ['PUT', '/admin/v1/session/password', 'application/json', '{"current":"a","new":"b"}'],
    ['DELETE', '/admin/v1/session', 'application/json', '{}'],
  ]);
});

test('a refusal carries the code and a whole sentence, in both dialects', async () => {
  answer(400, '{"error":true,"code":400201,"type":"x","message":"there is no user \\"bob\\""}');
  await expect(get('users')).rejects.toMatchObject({ code: 400201, status: 400, reason: 'not_found', message: 'There is no user "bob".' });
  expect(refusal(403, { message: 'no.', code: 7 })).toMatchObject({ reason: 'forbidden', message: 'No.', code: 7 });
  expect(refusal(401, null).reason).toBe('signed_out');
  expect(refusal(429, { message: 'too many' }).reason).toBe('throttled');
});

test('an answer without words is told in words', () => {
  expect(refusal(502, null).message).toMatch(/server could not do this/);
  expect(refusal(404, null).message).toMatch(/answered 404/);
});

test('no answer at all says what to do', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('failed to fetch');
  });
  const error: unknown = await get('node').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AskError);
  expect(error).toMatchObject({ reason: 'unreachable', status: 0 });
});
