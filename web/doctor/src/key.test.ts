import { expect, test } from 'vitest';

import { keyOf } from './key';

test.each([
  ['#key=abc_-1', 'abc_-1'],
  ['key=abc', 'abc'],
  ['#key=', null],
  ['#other=abc', null],
  ['', null],
])('of %s the key is %s', (fragment, expected) => {
  expect(keyOf(fragment)).toBe(expected);
});
