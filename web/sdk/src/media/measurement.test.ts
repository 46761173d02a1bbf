import { expect, test } from 'vitest';
import { measure, readingOf } from './measurement';

type Figures = { received: number; lost?: number; jitter?: number; bytes?: number; sent?: number };

function chromium({ received, lost = 0, jitter = 0.002, bytes = 0, sent = 0 }: Figures, more: object[] = []): RTCStatsReport {
  const stats = [
    { type: 'inbound-rtp', kind: 'audio', packetsReceived: received, packetsLost: lost, bytesReceived: bytes, jitter },
    { type: 'outbound-rtp', kind: 'audio', bytesSent: sent },
    { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 },
    ...more,
  ];
  return new Map(stats.map((report, index) => [String(index), report])) as unknown as RTCStatsReport;
}

test('what lies between two readings is measured, whatever came before', () => {
  const before = readingOf(chromium({ received: 1_000, lost: 500, bytes: 10_000, sent: 20_000 }), 0);
  const after = readingOf(chromium({ received: 1_095, lost: 505, bytes: 35_000, sent: 30_000 }), 10_000);
  expect(measure(before, after)).toMatchObject({ lostRate: 0.05, jitterMs: 2, receivedBps: 20_000, sentBps: 8_000, roundTripMs: undefined });
});

test('the round trip is that of the media, else that of the selected pair; Firefox knows only the first', () => {
  const pair = { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.2 };
  const video = { type: 'remote-inbound-rtp', kind: 'video', roundTripTime: 0.06 };
  const audio = { type: 'remote-inbound-rtp', kind: 'audio', roundTripTime: 0.04 };
  expect(readingOf(chromium({ received: 1 }, [pair]), 0).roundTripMs).toBe(200);
  expect(readingOf(chromium({ received: 1 }, [video, pair]), 0).roundTripMs).toBe(60);
  expect(readingOf(chromium({ received: 1 }, [pair, audio, video]), 0).roundTripMs).toBe(40);
});

test('longer ways, a buffer that waits, and loss make the score worse', () => {
  const start = readingOf(chromium({ received: 0 }), 0);
  const score = (figures: Figures, more: object[] = []) => measure(start, readingOf(chromium(figures, more), 3_000))?.mos ?? 0;
  const good = score({ received: 150 });
  expect(good).toBeCloseTo(4.41, 2);
  expect(score({ received: 150 }, [{ type: 'remote-inbound-rtp', kind: 'audio', roundTripTime: 0.5 }])).toBeLessThan(good);
  expect(score({ received: 150, lost: 10 })).toBeLessThan(good);
  expect(score({ received: 150, jitter: 0.2 })).toBeLessThan(good);
  const buffer = { type: 'inbound-rtp', kind: 'audio', jitterBufferDelay: 48_000, jitterBufferEmittedCount: 144_000 };
  expect(score({ received: 150 }, [buffer])).toBeLessThan(good);
});

test('where nothing came, nothing is said; late packets that fill a loss are no gain', () => {
  const still = readingOf(chromium({ received: 10 }), 0);
  expect(measure(still, readingOf(chromium({ received: 10 }), 3_000))).toBeUndefined();
  const lossy = readingOf(chromium({ received: 10, lost: 5 }), 0);
  expect(measure(lossy, readingOf(chromium({ received: 20, lost: 0 }), 3_000))?.lostRate).toBe(0);
});

test('freezes are counted where the engine counts them, and a side without sound is judged by its picture', () => {
  const picture = (freezes: number, received: number) =>
    chromium({ received: 0 }, [{ type: 'inbound-rtp', kind: 'video', packetsReceived: received, packetsLost: 0, freezeCount: freezes }]);
  expect(measure(readingOf(picture(1, 10), 0), readingOf(picture(3, 90), 1_000))).toMatchObject({ freezes: 2, lostRate: 0 });
  expect(measure(readingOf(chromium({ received: 1 }), 0), readingOf(chromium({ received: 2 }), 1_000))?.freezes).toBeUndefined();
});
