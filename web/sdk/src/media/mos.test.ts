import { expect, test } from 'vitest';
import { mosOf, mosOfRating } from './mos';

test.each([
  [-10, 1],
  [0, 1],
  [50, 2.58],
  [60, 3.1],
  [70, 3.6],
  [80, 4.03],
  [90, 4.34],
  [93.2, 4.41],
  [100, 4.5],
  [120, 4.5],
])('a rating of %d is an opinion of %d, as in annex B of G.107', (rating, mos) => {
  // Its table is cut to two digits.
  expect(Math.abs(mosOfRating(rating) - mos)).toBeLessThan(0.01);
});

test.each([
  [0, 0, 4.41],
  [100, 0, 4.41],
  // Idd(400 ms) = 24.08, by (7-27).
  [400, 0, 3.56],
  [0, 0.01, 4.22],
  [0, 0.1, 2.35],
])('%d ms and a loss of %d make %d', (delayMs, lostRate, mos) => {
  expect(mosOf({ delayMs, lostRate })).toBeCloseTo(mos, 1);
});

test('more delay or more loss never makes it better, and it stays between 1 and 4.5', () => {
  const delays = [0, 50, 100, 101, 150, 200, 300, 500, 1_000, 5_000];
  const losses = [-1, 0, 0.001, 0.01, 0.05, 0.1, 0.3, 0.7, 1, 2];
  for (const rows of [
    delays.map((delayMs) => losses.map((lostRate) => mosOf({ delayMs, lostRate }))),
    losses.map((lostRate) => delays.map((delayMs) => mosOf({ delayMs, lostRate }))),
  ]) {
    for (const row of rows) {
      expect(row).toEqual([...row].sort((one, other) => other - one));
      for (const mos of row) expect(mos >= 1 && mos <= 4.5).toBe(true);
    }
  }
});
