import { expect, test } from 'vitest';

import { clock, ending, initials } from './words';

test.each([
  [0, '0:00'],
  [999, '0:00'],
  [247_000, '4:07'],
  [3_847_000, '1:04:07'],
  [-5, '0:00'],
])('%i milliseconds are written %s', (milliseconds, expected) => {
  expect(clock(milliseconds)).toBe(expected);
});

test.each([
  ['bob', 'B'],
  ['Ada Lovelace', 'AL'],
  ['grace.b.hopper', 'GH'],
  ['', '?'],
  ['émile', 'É'],
  ['😀 smile', '😀S'],
])('%s is shown as %s', (name, expected) => {
  expect(initials(name)).toBe(expected);
});

test('each result is told from the side of who reads it', () => {
  const told = (endResult: string, isCaller: boolean, isEndedByMe: boolean | null) =>
    ending({ endResult, isCaller, isEndedByMe, peer: 'Bob' });
  expect(told('completed', true, false)).toBe('Bob hung up.');
  expect(told('completed', true, true)).toBe('You hung up.');
  expect(told('declined', true, false)).toBe('Bob declined.');
  expect(told('declined', false, true)).toBe('You declined.');
  expect(told('no_answer', false, null)).toBe('You missed a call from Bob.');
  expect(told('canceled', false, false)).toBe('Bob stopped ringing.');
  expect(told('something new', true, null)).toBe('The call ended.');
});
