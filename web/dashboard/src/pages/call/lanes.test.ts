import { expect, test } from 'vitest';

import type { CallRole } from '../../../../sdk/src/generated/CallRole';
import type { DirectCall } from '../../generated/DirectCall';
import type { TimelineEntry } from '../../generated/TimelineEntry';
import { type Lane, lanesOf, ticks } from './lanes';

const START = 1_700_000_000_000;
const CALLER: CallRole = 'dc_caller';
const CALLEE: CallRole = 'dc_callee';

test('an answered call rings, connects and talks on both sides', () => {
  const { length, caller, callee } = lay(60, [
    [0, 'dialed'],
    [1, 'dial_received'],
    [5, 'accepted'],
    [6, 'media_connected', CALLEE],
    [7, 'connected'],
    [60, 'ended'],
  ]);
  expect(length).toBe(60_000);
  expect(said(caller)).toEqual(['ringing 0-5', 'connecting 5-7', 'talking 7-60']);
  expect(said(callee)).toEqual(['ringing 1-5', 'connecting 5-7', 'talking 7-60']);
});

test('what a side does is on its own lane only, and ends with the call', () => {
  const { caller, callee } = lay(60, [
    [0, 'dialed'],
    [5, 'accepted'],
    [7, 'connected'],
    [10, 'muted', CALLER],
    [15, 'unmuted', CALLER],
    [20, 'held', CALLEE],
    [30, 'media_lost', CALLER],
    [35, 'media_connected', CALLER],
    [40, 'recording_started', CALLEE],
    [50, 'muted', CALLER],
    [60, 'ended'],
  ]);
  expect(said(caller, 1)).toEqual(['reconnecting 30-35', 'muted 10-15', 'muted 50-60']);
  expect(said(callee, 1)).toEqual(['held 20-60', 'recording 40-60']);
});

test('a call that lives goes on until now, and its open spans say so', () => {
  const { length, caller } = lay(null, [[0, 'dialed'], [2, 'accepted'], [3, 'connected'], [8, 'held', CALLER]], 30);
  expect(length).toBe(30_000);
  expect(said(caller)).toEqual(['ringing 0-2', 'connecting 2-3', 'talking 3-30…', 'held 8-30…']);
});

test('a call that was missed only rang', () => {
  const { caller, callee } = lay(50, [[0, 'dialed'], [50, 'ended']]);
  expect([said(caller), said(callee)]).toEqual([['ringing 0-50'], ['ringing 0-50']]);
});

test('a second beginning changes nothing, and an end without a beginning is left out', () => {
  const { caller } = lay(20, [
    [0, 'dialed'],
    [1, 'unmuted', CALLER],
    [2, 'muted', CALLER],
    [3, 'muted', CALLER],
    [4, 'unmuted', CALLER],
    [20, 'ended'],
  ]);
  expect(said(caller, 1)).toEqual(['muted 2-4']);
});

test('a clock that jumped back makes no span before the dial', () => {
  const { caller, length } = lay(3, [[0, 'dialed'], [-4, 'accepted'], [3, 'ended']]);
  expect(length).toBe(3000);
  expect(said(caller)).toEqual(['connecting 0-3']);
});

test('what happened is marked once', () => {
  const { caller, callee } = lay(9, [[0, 'dialed'], [1, 'dial_received'], [2, 'accepted'], [4, 'held', CALLEE], [9, 'ended']]);
  expect(marked(caller)).toEqual(['dialed 0', 'ended 9']);
  expect(marked(callee)).toEqual(['dial_received 1', 'accepted 2', 'held 4']);
});

test.each([
  [500, 6, [0]],
  [6_000, 6, [0, 1, 2, 3, 4, 5, 6]],
  [61_000, 6, [0, 15, 30, 45, 60]],
  [3_600_000, 6, [0, 600, 1200, 1800, 2400, 3000, 3600]],
  [360_000_000, 5, [0, 72_000, 144_000, 216_000, 288_000, 360_000]],
])('%i ms with at most %i ticks', (length, most, seconds) => {
  expect(ticks(length, most)).toEqual(seconds.map((second) => second * 1000));
});

type Happened = [second: number, happening: string, role?: CallRole];

function lay(endsAfter: number | null, happened: Happened[], now = 0) {
  const entries = happened.map(
    ([second, happening, role]): TimelineEntry => ({ at: START + second * 1000, happening, ...(role && { role }) }),
  );
  const ended = endsAfter === null ? { state: 'connected' } : { state: 'ended', ended_at: START + endsAfter * 1000 };
  return lanesOf({ call: { started_at: START, ...ended } as DirectCall, entries }, START + now * 1000);
}

function said({ tracks }: Lane, from = 0): string[] {
  const spans = tracks.slice(from).flatMap((track) => track.spans);
  return spans.map(({ kind, from, to, isOpen }) => `${kind} ${from / 1000}-${to / 1000}${isOpen ? '…' : ''}`);
}

function marked({ marks }: Lane): string[] {
  return marks.map(({ at, entry }) => `${entry.happening} ${at / 1000}`);
}
