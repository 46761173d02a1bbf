import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeTrack } from '../../test/fakes';
import { settle, World } from '../../test/world';
import type { DirectCall } from '../surface';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const OFFER = ['v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=candidate:1 1 udp 1 203.0.113.9 5000 typ host', 'a=end-of-candidates', ''].join('\r\n');
const candidates = (seq: number, text: string, generation = 0) => ({
  kind: 'candidates', seq, generation, candidates: [{ candidate: text, sdp_mid: '0' }],
});

async function ringing(isChromium = true): Promise<{ world: World; call: DirectCall }> {
  const world = await World.connected('alice', (made) => {
    made.browser.isChromium = isChromium;
  });
  const call = await world.ring();
  await world.signal(call.callId, { kind: 'offer', seq: 1, generation: 0, sdp: OFFER });
  await world.signal(call.callId, candidates(2, 'candidate:late'));
  return { world, call };
}

async function accepted(isChromium = true): Promise<{ world: World; call: DirectCall }> {
  const { world, call } = await ringing(isChromium);
  call.accept({ callOption: {} });
  await world.reply('accept', { call_id: call.callId, role: 'dc_callee', version: 2, state: 'established' });
  return { world, call };
}

async function dialled(isVideoCall = false, isChromium = true): Promise<{ world: World; call: DirectCall }> {
  const world = await World.connected('alice', (made) => {
    made.browser.isChromium = isChromium;
  });
  const call = world.dial({ isVideoCall });
  await world.reply('dial', { call_id: call.callId, is_video_call: isVideoCall });
  return { world, call };
}

async function connectedCaller(isChromium = true): Promise<{ world: World; call: DirectCall }> {
  const { world, call } = await dialled(false, isChromium);
  world.tell({ call_id: call.callId, version: 2, state: 'established' });
  await world.signal(call.callId, { kind: 'answer', seq: 1, generation: 0, sdp: 'answer' });
  world.browser.connection.become('connected');
  world.tell({ call_id: call.callId, version: 3, state: 'connected' });
  await settle();
  world.told.length = 0;
  return { world, call };
}

describe('while it rings', () => {
  test.each([true, false])('the callee tells the engine no candidate, opens no device and sends nothing but need (Chromium: %s)', async (isChromium) => {
    const { world } = await ringing(isChromium);
    world.browser.connection.gather('candidate:mine');
    await settle(60_000);
    const { connection } = world.browser;
    expect(connection.remoteDescription?.sdp).toContain('m=audio');
    expect(connection.remoteDescription?.sdp).not.toContain('candidate');
    expect(connection.candidates).toEqual([]);
    expect(world.browser.captureRequests).toEqual([]);
    expect(world.socket.peerMessages().filter((message) => message['kind'] !== 'need')).toEqual([]);
  });

  test('Chromium prepares the whole answer, others stop short of setting it', async () => {
    expect((await ringing(true)).world.browser.connection.localDescription?.type).toBe('answer');
    expect((await ringing(false)).world.browser.connection.localDescription).toBeNull();
  });

  test('the caller’s dial leaves before its offer, and neither waits for the microphone', async () => {
    const world = await World.connected();
    world.browser.platform.mediaDevices = () => ({ getUserMedia: () => new Promise(() => undefined), addEventListener: () => undefined }) as never;
    world.dial();
    await settle();
    const types = world.socket.sent.map((message) => message['type']);
    expect(types).toEqual(['hello', 'dial', 'signal']);
    expect(world.socket.peerMessages('offer')[0]).toMatchObject({ seq: 1, generation: 0, sdp: 'offer 1' });
  });
});

