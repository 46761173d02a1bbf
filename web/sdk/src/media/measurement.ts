import { mosOf } from './mos';

/** A reading of `getStats`, as far as quality goes, added up from the start of the connection. */
export interface Reading {
  readonly at: number;
  readonly audio: Received;
  readonly video: Received;
  readonly sentBytes: number;
  readonly freezes: number | undefined;
  /** Of the media, or else of the path's checks. */
  readonly roundTripMs: number | undefined;
}

interface Received {
  packets: number;
  lost: number;
  bytes: number;
  jitterMs: number;
  /** What all samples together have waited for their turn, and how many they were. */
  waitedS: number;
  played: number;
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

type Stats = { readonly type: string } & Record<string, number | string | undefined>;

/** Takes what counts out of a report. Engines name the same things, but leave out different ones. */
export function readingOf(report: RTCStatsReport, at: number): Reading {
  const audio = nothingReceived();
  const video = nothingReceived();
  let sentBytes = 0;
  let freezes: number | undefined;
  let media: number | undefined;
  let path: number | undefined;
  for (const stats of report.values() as Iterable<Stats>) {
    switch (stats.type) {
      case 'inbound-rtp': {
        const received = stats['kind'] === 'video' ? video : audio;
        received.packets += of(stats, 'packetsReceived');
        received.lost += of(stats, 'packetsLost');
        received.bytes += of(stats, 'bytesReceived');
        received.jitterMs = 1_000 * of(stats, 'jitter');
        received.waitedS += of(stats, 'jitterBufferDelay');
        received.played += of(stats, 'jitterBufferEmittedCount');
        if (typeof stats['freezeCount'] === 'number') freezes = (freezes ?? 0) + stats['freezeCount'];
        break;
      }
      case 'outbound-rtp':
        sentBytes += of(stats, 'bytesSent');
        break;
      case 'remote-inbound-rtp':
        // Zero until the other side has reported.
        if (of(stats, 'roundTripTime') > 0 && (media === undefined || stats['kind'] === 'audio')) media = 1_000 * of(stats, 'roundTripTime');
        break;
      case 'candidate-pair':
        // Firefox has no round trip here.
        if (stats['nominated'] && typeof stats['currentRoundTripTime'] === 'number') path = 1_000 * stats['currentRoundTripTime'];
    }
  }
  return { at, audio, video, sentBytes, freezes, roundTripMs: media ?? path };
}

/** What lies between two readings; nothing where nothing came, so that nothing can be said. */
export function measure(before: Reading, after: Reading): Measurement | undefined {
  const audio = between(before.audio, after.audio);
  const video = between(before.video, after.video);
  // The score is one of sound; a side without a microphone is judged by its picture.
  const heard = audio.packets > 0 ? audio : video;
  const seconds = (after.at - before.at) / 1_000;
  if (heard.packets <= 0 || seconds <= 0) return undefined;
  const lost = Math.max(0, heard.lost);
  const lostRate = lost / (lost + heard.packets);
  const { roundTripMs } = after;
  const waitedMs = heard.played > 0 ? (1_000 * heard.waitedS) / heard.played : 2 * heard.jitterMs;
  return {
    mos: mosOf({ delayMs: (roundTripMs ?? 0) / 2 + waitedMs + CODING_MS, lostRate }),
    lostRate,
    roundTripMs,
    jitterMs: heard.jitterMs,
    sentBps: (8 * Math.max(0, after.sentBytes - before.sentBytes)) / seconds,
    receivedBps: (8 * Math.max(0, audio.bytes + video.bytes)) / seconds,
    freezes: after.freezes === undefined ? undefined : Math.max(0, after.freezes - (before.freezes ?? 0)),
  };
}

function nothingReceived(): Received {
  return { packets: 0, lost: 0, bytes: 0, jitterMs: 0, waitedS: 0, played: 0 };
}

function between(before: Received, after: Received): Received {
  return {
    packets: after.packets - before.packets,
    lost: after.lost - before.lost,
    bytes: after.bytes - before.bytes,
    jitterMs: after.jitterMs,
    waitedS: after.waitedS - before.waitedS,
    played: after.played - before.played,
  };
}

function of(stats: Stats, name: string): number {
  const value = stats[name];
  return typeof value === 'number' ? value : 0;
}
