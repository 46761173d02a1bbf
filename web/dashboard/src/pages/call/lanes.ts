/** A call's timeline as two lanes of spans: what each side did from when to when. */

import type { CallRole } from '../../../../sdk/src/generated/CallRole';
import type { CallTimeline } from '../../generated/CallTimeline';
import type { TimelineEntry } from '../../generated/TimelineEntry';

/** What lasts: the call's own stages, and what a side does with it. */
export type SpanKind = 'ringing' | 'connecting' | 'talking' | 'reconnecting' | 'away' | 'muted' | 'held' | 'recording';

/** Something that lasted, in milliseconds since the dial. */
export interface Span {
  kind: SpanKind;
  from: number;
  to: number;
  /** Whether it goes on. */
  isOpen: boolean;
}

/** Something that happened at a moment, in milliseconds since the dial. */
export interface Mark {
  at: number;
  entry: TimelineEntry;
}

/** Spans of one sort, which do not overlap. */
export interface Track {
  kind: SpanKind | 'stages';
  spans: Span[];
}

/** One side. The first track is that of the call's stages. */
export interface Lane {
  role: CallRole;
  tracks: Track[];
  marks: Mark[];
}

/** Both sides on one scale. */
export interface Lanes {
  /** The scale's end in milliseconds; at least 1. */
  length: number;
  caller: Lane;
  callee: Lane;
}

/** What begins and ends a span of a side. */
const PAIRS: readonly [kind: SpanKind, begins: string, ends: string][] = [
  ['reconnecting', 'media_lost', 'media_connected'],
  ['away', 'vanished', 'appeared'],
  ['held', 'held', 'unheld'],
  ['muted', 'muted', 'unmuted'],
  ['recording', 'recording_started', 'recording_stopped'],
];

/** Lays out a timeline, as it is at `now` (UTC milliseconds) if the call lives. */
export function lanesOf({ call, entries }: Pick<CallTimeline, 'call' | 'entries'>, now: number): Lanes {
  const since = (at: number) => Math.max(0, at - call.started_at);
  const isLive = call.state !== 'ended';
  const last = entries.reduce((latest, { at }) => Math.max(latest, since(at)), 0);
  const length = Math.max(1, last, since(isLive ? now : (call.ended_at ?? call.started_at)));
  const lane = (role: CallRole): Lane => {
    const own = entries.filter((entry) => entry.role === undefined || entry.role === role);
    const stages: Track = { kind: 'stages', spans: stagesOf(own, role, since, length, isLive) };
    const others = PAIRS.map(([kind, begins, ends]): Track => ({ kind, spans: pairs(own, kind, begins, ends, since, length, isLive) }));
    return {
      role,
      tracks: [stages, ...others.filter(({ spans }) => spans.length > 0)],
      marks: own.filter((entry) => isMarked(entry, role)).map((entry) => ({ at: since(entry.at), entry })),
    };
  };
  return { length, caller: lane('dc_caller'), callee: lane('dc_callee') };
}

/** Ringing, connecting, talking. A callee rings from when a device says that it does. */
function stagesOf(entries: TimelineEntry[], role: CallRole, since: (at: number) => number, length: number, isLive: boolean): Span[] {
  const at = (happening: string) => {
    const found = entries.find((entry) => entry.happening === happening);
    return found === undefined ? null : since(found.at);
  };
  const dialed = at('dialed') ?? 0;
  const starts: [SpanKind, number | null][] = [
    ['ringing', role === 'dc_callee' ? (at('dial_received') ?? dialed) : dialed],
    ['connecting', at('accepted')],
    ['talking', at('connected')],
  ];
  const reached = starts.filter((start): start is [SpanKind, number] => start[1] !== null);
  const end = at('ended') ?? length;
  return reached
    .map(([kind, from], index): Span => {
      const next = reached[index + 1]?.[1];
      return { kind, from, to: Math.max(from, next ?? end), isOpen: next === undefined && isLive };
    })
    .filter(({ from, to, isOpen }) => to > from || isOpen);
}

/** What was begun twice goes on; what ends without a beginning began before the timeline did, and is left out. */
function pairs(
  entries: TimelineEntry[],
  kind: SpanKind,
  begins: string,
  ends: string,
  since: (at: number) => number,
  length: number,
  isLive: boolean,
): Span[] {
  const spans: Span[] = [];
  let from: number | null = null;
  for (const { happening, at } of entries) {
    if (happening === begins) {
      from ??= since(at);
    } else if ((happening === ends || happening === 'ended') && from !== null) {
      spans.push({ kind, from, to: since(at), isOpen: false });
      from = null;
    }
  }
  return from === null ? spans : [...spans, { kind, from, to: length, isOpen: isLive }];
}

/** What is of no side is marked once: where the caller or the callee did it, else on the caller's. */
function isMarked(entry: TimelineEntry, role: CallRole): boolean {
  if (entry.role !== undefined) {
    return entry.role === role;
  }
  const isCallees = entry.happening === 'dial_received' || entry.happening === 'accepted';
  return isCallees === (role === 'dc_callee');
}

/** The scale's ticks: at most `most` round steps, in milliseconds. */
export function ticks(length: number, most: number): number[] {
  const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];
  const fits = STEPS_S.find((step) => length / (step * 1000) <= most) ?? Math.ceil(length / 3_600_000 / most) * 3600;
  return Array.from({ length: Math.floor(length / (fits * 1000)) + 1 }, (_, index) => index * fits * 1000);
}