describe('accept', () => {
  test.each([true, false])('is followed at once by the answer and what was gathered; then the candidates go to the engine (Chromium: %s)', async (isChromium) => {
    const { world, call } = await ringing(isChromium);
    world.browser.connection.gather('candidate:mine');
    const before = world.socket.sent.length;
    call.accept({ callOption: {} });
    const sent = world.socket.sent.slice(before);
    expect(sent[0]?.['type']).toBe('accept');
    const kinds = sent.slice(1).map((message) => JSON.parse(String(message['body'])).kind);
    expect(kinds.filter((kind) => kind === 'answer' || kind === 'candidates')).toEqual(['answer', 'candidates']);
    await settle();
    const { connection } = world.browser;
    expect(connection.localDescription?.type).toBe('answer');
    expect(connection.candidates.map(({ candidate }) => candidate)).toEqual(['candidate:1 1 udp 1 203.0.113.9 5000 typ host', 'candidate:late']);
    expect(world.socket.peerMessages('answer')).toHaveLength(1);
    expect(connection.getTransceivers()[0]).toMatchObject({ direction: 'sendrecv', sender: { track: { kind: 'audio' } } });
  });

  test('before the offer has come, answers as soon as it comes', async () => {
    const world = await World.connected();
    const call = await world.ring();
    call.accept({ callOption: {} });
    await settle();
    expect(world.socket.peerMessages('answer')).toEqual([]);
    await world.signal(call.callId, { kind: 'offer', seq: 1, generation: 0, sdp: OFFER });
    expect(world.socket.peerMessages('answer')).toHaveLength(1);
    expect(world.browser.connection.candidates).toHaveLength(1);
  });
});

describe('candidates', () => {
  test('that come together travel together, the first of them at once', async () => {
    const { world } = await dialled();
    world.browser.connection.gather('candidate:a');
    world.browser.connection.gather('candidate:b');
    await settle();
    expect(world.socket.peerMessages('candidates')).toHaveLength(1);
    world.browser.connection.gather('candidate:c');
    world.browser.connection.gather(null);
    const sent = world.socket.peerMessages('candidates').map((message) => message['candidates']);
    expect(sent).toEqual([
      [{ candidate: 'candidate:a', sdp_mid: '0', sdp_m_line_index: 0 }, { candidate: 'candidate:b', sdp_mid: '0', sdp_m_line_index: 0 }],
      [{ candidate: 'candidate:c', sdp_mid: '0', sdp_m_line_index: 0 }],
    ]);
  });

  test('of the callee wait for its answer, and those of another generation are dropped', async () => {
    const { world, call } = await dialled();
    world.tell({ call_id: call.callId, version: 2, state: 'established' });
    await world.signal(call.callId, candidates(1, 'candidate:early'));
    expect(world.browser.connection.candidates).toEqual([]);
    await world.signal(call.callId, candidates(2, 'candidate:other', 7));
    await world.signal(call.callId, { kind: 'answer', seq: 3, generation: 0, sdp: 'answer' });
    expect(world.browser.connection.candidates.map(({ candidate }) => candidate)).toEqual(['candidate:early']);
  });
});

