import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settle, World } from '../../test/world';
import { ConnectionQualityMonitoringMode, ConnectionQualityState } from '../enums';
import type { ConnectionMetrics, DirectCall } from '../surface';

const { FREQUENCY, CONNECTION_QUALITY_CHANGE } = ConnectionQualityMonitoringMode;
const { EXCELLENT, POOR, UNAVAILABLE } = ConnectionQualityState;

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

/** A connected call over which 50 packets a second come, `lost` of a hundred of which do not. */
async function connected(): Promise<{ world: World; call: DirectCall; line: { lost: number }; looks: () => number }> {
  const world = await World.connected();
  const call = world.dial();
  await world.reply('dial', { call_id: call.callId, state: 'connected' });
  const { connection } = world.browser;
  const line = { lost: 0 };
  let [at, received, missing, count] = [Date.now(), 0, 0, 0];
  connection.getStats = async () => {
    count += 1;
    const packets = (Date.now() - at) / 20;
    at = Date.now();
    missing += (packets * line.lost) / 100;
    received += packets - (packets * line.lost) / 100;
    return new Map<string, object>([
      ['a', { type: 'inbound-rtp', kind: 'audio', packetsReceived: received, packetsLost: missing, jitter: 0.001 }],
      ['p', { type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'l', state: 'succeeded', nominated: true }],
      ['l', { type: 'local-candidate', candidateType: 'host' }],
      ['r', { type: 'remote-inbound-rtp', kind: 'audio', roundTripTime: 0.02 }],
    ]);
  };
  connection.become('connected');
  await settle();
  return { world, call, line, looks: () => count };
}

const states = (heard: ConnectionMetrics[]) => heard.map(({ connectionQuality }) => connectionQuality);

test('a listener hears every three seconds, the first time of a real measurement, and once removed nothing more', async () => {
  const { call } = await connected();
  const heard: ConnectionMetrics[] = [];
  call.setConnectionQualityListener(FREQUENCY, (metrics) => heard.push(metrics));
  await settle(2_900);
  expect(heard).toEqual([]);
  await settle(6_200);
  expect(states(heard)).toEqual([EXCELLENT, EXCELLENT, EXCELLENT]);
  expect(heard[0]).toMatchObject({ packetsLostRate: 0, rtt: 20, jitter: 1 });
  expect(heard[0]?.mos).toBeCloseTo(4.41, 1);
  call.removeConnectionQualityListener();
  await settle(60_000);
  expect(heard).toHaveLength(3);
});

test('a listener of changes hears the first state and each other one, unavailable at once when media stops', async () => {
  const { world, call, line } = await connected();
  const heard: ConnectionMetrics[] = [];
  call.setConnectionQualityListener(CONNECTION_QUALITY_CHANGE, (metrics) => heard.push(metrics));
  await settle(9_100);
  expect(states(heard)).toEqual([EXCELLENT]);
  line.lost = 20;
  await settle(6_000);
  expect(states(heard)).toEqual([EXCELLENT, POOR]);
  world.browser.connection.become('disconnected');
  await settle();
  expect(states(heard)).toEqual([EXCELLENT, POOR, UNAVAILABLE]);
  expect(heard.at(-1)).toEqual({ connectionQuality: UNAVAILABLE });
  line.lost = 0;
  await settle(2_000);
  world.browser.connection.become('connected');
  await settle(3_100);
  expect(states(heard)).toEqual([EXCELLENT, POOR, UNAVAILABLE, EXCELLENT]);
});

test('another listener takes the place of the first, and one that makes no sense is refused', async () => {
  const { call } = await connected();
  const told: string[] = [];
  call.setConnectionQualityListener(FREQUENCY, () => told.push('first'));
  await settle(3_100);
  call.setConnectionQualityListener(FREQUENCY, () => told.push('second'));
  await settle(3_100);
  expect(told).toEqual(['first', 'second']);
  expect(() => call.setConnectionQualityListener('often' as never, () => undefined)).toThrow(expect.objectContaining({ code: 1800300 }));
  expect(() => call.setConnectionQualityListener(FREQUENCY, null as never)).toThrow(expect.objectContaining({ code: 1800301 }));
});

test('without a listener the connection is read every ten seconds, and after the end not at all', async () => {
  const { world, call, looks } = await connected();
  const heard: ConnectionMetrics[] = [];
  await settle(1_500);
  const before = looks();
  await settle(60_000);
  // The path is looked at as well, every five seconds.
  const own = looks() - before - 12;
  expect(own).toBeGreaterThanOrEqual(5);
  expect(own).toBeLessThanOrEqual(7);
  call.setConnectionQualityListener(FREQUENCY, (metrics) => heard.push(metrics));
  world.tell({ call_id: call.callId, version: 9, state: 'ended', end_result: 'completed' });
  await settle(1_000);
  const after = looks();
  await settle(60_000);
  expect(looks()).toBe(after);
  expect(heard).toEqual([]);
});

test('the server is sent three samples together, oldest first, with or without a listener, and the rest at the end', async () => {
  for (const isListening of [false, true]) {
    const { world, call, line } = await connected();
    line.lost = 10;
    if (isListening) call.setConnectionQualityListener(FREQUENCY, () => undefined);
    await settle(39_000);
    const [message, ...others] = world.socket.ofType('quality');
    expect(others).toEqual([]);
    expect(message).toMatchObject({ call_id: call.callId, samples: [{}, {}, { ago_ms: 0, lost_per_mille: 100, round_trip_ms: 20, jitter_ms: 1 }] });
    const samples = message?.['samples'] as Array<{ ago_ms: number; mos_hundredths: number }>;
    expect(samples.map(({ ago_ms }) => ago_ms)).toEqual(isListening ? [18_000, 9_000, 0] : [20_000, 10_000, 0]);
    for (const { mos_hundredths } of samples) expect(Number.isInteger(mos_hundredths) && mos_hundredths > 100 && mos_hundredths < 450).toBe(true);
    call.end();
    await settle();
    expect(world.socket.ofType('quality').length).toBeGreaterThan(1);
  }
});

test('over an outage of the socket the newest twenty samples are kept', async () => {
  const { world } = await connected();
  world.socket.lose();
  await settle(300_000);
  expect(world.socket.ofType('quality')).toEqual([]);
  await world.welcome();
  await settle(10_000);
  const [message] = world.socket.ofType('quality');
  expect(message?.['samples']).toHaveLength(20);
});

test('what a page that slept kept for too long is not sent: the server would refuse it, and the rest with it', async () => {
  const { world } = await connected();
  world.socket.lose();
  await settle(60_000);
  const { now } = world.browser.platform;
  world.browser.platform.now = () => now() + 700_000;
  await world.welcome();
  await settle(40_000);
  const ages = world.socket.ofType('quality').flatMap(({ samples }) => (samples as Array<{ ago_ms: number }>).map(({ ago_ms }) => ago_ms));
  expect(ages.length).toBeGreaterThan(0);
  expect(Math.max(...ages)).toBeLessThan(600_000);
});
