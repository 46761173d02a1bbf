import { expect, test } from 'vitest';

import { asBitrate, asBytes, asDistance, asDuration } from './format';

test.each([
  [0, '0:00'],
  [9_999, '0:09'],
  [247_000, '4:07'],
  [3_847_000, '1:04:07'],
  [90_000_000, '25:00:00'],
])('%i ms last %s', (ms, words) => expect(asDuration(ms)).toBe(words));

test.each([
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_200, '1.2 kB'],
  [999_600, '1.0 MB'],
  [34_000_000, '34 MB'],
])('%i bytes are %s', (bytes, words) => expect(asBytes(bytes)).toBe(words));

test('bits a second have the prefixes of bytes', () => {
  expect(asBitrate(0)).toBe('0 bit/s');
  expect(asBitrate(2_400_000)).toBe('2.4 Mbit/s');
});

test('a distance is told in the largest unit that fits, before and after', () => {
  const now = 1_000_000_000;
  expect(asDistance(now - 20_000, now)).toBe('just now');
  expect(asDistance(now - 240_000, now)).toBe('4 minutes ago');
  expect(asDistance(now + 3 * 86_400_000, now)).toBe('in 3 days');
});
