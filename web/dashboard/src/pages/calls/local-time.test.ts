import { expect, test } from 'vitest';

import { asLocal, fromLocal } from './local-time';

test('what was written is read back, in whichever zone', () => {
  const at = Date.UTC(2026, 10, 26, 7, 30);
  expect(fromLocal(asLocal(at))).toBe(at);
  expect(asLocal(at)).toMatch(/^2026-11-2[567]T\d\d:\d\d$/);
});

test('nothing is nothing', () => {
  expect([asLocal(null), fromLocal(''), fromLocal('soon')]).toEqual(['', null, null]);
});
