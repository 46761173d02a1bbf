/** Which usage is asked for, in the address of the page and in the request to the server. Days are those of UTC, as they are billed. */

import type { UsageGrouping } from '../../generated/UsageGrouping';
import type { UsageReport } from '../../generated/UsageReport';
import type { UsageRounding } from '../../generated/UsageRounding';

const DAY_MS = 86_400_000;

/** A time that has a name, or one of one's own. */
export type Preset = 'this_month' | 'last_month' | 'days_30' | 'custom';

export interface Wanted {
  preset: Preset;
  /** First and last day of a custom time: `2026-11-26`. */
  first: string;
  last: string;
  groupBy: UsageGrouping;
  rounding: UsageRounding;
}

/** From and to in UTC milliseconds; `to` is not part of it. */
export interface Time {
  from: number;
  to: number;
}

export const PRESETS: Readonly<Record<Preset, string>> = {
  this_month: 'This month',
  last_month: 'Last month',
  days_30: '30 days',
  custom: 'Days of your choice',
};
export const GROUPINGS: Readonly<Record<UsageGrouping, string>> = { day: 'Day', user: 'User', total: 'Total' };
export const ROUNDINGS: Readonly<Record<UsageRounding, string>> = {
  none: 'Exact',
  second: 'Up to a second',
  minute: 'Up to a minute',
};

/** Reads the address; without words of its own it means this month by day, exact. */
export function wantedOf(search: URLSearchParams): Wanted {
  const [first, last] = [dayOf(search.get('first')), dayOf(search.get('last'))];
  const isCustom = first !== '' && last !== '' && first <= last;
  return {
    preset: isCustom ? 'custom' : keyOf(search.get('time'), PRESETS, 'this_month', ['custom']),
    first: isCustom ? first : '',
    last: isCustom ? last : '',
    groupBy: keyOf(search.get('by'), GROUPINGS, 'day'),
    rounding: keyOf(search.get('rounding'), ROUNDINGS, 'none'),
  };
}

/** Writes the address. */
export function addressOf({ preset, first, last, groupBy, rounding }: Wanted): URLSearchParams {
  const time: Record<string, string> = preset === 'custom' ? { first, last } : preset === 'this_month' ? {} : { time: preset };
  return new URLSearchParams({
    ...time,
    ...(groupBy === 'day' ? {} : { by: groupBy }),
    ...(rounding === 'none' ? {} : { rounding }),
  });
}

/** The time that is meant, today being `now`. A time that goes on ends with today. */
export function timeOf({ preset, first, last }: Pick<Wanted, 'preset' | 'first' | 'last'>, now: number): Time {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const date = new Date(now);
  const month = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1);
  switch (preset) {
    case 'this_month':
      return { from: month(0), to: today + DAY_MS };
    case 'last_month':
      return { from: month(-1), to: month(0) };
    case 'days_30':
      return { from: today - 29 * DAY_MS, to: today + DAY_MS };
    case 'custom':
      return { from: Date.parse(first), to: Date.parse(last) + DAY_MS };
  }
}

/** Writes the query of `GET …/v1/usage`. */
export function queryOf({ from, to }: Time, wanted: Pick<Wanted, 'groupBy' | 'rounding'>, more: Record<string, string> = {}): URLSearchParams {
  return new URLSearchParams({
    from: String(from),
    to: String(to),
    group_by: wanted.groupBy,
    rounding: wanted.rounding,
    ...more,
  });
}

/** The day of a moment, as rows name it. */
export function dayName(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Every day of a time, as rows name it: also those of which there is no row. At most ten years. */
export function daysOf({ from, to }: Time): string[] {
  const count = Math.min(3660, Math.max(0, Math.ceil((to - from) / DAY_MS)));
  return Array.from({ length: count }, (_, index) => dayName(from + index * DAY_MS));
}

/** Bars: the start of each day in seconds, as uPlot wants it, and its value; 0 where there is no row. */
export function barsOf<Row extends { key?: string }>(time: Time, rows: readonly Row[], value: (row: Row) => number): [number[], number[]] {
  const byDay = new Map(rows.map((row) => [row.key, row]));
  const days = daysOf(time);
  const values = days.map((day) => {
    const row = byDay.get(day);
    return row === undefined ? 0 : value(row);
  });
  return [days.map((day) => Date.parse(day) / 1000), values];
}

/** What the bars show, as a sentence. */
export function chartInWords({ rows, total }: Pick<UsageReport, 'rows' | 'total'>, locale?: string): string {
  const used = rows.filter(({ calls }) => calls > 0);
  const most = used.reduce<UsageReport['rows'][number] | null>(
    (best, row) => (best === null || row.participant_ms > best.participant_ms ? row : best),
    null,
  );
  const sum = `Participant minutes by day: ${minutes(total.participant_ms, locale)} on ${used.length} ${used.length === 1 ? 'day' : 'days'} with calls`;
  return most === null ? 'Participant minutes by day: none.' : `${sum}, the most on ${most.key ?? ''} with ${minutes(most.participant_ms, locale)}.`;
}

/** Minutes with two digits behind the point, as the reader's locale writes them: exact enough for an invoice, and no rounding of the record. */
export function minutes(milliseconds: number, locale?: string): string {
  return (milliseconds / 60_000).toLocaleString(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function dayOf(words: string | null): string {
  const isDay = words !== null && /^\d{4}-\d\d-\d\d$/.test(words) && !Number.isNaN(Date.parse(words));
  return isDay ? words : '';
}

function keyOf<T extends string>(word: string | null, keys: Readonly<Record<T, string>>, otherwise: T, without: readonly T[] = []): T {
  const found = (Object.keys(keys) as T[]).find((key) => key === word && !without.includes(key));
  return found ?? otherwise;
}
