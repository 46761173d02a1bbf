import { expect, test } from 'vitest';

import { shortEnding } from './short-ending';

test('a list says missed to who was rung and no answer to who rang', () => {
  const told = (isCaller: boolean) => shortEnding({ endResult: 'no_answer', isCaller, isEndedByMe: null, peer: 'Bob' });
  expect(told(true)).toBe('No answer');
  expect(told(false)).toBe('Missed');
});