describe('the link', () => {
  test('is reported when it comes up and when it is lost', async () => {
    const { world } = await connectedCaller();
    world.browser.connection.become('disconnected');
    world.browser.connection.become('connected');
    expect(world.socket.ofType('report').map((message) => message['media'])).toEqual(['connected', 'lost', 'connected']);
  });

  test('that goes down and comes back is told exactly once each', async () => {
    const { world } = await connectedCaller();
    const { connection } = world.browser;
    for (const state of ['disconnected', 'failed', 'connecting', 'connected', 'connected']) connection.become(state);
    await settle();
    expect(world.told).toEqual(['reconnecting', 'reconnected']);
  });

  test('is told of once in Chromium, whose ICE state is back before the other one has told of the loss', async () => {
    const { world } = await connectedCaller();
    const { connection } = world.browser;
    connection.become('connected', 'disconnected');
    connection.become('connected');
    for (const state of ['failed', 'disconnected']) connection.become(state, 'connected');
    connection.become('connected');
    await settle();
    expect(world.told).toEqual(['reconnecting', 'reconnected']);
  });

  test('that is lost is told of in Firefox when the ICE state says so', async () => {
    const { world } = await connectedCaller(false);
    world.browser.connection.become('connected', 'disconnected');
    await settle();
    expect(world.told).toEqual(['reconnecting']);
  });

  test('that is down before the server has said connected is told after that', async () => {
    const { world, call } = await dialled();
    await world.signal(call.callId, { kind: 'answer', seq: 1, generation: 0, sdp: 'answer' });
    world.browser.connection.become('connected');
    world.browser.connection.become('disconnected');
    world.tell({ call_id: call.callId, version: 2, state: 'connected' });
    await settle();
    expect(world.told).toEqual(['callback call', 'established', 'connected', 'reconnecting']);
  });

  test('that came back while the socket was away is reported when the socket is back', async () => {
    const { world, call } = await connectedCaller();
    await world.reply('report', { call_id: call.callId, version: 3, state: 'connected' });
    world.socket.lose();
    world.browser.connection.become('disconnected');
    world.browser.connection.become('connected');
    await settle(12_000);
    await world.welcome([]);
    expect(world.socket.ofType('report').map((message) => message['media'])).toEqual(['connected']);
    await world.reply('report', { call_id: call.callId, version: 3, state: 'connected' });
    world.socket.lose();
    await settle(500);
    await world.welcome([]);
    expect(world.socket.ofType('report')).toEqual([]);
  });

  test('is restarted by the caller after three seconds down, and a brief drop is left alone', async () => {
    const { world, call } = await connectedCaller();
    const { connection } = world.browser;
    connection.become('disconnected');
    await settle(2_000);
    connection.become('connected');
    await settle(5_000);
    expect(connection.offers).toHaveLength(1);
    connection.become('disconnected');
    await settle(3_000);
    expect(connection.offers).toEqual([undefined, { iceRestart: true }]);
    expect(world.socket.peerMessages('offer').at(-1)).toMatchObject({ generation: 1 });
    await world.signal(call.callId, { kind: 'answer', seq: 2, generation: 0, sdp: 'stale' });
    expect(connection.signalingState).toBe('have-local-offer');
    await world.signal(call.callId, { kind: 'answer', seq: 3, generation: 1, sdp: 'fresh' });
    expect(connection.remoteDescription?.sdp).toBe('fresh');
  });

  test('is restarted when the network changes, once the socket is there on the new one', async () => {
    const { world } = await connectedCaller();
    world.browser.changeNetwork();
    await settle();
    expect(world.browser.connection.offers).toHaveLength(1);
    await world.welcome();
    expect(world.browser.connection.offers).toHaveLength(2);
    expect(world.told).toEqual([]);
  });

  test('that flows is left alone when only the socket goes and comes back', async () => {
    const { world } = await connectedCaller();
    world.socket.lose();
    await settle(500);
    await world.welcome();
    expect(world.browser.connection.offers).toHaveLength(1);
  });

  test('of a machine that slept is restarted on a new socket, as soon as it wakes', async () => {
    const { world } = await connectedCaller();
    await settle(15_000);
    // The clock goes on while nothing runs.
    vi.setSystemTime(Date.now() + 60_000);
    await settle(10_000);
    expect(world.browser.sockets).toHaveLength(2);
    await world.welcome();
    expect(world.browser.connection.offers).toHaveLength(2);
    await settle(60_000);
    expect(world.browser.sockets).toHaveLength(2);
  });

  test('that fails at the callee makes it ask the caller, and answer the new offer', async () => {
    const { world, call } = await accepted();
    world.browser.connection.become('failed');
    await settle();
    expect(world.socket.peerMessages('restart')).toHaveLength(1);
    expect(world.browser.connection.offers).toEqual([]);
    await world.signal(call.callId, { kind: 'offer', seq: 3, generation: 1, sdp: OFFER });
    expect(world.socket.peerMessages('answer').at(-1)).toMatchObject({ generation: 1 });
  });

  test('asked for by the callee while an offer is under way is not restarted twice', async () => {
    const { world, call } = await connectedCaller();
    await world.signal(call.callId, { kind: 'restart', seq: 2, connection: 0 });
    await world.signal(call.callId, { kind: 'restart', seq: 3, connection: 0 });
    expect(world.browser.connection.offers).toHaveLength(2);
  });

  test('asked for by both sides at the same time is restarted once', async () => {
    const { world, call } = await connectedCaller();
    world.browser.connection.become('failed');
    void world.signal(call.callId, { kind: 'restart', seq: 2, connection: 0 });
    await settle();
    expect(world.browser.connection.offers).toHaveLength(2);
  });

  test('is replaced for a callee whose own is broken, while the caller is about to restart the present one', async () => {
    const { world, call } = await connectedCaller();
    void world.signal(call.callId, { kind: 'restart', seq: 2, connection: 1 });
    world.browser.connection.become('failed');
    await settle();
    expect(world.browser.connections).toHaveLength(2);
  });

  test('is replaced again when asked, whenever between the request and its offer the caller restarts by itself', async () => {
    for (let turns = 0; turns < 20; turns += 1) {
      const { world, call } = await connectedCaller();
      void world.signal(call.callId, { kind: 'restart', seq: 2, connection: 1 });
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      world.browser.connection.become('failed');
      await settle();
      void world.signal(call.callId, { kind: 'restart', seq: 3, connection: 2 });
      await settle(5_000);
      expect(world.browser.connections).toHaveLength(3);
    }
  });

  test('of a callee who was away through several restarts answers the newest offer alone, and at once', async () => {
    const { world, call } = await accepted();
    const offers = [1, 2, 3, 4, 5].map((generation) => ({ kind: 'offer', seq: generation + 2, generation, connection: 0, sdp: OFFER }));
    await Promise.all(offers.map((message) => world.signal(call.callId, message)));
    expect(world.socket.peerMessages('answer').map((message) => message['generation'])).toEqual([0, 5]);
  });

  test('sends again after a reconnect of the socket what nobody acknowledged', async () => {
    const { world, call } = await connectedCaller();
    world.browser.connection.become('failed');
    await settle();
    await world.signal(call.callId, { kind: 'ack', seq: 1 });
    world.socket.lose();
    await settle(500);
    await world.welcome([]);
    expect(world.socket.peerMessages('offer').map((message) => message['generation'])).toEqual([1]);
  });
});

