import { describe, expect, test } from 'vitest';

import { ALL, addressOf, countOf, type Filters, filtersOf, queryOf, secondsOf } from './filters';

const EVERY: Filters = {
  results: ['completed', 'no_answer'],
  state: 'ended',
  user: 'anna & ben',
  role: 'callee',
  media: 'video',
  from: Date.UTC(2026, 10, 1, 8, 30),
  to: Date.UTC(2026, 10, 2, 0, 0, 5),
  shortest: 0,
  longest: 90,
};

describe('the address', () => {
  test('says nothing for what wants all', () => {
    expect(addressOf(ALL).toString()).toBe('');
    expect(filtersOf(new URLSearchParams())).toEqual(ALL);
    expect(countOf(ALL)).toBe(0);
  });

  test('keeps every filter', () => {
    const search = addressOf(EVERY);
    expect(search.get('from')).toBe('2026-11-01T08:30Z');
    expect(filtersOf(new URLSearchParams(search.toString()))).toEqual(EVERY);
    expect(countOf(EVERY)).toBe(9);
  });

  test('with nonsense wants all of it', () => {
    expect(filtersOf(new URLSearchParams('result=won,&state=x&role=dc&media=smell&from=then&to=&shortest=-1&longest=1e9'))).toEqual(ALL);
  });
});

describe('the query', () => {
  test('has the names of the wire, times and durations in milliseconds', () => {
    expect(Object.fromEntries(queryOf(EVERY, 100, 'cursor'))).toEqual({
      limit: '100',
      end_result: 'completed,no_answer',
      state: 'ended',
      user_id: 'anna & ben',
      role: 'dc_callee',
      call_type: 'video',
      start_ts: String(EVERY.from),
      started_before: String(EVERY.to),
      duration_range_min: '0',
      duration_range_max: '90000',
      next: 'cursor',
    });
  });

  test('names no side without a user', () => {
    expect(queryOf({ ...ALL, role: 'caller' }, 10).toString()).toBe('limit=10');
  });
});

test.each([
  ['90', 90],
  ['1:30', 90],
  [' 1:00:00 ', 3600],
  ['0', 0],
  ['', null],
  ['1:', null],
  ['1:2:3:4', null],
  ['-5', null],
  ['1.5', null],
  [null, null],
])('%s is read as %s seconds', (words, seconds) => {
  expect(secondsOf(words)).toBe(seconds);
});
