import { mosOf } from './mos';

/** A reading of `getStats`, as far as quality goes: counters of each kind, from the start of the connection. */
export interface Reading {
  readonly at: number;
  readonly counts: Readonly<Record<string, number>>;
  /** As it is just then. */
  readonly jitterMs: Readonly<Record<string, number>>;
  /** Of the media, or else of the path's checks. */
  readonly roundTripMs: number | undefined;
}

/** What two readings say of the time between them. */
export interface Measurement {
  readonly mos: number;
  readonly lostRate: number;
  readonly roundTripMs: number | undefined;
  readonly jitterMs: number;
  readonly sentBps: number;
  readonly receivedBps: number;
  readonly freezes: number | undefined;
}

/** Coding and packing: a frame of 20 ms, its look-ahead of 6.5 ms, and what sound cards take. */
const CODING_MS = 40;

const COUNTERS = ['packetsReceived', 'packetsLost', 'bytesReceived', 'bytesSent', 'freezeCount', 'jitterBufferDelay', 'jitterBufferEmittedCount'];

/** Takes what counts out of a report. Engines name the same things, but leave out different ones. */
export function readingOf(report: RTCStatsReport, at: number): Reading {
  const counts: Record<string, number> = {};
  const jitterMs: Record<string, number> = {};
  const roundTrips: Record<string, number> = {};
  for (const stats of report.values() as Iterable<Record<string, unknown>>) {
    const { type, kind } = stats as { type: string; kind: string };
    if (type === 'inbound-rtp' || type === 'outbound-rtp') {
      for (const name of COUNTERS) {
        if (name in stats) counts[kind + name] = (counts[kind + name] ?? 0) + Number(stats[name]);
      }
      if ('jitter' in stats) jitterMs[kind] = 1_000 * Number(stats['jitter']);
    }
    // Firefox has no round trip on the pair; the other side's reports take some seconds to come, in all engines.
    const roundTrip = stats['roundTripTime'] ?? (stats['nominated'] && stats['currentRoundTripTime']);
    if (roundTrip) roundTrips[kind ?? 'path'] = 1_000 * Number(roundTrip);
  }
  return { at, counts, jitterMs, roundTripMs: roundTrips['audio'] ?? roundTrips['video'] ?? roundTrips['path'] };
}

/** What lies between two readings; nothing where nothing came, so that nothing can be said. */
export function measure(before: Reading, after: Reading): Measurement | undefined {
  const added = (name: string) => Math.max(0, (after.counts[name] ?? 0) - (before.counts[name] ?? 0));
  // The score is one of sound; a side without a microphone is judged by its picture.
  const kind = added('audiopacketsReceived') ? 'audio' : 'video';
  const received = added(`${kind}packetsReceived`);
  if (!received) return undefined;
  const lost = added(`${kind}packetsLost`);
  const lostRate = lost / (lost + received);
  const jitterMs = after.jitterMs[kind] ?? 0;
  const { roundTripMs } = after;
  const played = added(`${kind}jitterBufferEmittedCount`);
  const waitedMs = played ? (1_000 * added(`${kind}jitterBufferDelay`)) / played : 2 * jitterMs;
  const bps = (name: string) => ((added(`audio${name}`) + added(`video${name}`)) * 8_000) / (after.at - before.at);
  return {
    mos: mosOf({ delayMs: (roundTripMs ?? 0) / 2 + waitedMs + CODING_MS, lostRate }),
    lostRate,
    roundTripMs,
    jitterMs,
    sentBps: bps('bytesSent'),
    receivedBps: bps('bytesReceived'),
    freezes: 'videofreezeCount' in after.counts ? added('videofreezeCount') : undefined,
  };
}
