import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { DirectCall } from '../../generated/DirectCall';
import { ALL } from './filters';
import { PagedList } from './paged-list';
import { type Log, useLog } from './use-log';

/** What the server answers, in order. */
let answers: { status: number; body: object }[];
let asked: string[];
let stop = () => undefined as void;

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.useFakeTimers();
  asked = [];
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(new URL(address, 'http://here').searchParams.get('next') ?? '');
    const { status, body } = answers.shift() ?? { status: 500, body: {} };
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a short page and an empty one are not the end', async () => {
  answers = [page(['a'], 'x'), page([], 'y'), page(['b'], '')];
  const log = await open();
  expect(asked).toEqual(['', 'x', 'y']);
  expect([log().list.length, log().list.isWhole, log().isReading, log().error]).toEqual([2, true, false, null]);
});

test('who is asked too often is asked again after a pause, and nothing is said of it', async () => {
  answers = [{ status: 429, body: { error: true, code: 429100, type: 'RATE_LIMIT_EXCEEDED', message: 'Too many requests' } }, page(['a'], '')];
  const log = await open();
  expect([asked.length, log().error, log().isReading]).toEqual([1, null, true]);
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  expect([asked.length, log().list.length, log().isReading]).toEqual([2, 1, false]);
});

test('what goes wrong is told, and asked again on demand', async () => {
  answers = [page(['a'], 'x'), { status: 500, body: {} }, page(['b'], '')];
  const log = await open();
  expect(log().error).toBeInstanceOf(Error);
  expect(log().list.length).toBe(1);
  await act(async () => log().retry());
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect([log().error, log().list.length, log().list.isWhole]).toEqual([null, 2, true]);
});

test('no more is read than is near what is seen', async () => {
  const calls = Array.from({ length: 100 }, (_, index) => String(index));
  answers = [page(calls, 'x'), page(calls, 'y'), page(calls, '')];
  const log = await open();
  await act(async () => log().see(0, 20));
  expect(asked).toEqual(['']);
  await act(async () => log().see(70, 90));
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(asked).toEqual(['', 'x']);
});

function page(ids: string[], next: string) {
  return { status: 200, body: { calls: ids.map((call_id) => ({ call_id })), has_next: next !== '', next } };
}

/** Opens a log; gives what is known of it at each moment. */
async function open(): Promise<() => Log> {
  let known: Log | undefined;
  const list = new PagedList<DirectCall>();
  function Shown() {
    known = useLog('app', ALL, list);
    return null;
  }
  const root = createRoot(document.createElement('div'));
  stop = () => act(() => root.unmount());
  await act(async () => root.render(<Shown />));
  await act(() => vi.advanceTimersByTimeAsync(0));
  return () => known as Log;
}