describe('a connection that has failed, in an engine that does not mend one,', () => {
  test('is replaced by the caller, with what it sends, and the old one no longer counts', async () => {
    const { world, call } = await connectedCaller(false);
    const [old] = world.browser.connections;
    old?.ontrack?.({ track: new FakeTrack('audio') });
    old?.become('failed');
    await settle();
    expect(world.browser.connections).toHaveLength(2);
    expect(old).toMatchObject({ isClosed: true, onconnectionstatechange: null, ontrack: null });
    expect(world.socket.peerMessages('offer').at(-1)).toMatchObject({ generation: 1, connection: 1 });
    const { connection } = world.browser;
    expect(connection.offers).toEqual([undefined]);
    expect(connection.getTransceivers()[0]).toMatchObject({ sender: { track: { kind: 'audio' } } });
    await world.signal(call.callId, { kind: 'answer', seq: 2, generation: 1, sdp: 'answer' });
    const track = new FakeTrack('audio');
    connection.ontrack?.({ track });
    connection.become('connected');
    await settle();
    expect(world.told).toEqual(['reconnecting', 'reconnected']);
    expect(world.browser.streams[1]?.getTracks()).toEqual([track]);
  });

  test('is not taken for mended when it says so', async () => {
    const { world } = await connectedCaller(false);
    const { connection } = world.browser;
    world.socket.lose();
    connection.become('failed');
    connection.become('connected');
    await settle();
    expect(world.told).toEqual(['reconnecting']);
    await settle(12_000);
    await world.welcome([]);
    expect(world.browser.connections).toHaveLength(2);
  });

  test('is asked for anew by the callee, which answers no offer for the old one', async () => {
    const { world, call } = await accepted(false);
    const [old] = world.browser.connections;
    old?.become('connected');
    old?.become('failed');
    await settle();
    expect(world.socket.peerMessages('restart')).toMatchObject([{ connection: 1 }]);
    await world.signal(call.callId, { kind: 'offer', seq: 3, generation: 1, connection: 0, sdp: OFFER });
    expect(world.socket.peerMessages('answer')).toHaveLength(1);
    expect(world.socket.peerMessages('restart')).toHaveLength(1);
    await world.signal(call.callId, { kind: 'offer', seq: 4, generation: 2, connection: 1, sdp: OFFER });
    expect(world.socket.peerMessages('answer').at(-1)).toMatchObject({ generation: 2 });
    expect(world.browser.connections).toHaveLength(2);
    expect(world.browser.connection.getTransceivers()[0]).toMatchObject({ direction: 'sendrecv', sender: { track: { kind: 'audio' } } });
    expect(old).toMatchObject({ isClosed: true });
  });

  test('is replaced on the other side, too, whichever its engine: once, however often it is asked', async () => {
    const { world, call } = await connectedCaller();
    await world.signal(call.callId, { kind: 'restart', seq: 2, connection: 1 });
    await world.signal(call.callId, { kind: 'restart', seq: 3, connection: 1 });
    expect(world.browser.connections).toHaveLength(2);
    expect(world.socket.peerMessages('offer').map(({ connection }) => connection)).toEqual([0, 1]);
  });

  test('is replaced while all seems well, and nobody is told, unless the next one does not come up', async () => {
    const { world, call } = await connectedCaller();
    await world.signal(call.callId, { kind: 'restart', seq: 2, connection: 1 });
    await world.signal(call.callId, { kind: 'answer', seq: 3, generation: 1, sdp: 'answer' });
    world.browser.connection.become('connected');
    await settle(4_000);
    expect(world.told).toEqual([]);
    await world.signal(call.callId, { kind: 'restart', seq: 4, connection: 2 });
    await settle(4_000);
    expect(world.told).toEqual([]);
    await settle(2_000);
    expect(world.told).toEqual(['reconnecting']);
    await world.signal(call.callId, { kind: 'answer', seq: 5, generation: 2, sdp: 'answer' });
    world.browser.connection.become('connected');
    await settle();
    expect(world.told).toEqual(['reconnecting', 'reconnected']);
  });

  test('is replaced again where nobody answers and the next fails, too', async () => {
    const { world } = await connectedCaller(false);
    world.browser.connection.become('failed');
    await settle(8_000);
    expect(world.browser.connection.offers).toEqual([undefined, { iceRestart: true }]);
    world.browser.connection.become('failed');
    await settle(8_000);
    expect(world.browser.connections).toHaveLength(3);
  });
});

