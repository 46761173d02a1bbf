import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from './pace';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

test('works at once, then once in its time however often it is asked, and not unasked', () => {
  const worked: number[] = [];
  const pace = new Pace(() => {
    worked.push(Date.now());
    return 100;
  });
  for (let n = 0; n < 25; n += 1) {
    pace.ask();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1_000);
  pace.ask();
  expect(worked).toEqual([0, 100, 200, 300, 1_250]);
});

test('pauses for as long as its work says', () => {
  const worked: number[] = [];
  const pace = new Pace(() => worked.push(Date.now()) * 100);
  for (let n = 0; n < 70; n += 1) {
    pace.ask();
    vi.advanceTimersByTime(10);
  }
  expect(worked).toEqual([0, 100, 300, 600]);
});

test('does nothing once it is stopped, though it was asked', () => {
  const worked: number[] = [];
  const pace = new Pace(() => {
    worked.push(Date.now());
    return 100;
  });
  pace.ask();
  pace.ask();
  pace.stop();
  vi.advanceTimersByTime(1_000);
  expect(worked).toEqual([0]);
});
