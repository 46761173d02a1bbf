/** Which calls of the log are wanted, in the address of the page and in the request to the server. */

import { RESULTS } from '../call/words';

/** Which calls are wanted. What is empty wants all. */
export interface Filters {
  /** Names of the wire: `completed`, `no_answer` and so on. */
  results: string[];
  state: '' | 'live' | 'ended';
  /** A user who took part. */
  user: string;
  /** On which side; counts with a user only. */
  role: '' | 'caller' | 'callee';
  media: '' | 'audio' | 'video';
  /** The time of the dial in UTC milliseconds; the end is not part of it. */
  from: number | null;
  to: number | null;
  /** From accept to end, in seconds. */
  shortest: number | null;
  longest: number | null;
}

/** Every call. */
export const ALL: Filters = {
  results: [],
  state: '',
  user: '',
  role: '',
  media: '',
  from: null,
  to: null,
  shortest: null,
  longest: null,
};

/** The results that one can choose, in the order in which they are offered. */
export const CHOICES = Object.entries(RESULTS).filter(([result]) => result !== 'unknown');

/** Reads the address. What cannot be understood wants all. */
export function filtersOf(search: URLSearchParams): Filters {
  const known = CHOICES.map(([result]) => result);
  const asked = search.get('result')?.split(',') ?? [];
  return {
    results: known.filter((result) => asked.includes(result)),
    state: oneOf(search.get('state'), ['live', 'ended']),
    user: search.get('user') ?? '',
    role: oneOf(search.get('role'), ['caller', 'callee']),
    media: oneOf(search.get('media'), ['audio', 'video']),
    from: momentOf(search.get('from')),
    to: momentOf(search.get('to')),
    shortest: secondsOf(search.get('shortest')),
    longest: secondsOf(search.get('longest')),
  };
}

/** Writes the address: nothing for what wants all. */
export function addressOf(filters: Filters): URLSearchParams {
  const search = new URLSearchParams();
  const set = (name: string, value: string) => value !== '' && search.set(name, value);
  set('result', filters.results.join(','));
  set('state', filters.state);
  set('user', filters.user);
  set('role', filters.role);
  set('media', filters.media);
  set('from', filters.from === null ? '' : new Date(filters.from).toISOString().replace(/(:00)?\.000Z$/, 'Z'));
  set('to', filters.to === null ? '' : new Date(filters.to).toISOString().replace(/(:00)?\.000Z$/, 'Z'));
  set('shortest', filters.shortest?.toString() ?? '');
  set('longest', filters.longest?.toString() ?? '');
  return search;
}

/** Writes the query of `GET …/v1/direct_calls`. */
export function queryOf(filters: Filters, limit: number, next = ''): URLSearchParams {
  const query = new URLSearchParams({ limit: String(limit) });
  const set = (name: string, value: string | number | null) => value !== null && value !== '' && query.set(name, String(value));
  set('end_result', filters.results.join(','));
  set('state', filters.state);
  set('user_id', filters.user);
  set('role', filters.user === '' || filters.role === '' ? '' : `dc_${filters.role}`);
  set('call_type', filters.media);
  set('start_ts', filters.from);
  set('started_before', filters.to);
  set('duration_range_min', filters.shortest === null ? null : filters.shortest * 1000);
  set('duration_range_max', filters.longest === null ? null : filters.longest * 1000);
  set('next', next);
  return query;
}

/** How many of the filters want less than all. */
export function countOf(filters: Filters): number {
  return Object.values(filters).filter((value) => value !== null && value.length !== 0).length;
}

/** Reads a duration as people write it: 90, 1:30, 1:00:00; null for nothing and for what is none. */
export function secondsOf(words: string | null): number | null {
  const parts = words?.trim().split(':') ?? [];
  if (parts.length === 0 || parts.length > 3 || parts.some((part) => !/^\d{1,6}$/.test(part))) {
    return null;
  }
  return parts.reduce((seconds, part) => seconds * 60 + Number(part), 0);
}

function momentOf(words: string | null): number | null {
  const at = words === null || words === '' ? Number.NaN : Date.parse(words);
  return Number.isNaN(at) ? null : at;
}

function oneOf<T extends string>(value: string | null, values: readonly T[]): T | '' {
  return values.find((known) => known === value) ?? '';
}
