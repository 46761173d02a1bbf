import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settle, World } from '../../test/world';
import type { DialParams } from '../surface';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

type Kinds = [local: string, remote: string];

/** What Chromium tells of a selected pair. */
function chromium([local, remote]: Kinds): Map<string, object> {
  return new Map<string, object>([
    ['T', { type: 'transport', selectedCandidatePairId: 'P2' }],
    ['P1', { type: 'candidate-pair', localCandidateId: 'X', remoteCandidateId: 'Y', state: 'succeeded', nominated: true }],
    ['P2', { type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R', state: 'succeeded', nominated: true }],
    ['X', { type: 'local-candidate', candidateType: 'prflx' }],
    ['Y', { type: 'remote-candidate', candidateType: 'prflx' }],
    ['L', { type: 'local-candidate', candidateType: local }],
    ['R', { type: 'remote-candidate', candidateType: remote }],
  ]);
}

/** What older Firefox tells: no transport, but the pair itself says that it is selected. */
function firefox([local, remote]: Kinds): Map<string, object> {
  const stats = chromium([local, remote]);
  stats.delete('T');
  Object.assign(stats.get('P1') ?? {}, { selected: false });
  Object.assign(stats.get('P2') ?? {}, { selected: true });
  return stats;
}

async function established(params: Partial<DialParams> = {}): Promise<World> {
  const world = await World.connected();
  const call = world.dial(params);
  await world.reply('dial', { call_id: call.callId });
  world.tell({ call_id: call.callId, version: 2, state: 'established' });
  await world.signal(call.callId, { kind: 'answer', seq: 1, generation: 0, sdp: 'answer' });
  return world;
}

const reports = (world: World) => world.socket.ofType('report').map(({ media, path }) => (path ? `${media} ${path}` : media));

async function answerReports(world: World): Promise<void> {
  const callId = world.socket.ofType('dial')[0]?.['call_id'] as string;
  await world.reply('report', { call_id: callId, version: 3, state: 'connected' });
}

test.each([
  ['host', 'srflx', 'direct'],
  ['prflx', 'host', 'direct'],
  ['relay', 'host', 'relayed'],
  ['srflx', 'relay', 'relayed'],
  ['relay', 'relay', 'relayed'],
])('a pair of %s and %s is %s, in Chromium and in Firefox', async (local, remote, path) => {
  for (const stats of [chromium([local, remote]), firefox([local, remote])]) {
    const world = await established();
    world.browser.connection.stats = stats;
    world.browser.connection.become('connected');
    await settle(100);
    expect(reports(world)).toEqual(['connected', `connected ${path}`]);
  }
});

test('that media flows is told at once, the path as soon as it is known', async () => {
  const world = await established();
  const { connection } = world.browser;
  connection.become('connected');
  await settle(1_200);
  expect(reports(world)).toEqual(['connected']);
  connection.stats = chromium(['host', 'host']);
  await settle(500);
  expect(reports(world)).toEqual(['connected', 'connected direct']);
});

test('where the engine tells of another pair, it is looked at as soon as its report is fresh, and a change is told once', async () => {
  const world = await established();
  const { connection } = world.browser;
  const transport = { onselectedcandidatepairchange: null as (() => void) | null };
  const [transceiver] = connection.getTransceivers();
  if (transceiver) transceiver.sender.transport.iceTransport = transport;
  connection.stats = chromium(['host', 'host']);
  connection.become('connected');
  await settle(100);
  connection.stats = chromium(['host', 'prflx']);
  transport.onselectedcandidatepairchange?.();
  await settle(1_000);
  transport.onselectedcandidatepairchange?.();
  transport.onselectedcandidatepairchange?.();
  await settle(50);
  connection.stats = chromium(['relay', 'host']);
  await settle(60_000);
  expect(reports(world)).toEqual(['connected', 'connected direct', 'connected relayed']);
});

test('the element of the other side is told the path, at each change', async () => {
  const element = Object.assign(new EventTarget(), { setAttribute: () => undefined, srcObject: null });
  const heard: string[] = [];
  element.addEventListener('offhook-path', (event) => heard.push((event as CustomEvent<string>).detail));
  const world = await established({ callOption: { remoteMediaView: element as unknown as HTMLMediaElement } });
  const { connection } = world.browser;
  connection.stats = firefox(['relay', 'relay']);
  connection.become('connected');
  await settle(20_000);
  connection.stats = firefox(['host', 'host']);
  await settle(20_000);
  expect(heard).toEqual(['relayed', 'direct']);
});

test('where the engine tells nothing, another pair is found by looking', async () => {
  const world = await established();
  const { connection } = world.browser;
  connection.stats = firefox(['host', 'host']);
  connection.become('connected');
  await settle(20_000);
  connection.stats = firefox(['relay', 'host']);
  await settle(5_000);
  await settle(20_000);
  expect(reports(world)).toEqual(['connected', 'connected direct', 'connected relayed']);
});

test('a link that comes back says nothing of the path until it is known, and nothing at all if it is the same', async () => {
  const world = await established();
  const { connection } = world.browser;
  connection.stats = chromium(['host', 'host']);
  connection.become('connected');
  await settle(100);
  connection.become('disconnected');
  connection.become('connected');
  await settle(10_000);
  connection.become('disconnected');
  connection.stats = chromium(['relay', 'host']);
  connection.become('connected');
  await settle(100);
  expect(reports(world)).toEqual([
    'connected', 'connected direct', 'lost', 'connected', 'lost', 'connected', 'connected relayed',
  ]);
});

test('a path that the server did not hear of is told after the reconnect', async () => {
  const world = await established();
  const { connection } = world.browser;
  connection.become('connected');
  await settle(100);
  await answerReports(world);
  world.socket.lose();
  connection.stats = chromium(['relay', 'relay']);
  await settle(12_000);
  await world.welcome();
  expect(reports(world)).toEqual(['connected relayed']);
});

test('an ended call looks no more', async () => {
  const world = await established();
  const { connection } = world.browser;
  let looks = 0;
  connection.getStats = async () => {
    looks += 1;
    return firefox(['host', 'host']);
  };
  connection.become('connected');
  await settle(6_000);
  // The third, like a last one at the end, is that of the call's quality.
  expect(looks).toBe(3);
  world.client.deauthenticate();
  await settle(60_000);
  expect(looks).toBe(4);
});
