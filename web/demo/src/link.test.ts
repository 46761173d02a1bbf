import { expect, test } from 'vitest';

import { accountOf } from './link';

test('a link names application, user, token and whom to ring', () => {
  expect(accountOf('#app=A1&user=alice&token=t%2B%2F1&peer=bob')).toEqual({
    appId: 'A1',
    userId: 'alice',
    token: 't+/1',
    peerId: 'bob',
  });
});

test('token and peer may be missing, application and user may not', () => {
  expect(accountOf('#app=A1&user=alice')).toEqual({ appId: 'A1', userId: 'alice', token: '', peerId: '' });
  expect(accountOf('#app=A1')).toBeNull();
  expect(accountOf('#user=alice')).toBeNull();
  expect(accountOf('')).toBeNull();
});
