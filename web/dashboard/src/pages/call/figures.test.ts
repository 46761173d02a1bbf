import { expect, test } from 'vitest';

import { bytes, clock, moment, rate, spoken } from './figures';

test.each([
  [0, '0:00'],
  [999, '0:00'],
  [247_000, '4:07'],
  [3_847_000, '1:04:07'],
  [-5, '0:00'],
])('%i ms is %s', (milliseconds, words) => expect(clock(milliseconds)).toBe(words));

test('a moment has its tenth', () => {
  expect([moment(3_449), moment(0), moment(3_599_990)]).toEqual(['0:03.4', '0:00.0', '59:59.9']);
});

test('a duration can be said', () => {
  expect([spoken(0), spoken(1000), spoken(3_847_000), spoken(120_000)]).toEqual([
    '0 seconds',
    '1 second',
    '1 hour 4 minutes 7 seconds',
    '2 minutes',
  ]);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [12_345, '12.3 kB'],
  [999_999, '1 MB'],
  [4_560_000_000, '4.56 GB'],
])('%i bytes are %s', (count, words) => expect(bytes(count)).toBe(words));

test.each([
  [0, '0 bit/s'],
  [64_000, '64 kbit/s'],
  [999_999, '1 Mbit/s'],
  [1_254_000, '1.25 Mbit/s'],
])('%i bit/s are %s', (bits, words) => expect(rate(bits)).toBe(words));