describe('a peer that wants no call', () => {
  const offer = (seq: number, more: object = {}) => ({ kind: 'offer', seq, generation: seq, connection: 0, sdp: OFFER, ...more });

  test('has a caller make one offer a second, of the next connection only', async () => {
    const { world, call } = await connectedCaller();
    await world.signal(call.callId, { kind: 'restart', seq: 2, connection: 4_294_967_295 });
    await world.signal(call.callId, { kind: 'restart', seq: 3, connection: 2 });
    expect(world.browser.connections).toHaveLength(1);
    for (let n = 1; n <= 20; n += 1) await world.signal(call.callId, { kind: 'restart', seq: 3 + n, connection: n });
    expect(world.browser.connections).toHaveLength(2);
    await settle(1_000);
    expect(world.browser.connections).toHaveLength(3);
    await settle(6_000);
    expect(new Set(world.socket.peerMessages('offer').map(({ generation }) => generation)).size).toBe(3);
  });

  test('has a callee replace its connection once a second, after the first few', async () => {
    const { world, call } = await accepted();
    for (let seq = 3; seq < 33; seq += 1) await world.signal(call.callId, offer(seq, { connection: seq * 1_000 }));
    expect(world.browser.connections).toHaveLength(3);
    await settle(1_000);
    expect(world.browser.connections).toHaveLength(4);
    expect(world.socket.peerMessages('answer')).toHaveLength(4);
  });

  test('has a callee whose connection is broken ask for the next once, and take that at once when it comes', async () => {
    const { world, call } = await accepted(false);
    world.browser.connection.become('failed');
    for (let seq = 3; seq < 33; seq += 1) await world.signal(call.callId, offer(seq));
    expect(world.socket.peerMessages('restart')).toHaveLength(1);
    await world.signal(call.callId, offer(33, { connection: 1 }));
    expect(world.browser.connections).toHaveLength(2);
  });

  test('that waits for its turn when the connection breaks is left alone', async () => {
    const { world, call } = await accepted(false);
    for (let seq = 3; seq < 7; seq += 1) await world.signal(call.callId, offer(seq));
    const { length } = world.socket.peerMessages('answer');
    world.browser.connection.become('failed');
    await settle(1_000);
    expect(world.socket.peerMessages('answer')).toHaveLength(length);
  });

  test('is taken at its last word by a callee that it kept waiting, with what belongs to that', async () => {
    const { world, call } = await accepted();
    for (let seq = 3; seq < 7; seq += 1) await world.signal(call.callId, offer(seq, { connection: seq }));
    await world.signal(call.callId, candidates(7, 'candidate:last', 6));
    await settle(1_000);
    expect(world.socket.peerMessages('answer').at(-1)).toMatchObject({ generation: 6 });
    expect(world.browser.connection.candidates.at(-1)).toMatchObject({ candidate: 'candidate:last' });
  });

  test('fills no memory with what waits for its turn', async () => {
    const { world, call } = await accepted();
    for (let seq = 3; seq < 303; seq += 1) await world.signal(call.callId, offer(seq));
    await settle(300_000);
    const answered = new Set(world.socket.peerMessages('answer').map(({ generation }) => generation));
    expect(answered.size).toBeLessThan(75);
  });

  test('is not answered when the call has ended meanwhile', async () => {
    const { world, call } = await accepted();
    for (let seq = 3; seq < 7; seq += 1) await world.signal(call.callId, offer(seq, { connection: seq }));
    call.end();
    await settle(2_000);
    expect(world.browser.connections.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
  });

  test('has the engine told of so many candidates, and as many of the next negotiation', async () => {
    const { world, call } = await accepted();
    const flood = (seq: number, generation: number) => ({
      kind: 'candidates', seq, generation, candidates: Array.from({ length: 150 }, () => ({ candidate: 'candidate:x' })),
    });
    await world.signal(call.callId, flood(3, 0));
    await world.signal(call.callId, flood(4, 0));
    expect(world.browser.connection.candidates).toHaveLength(200);
    await world.signal(call.callId, offer(5));
    await world.signal(call.callId, flood(6, 5));
    expect(world.browser.connection.candidates.length).toBeGreaterThan(300);
  });

  test('does not have everything encoded a hundred times', async () => {
    const { world, call } = await accepted();
    await world.signal(call.callId, offer(3, { sdp: `v=0\r\n${'m=video 9 UDP/TLS/RTP/SAVPF 96\r\n'.repeat(100)}` }));
    expect(world.socket.peerMessages('answer')).toHaveLength(1);
    await world.signal(call.callId, offer(4));
    expect(world.socket.peerMessages('answer')).toHaveLength(2);
  });

  test('makes no callee offer', async () => {
    const { world, call } = await accepted();
    await world.signal(call.callId, { kind: 'restart', seq: 3, connection: 0 });
    expect(world.socket.peerMessages('offer')).toEqual([]);
  });

  test('says what is none, and the call goes on', async () => {
    const { world, call } = await accepted();
    const nonsense = [{ kind: 'offer' }, { kind: 'offer', sdp: 5 }, { kind: 'candidates' }, { kind: 'candidates', candidates: [null, 0, { candidate: {} }, 'x'] },
      { kind: 'answer', sdp: {} }, { kind: 'restart' }, { kind: 'other' }, {}];
    for (const [n, body] of nonsense.entries()) await world.signal(call.callId, { seq: n + 3, generation: 0, ...body });
    await settle(5_000);
    await world.signal(call.callId, offer(3 + nonsense.length));
    expect(world.socket.peerMessages('answer').at(-1)).toMatchObject({ generation: 3 + nonsense.length });
  });
});

describe('microphone and camera', () => {
  test('where one is denied, the call goes on with the other', async () => {
    const world = await World.connected('alice', (made) => {
      made.browser.denied = ['video'];
    });
    world.dial({ isVideoCall: true });
    await settle();
    const senders = world.browser.connection.getTransceivers().map(({ sender }) => sender.track?.kind);
    expect(senders).toEqual(['audio', undefined]);
  });


  test('the other side is told that the denied one is off, and it can be asked for again', async () => {
    const world = await World.connected('alice', (made) => {
      made.browser.denied = ['video'];
    });
    const call = world.dial({ isVideoCall: true });
    await settle();
    expect([call.isLocalAudioEnabled, call.isLocalVideoEnabled]).toEqual([true, false]);
    expect(world.socket.ofType('set_media').at(-1)?.['media']).toMatchObject({ audio_enabled: true, video_enabled: false, revision: 1 });
    world.browser.denied = [];
    call.startVideo();
    await settle();
    expect(call.isLocalVideoEnabled).toBe(true);
    expect(world.browser.connection.getTransceivers()[1]?.sender.track?.kind).toBe('video');
  });

  test('where all that is wanted is denied, a dial fails: the callback has the error, and the server is told', async () => {
    const world = await World.connected('alice', (made) => {
      made.browser.denied = ['audio', 'video'];
    });
    world.dial({ isVideoCall: true });
    await settle();
    expect(world.told).toEqual(['callback 1400105', 'ended dial_failed']);
    expect(world.socket.sent.map(({ type }) => type)).toEqual(['hello', 'dial', 'signal', 'end']);
    expect(world.browser.connection.isClosed).toBe(true);
  });

  test('denied after the callback has been called, it is the end alone that tells', async () => {
    const world = await World.connected();
    let deny = () => undefined as void;
    world.browser.platform.mediaDevices = () =>
      ({ getUserMedia: () => new Promise((_, reject) => (deny = () => reject(Object.assign(new Error(), { name: 'NotAllowedError' })))) }) as never;
    const call = world.dial();
    await world.reply('dial', { call_id: call.callId });
    deny();
    await settle();
    expect(world.told).toEqual(['callback call', 'ended dial_failed']);
  });

  test('where all that is wanted is denied, an accept fails, and the caller does not wait', async () => {
    const world = await World.connected('alice', (made) => {
      made.browser.denied = ['audio'];
    });
    const call = await world.ring();
    call.accept({ callOption: {} });
    await settle();
    expect(world.told).toEqual(['ringing', 'ended accept_failed']);
    expect(world.socket.ofType('end')).toHaveLength(1);
  });

  test('on an insecure origin a dial fails with a sentence that says why', async () => {
    const world = await World.connected();
    world.browser.platform.mediaDevices = () => undefined;
    const heard: unknown[] = [];
    world.client.dial({ userId: 'bob', isVideoCall: false, callOption: {} }, (_, error) => void heard.push(error));
    await settle();
    expect(heard).toEqual([expect.objectContaining({ code: 1400105, message: expect.stringContaining('HTTPS') })]);
  });

  test('a call that starts with neither asks for nothing and listens; what is switched on later is opened', async () => {
    const world = await World.connected('alice', (made) => {
      made.browser.denied = ['video'];
    });
    const call = world.dial({ isVideoCall: true, callOption: { audioEnabled: false, videoEnabled: false } });
    await settle();
    expect(world.browser.captureRequests).toEqual([]);
    expect(world.browser.connection.getTransceivers().map(({ direction }) => direction)).toEqual(['sendrecv', 'sendrecv']);
    call.unmuteMicrophone();
    call.startVideo();
    await settle();
    expect([call.isOngoing, call.isLocalAudioEnabled, call.isLocalVideoEnabled]).toEqual([true, true, false]);
  });

  test('mute silences the track that is sent, and stopping video lets go of the camera', async () => {
    const { world, call } = await dialled(true);
    const [audio, video] = world.browser.captured;
    call.muteMicrophone();
    call.stopVideo();
    await settle();
    expect([audio?.enabled, audio?.isStopped, video?.isStopped]).toEqual([false, false, true]);
    expect(world.browser.connection.getTransceivers()[1]?.sender.track).toBeNull();
    call.startVideo();
    await settle();
    expect(world.browser.connection.getTransceivers()[1]?.sender.track).toBe(world.browser.captured.at(-1));
    expect(world.browser.captured).toHaveLength(3);
  });

  test('a call that starts without video opens no camera', async () => {
    const { world } = await dialled(false);
    expect(world.browser.captured.map(({ kind }) => kind)).toEqual(['audio']);
  });

  test('another microphone takes the place of the first in a live call', async () => {
    const { world } = await dialled();
    world.browser.devices = [{ kind: 'audioinput', deviceId: 'second', label: 'Second' }];
    world.browser.plug();
    await settle();
    world.client.devices.select('audioinput', world.client.devices.list('audioinput')[0] as MediaDeviceInfo);
    await settle();
    const [first, second] = world.browser.captured;
    expect(first?.isStopped).toBe(true);
    expect(second?.deviceId).toBe('second');
    expect(world.browser.connection.getTransceivers()[0]?.sender.track).toBe(second);
  });

  test('a selection reaches every call at once, and stays muted where it was muted', async () => {
    const { world, call } = await dialled();
    const other = world.dial();
    await settle();
    call.muteMicrophone();
    world.browser.devices = [{ kind: 'audioinput', deviceId: 'second', label: 'Second' }];
    world.browser.plug();
    await settle();
    world.client.devices.select('audioinput', world.client.devices.list('audioinput')[0] as MediaDeviceInfo);
    await settle();
    const [of, ofOther] = world.browser.connections.map((connection) => connection.getTransceivers()[0]?.sender.track);
    expect([of, ofOther].map((track) => [track?.deviceId, track?.enabled, track?.isStopped])).toEqual([['second', false, false], ['second', true, false]]);
    expect(other.localUser.userId).toBe('alice');
    expect(world.browser.captured.slice(0, 2).map(({ isStopped }) => isStopped)).toEqual([true, true]);
  });

  test('a camera that is selected while the video is off stays dark until it is started', async () => {
    const { world, call } = await dialled(true);
    call.stopVideo();
    world.browser.devices = [{ kind: 'videoinput', deviceId: 'second', label: 'Second' }];
    world.browser.plug();
    await settle();
    world.client.devices.select('videoinput', world.client.devices.list('videoinput')[0] as MediaDeviceInfo);
    await settle();
    expect(world.browser.captured).toHaveLength(2);
    call.startVideo();
    await settle();
    expect(world.browser.captured.at(-1)).toMatchObject({ kind: 'video', deviceId: 'second', isStopped: false });
  });

  test('a microphone that is pulled out is replaced by the system’s own, once, whichever is told first', async () => {
    for (const listFirst of [true, false]) {
      const { world } = await dialled();
      world.browser.devices = ['one', 'two'].map((deviceId) => ({ kind: 'audioinput', deviceId, label: deviceId }));
      world.browser.plug();
      await settle();
      world.client.devices.select('audioinput', world.client.devices.list('audioinput')[1] as MediaDeviceInfo);
      await settle();
      world.browser.gone = ['two'];
      world.browser.devices = world.browser.devices.slice(0, 1);
      const track = world.browser.captured.at(-1);
      if (listFirst) world.browser.plug();
      track?.unplug();
      await settle();
      if (!listFirst) world.browser.plug();
      await settle();
      const sent = world.browser.connection.getTransceivers()[0]?.sender.track;
      expect([sent?.deviceId, sent?.isStopped, world.browser.captured.length]).toEqual(['default', false, 3]);
    }
  });

  test('when the last microphone is pulled out, the other side is told that there is no sound', async () => {
    const { world, call } = await dialled();
    world.browser.denied = ['audio'];
    world.browser.captured[0]?.unplug();
    await settle();
    expect([call.isOngoing, call.isLocalAudioEnabled]).toEqual([true, false]);
    expect(world.socket.ofType('set_media').at(-1)?.['media']).toMatchObject({ audio_enabled: false });
  });

  test('nothing stays open after the end', async () => {
    const { world, call } = await dialled(true);
    call.end();
    await settle();
    expect(world.browser.captured.map(({ isStopped }) => isStopped)).toEqual([true, true]);
    expect(world.browser.connection.isClosed).toBe(true);
  });

  test('permission that comes after the end is given back', async () => {
    const world = await World.connected();
    world.dial().end();
    await settle();
    expect(world.browser.captured.every(({ isStopped }) => isStopped)).toBe(true);
  });
});
