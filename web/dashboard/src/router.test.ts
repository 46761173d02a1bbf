import { expect, test } from 'vitest';

import { goTo, hrefOf, match, to } from './router';

test.each([
  ['/apps/:appId/users/:userId', '/apps/one/users/a%2Fb%2525', { appId: 'one', userId: 'a/b%25' }],
  ['/', '/', {}],
  ['/apps/:appId/users', '/apps/one/users/two', null],
  ['/apps/:appId/users', '/apps//users', null],
  ['/apps/:appId/users', '/apps/%E0%A4%A/users', null],
])('the pattern %s and the path %s', (pattern, path, parameters) => {
  expect(match(pattern, path)).toEqual(parameters);
});

test('what is written into a place comes back from it', () => {
  const userId = '50% of a/b?#ä';
  expect(match('/apps/:appId/users/:userId', to`/apps/${'x'}/users/${userId}`)?.userId).toBe(userId);
});

test('going somewhere changes the address below the base', () => {
  goTo('/audit');
  expect(window.location.pathname).toBe('/dashboard/audit');
  expect(hrefOf('/')).toBe('/dashboard');
});
