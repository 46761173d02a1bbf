import { expect, test } from 'vitest';

import { addressOf, barsOf, chartInWords, daysOf, minutes, queryOf, timeOf, type Wanted, wantedOf } from './report';

const NOW = Date.UTC(2026, 0, 15, 23, 59);
const THIS_MONTH: Wanted = { preset: 'this_month', first: '', last: '', groupBy: 'day', rounding: 'none' };

test('an address without words means this month by day, exact', () => {
  expect(wantedOf(new URLSearchParams())).toEqual(THIS_MONTH);
  expect(addressOf(THIS_MONTH).toString()).toBe('');
});

test.each<Wanted>([
  { ...THIS_MONTH, preset: 'last_month', groupBy: 'user' },
  { ...THIS_MONTH, preset: 'days_30', rounding: 'minute' },
  { preset: 'custom', first: '2026-01-03', last: '2026-01-03', groupBy: 'total', rounding: 'second' },
])('an address keeps %o', (wanted) => {
  expect(wantedOf(new URLSearchParams(addressOf(wanted).toString()))).toEqual(wanted);
});

test('an address with nonsense means this month', () => {
  const search = new URLSearchParams('time=custom&first=2026-02-03&last=2026-02-01&by=hour&rounding=up');
  expect(wantedOf(search)).toEqual(THIS_MONTH);
  expect(wantedOf(new URLSearchParams('first=2026-13-01&last=2026-14-01'))).toEqual(THIS_MONTH);
});

test.each([
  ['this_month', '2026-01-01', '2026-01-16'],
  ['last_month', '2025-12-01', '2026-01-01'],
  ['days_30', '2025-12-17', '2026-01-16'],
  ['custom', '2026-02-28', '2026-03-01'],
] as const)('%s is from %s to before %s', (preset, from, to) => {
  const time = timeOf({ preset, first: '2026-02-28', last: '2026-02-28' }, NOW);
  expect(time).toEqual({ from: Date.parse(from), to: Date.parse(to) });
});

test('thirty days are thirty', () => {
  expect(daysOf(timeOf({ ...THIS_MONTH, preset: 'days_30' }, NOW))).toHaveLength(30);
});

test('the query has the names of the wire', () => {
  const query = queryOf({ from: 1, to: 2 }, { groupBy: 'user', rounding: 'minute' }, { format: 'csv' });
  expect(query.toString()).toBe('from=1&to=2&group_by=user&rounding=minute&format=csv');
});

test('a day without a row has a bar of nothing', () => {
  const time = { from: Date.parse('2026-01-01'), to: Date.parse('2026-01-04') };
  const rows = [{ key: '2026-01-03', call_ms: 5 }, { key: '2025-12-31', call_ms: 9 }];
  const [seconds, values] = barsOf(time, rows, (row) => row.call_ms);
  expect(values).toEqual([0, 0, 5]);
  expect(seconds).toEqual(['2026-01-01', '2026-01-02', '2026-01-03'].map((day) => Date.parse(day) / 1000));
});

test('minutes are written to the hundredth', () => {
  expect(minutes(90_000, 'en')).toBe('1.50');
  expect(minutes(74_074_074_000, 'en')).toBe('1,234,567.90');
});

test('the chart says its sum and its highest bar', () => {
  const row = (key: string | undefined, participant_ms: number) => ({
    ...(key === undefined ? {} : { key }),
    calls: 1,
    video_calls: 0,
    call_ms: participant_ms / 2,
    participant_ms,
    relayed_bytes: 0,
  });
  const rows = [row('2026-01-01', 60_000), row('2026-01-02', 120_000), { ...row('2026-01-03', 0), calls: 0 }];
  expect(chartInWords({ rows, total: row(undefined, 180_000) }, 'en')).toBe(
    'Participant minutes by day: 3.00 on 2 days with calls, the most on 2026-01-02 with 2.00.',
  );
  expect(chartInWords({ rows: [], total: row(undefined, 0) }, 'en')).toBe('Participant minutes by day: none.');
});
