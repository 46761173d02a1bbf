import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Incoming, PeerLink } from './peer-link';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface End {
  link: PeerLink;
  got: string[];
}

/** Two links; `carry` says what becomes of each message on its way: none, one or several copies. */
function pair(carry: (body: string) => string[]): { caller: End; callee: End } {
  const make = (isCallee: boolean, other: () => End): End => {
    const got: string[] = [];
    const deliver = (message: Incoming) => void got.push(message.kind === 'offer' ? message.sdp : message.kind);
    const link = new PeerLink(isCallee, (body) => {
      for (const copy of carry(body)) queueMicrotask(() => other().link.handle(isCallee ? 'callee' : 'caller', copy));
    }, deliver);
    return { link, got };
  };
  const caller: End = make(false, () => callee);
  const callee: End = make(true, () => caller);
  return { caller, callee };
}

const offer = (sdp: string) => ({ kind: 'offer', generation: 0, connection: 0, sdp }) as const;
const letters = [...'abcdefghijklmnop'];

test('every message arrives once and in order, however often the way between loses and repeats', async () => {
  let n = 0;
  const { caller, callee } = pair((body) => {
    n += 1;
    return n % 3 === 0 ? [] : n % 4 === 0 ? [body, body] : [body];
  });
  caller.link.open();
  callee.link.open();
  for (const letter of letters) caller.link.post(offer(letter));
  await vi.advanceTimersByTimeAsync(120_000);
  expect(callee.got).toEqual(letters);
});

test('messages that overtake each other are put in order', () => {
  const got: string[] = [];
  const link = new PeerLink(false, () => undefined, (message) => void got.push(String(message.seq)));
  link.open();
  for (const seq of [3, 1, 2, 2, 5, 4]) link.handle('device', JSON.stringify({ kind: 'restart', seq }));
  expect(got).toEqual(['1', '2', '3', '4', '5']);
});

test('each device of the other side counts for itself', () => {
  const got: string[] = [];
  const link = new PeerLink(false, () => undefined, (message) => void got.push(message.kind));
  link.open();
  link.handle('one', JSON.stringify({ kind: 'restart', seq: 1 }));
  link.handle('two', JSON.stringify({ kind: 'restart', seq: 1 }));
  expect(got).toEqual(['restart', 'restart']);
});

test('before accept a callee sends nothing but need', async () => {
  const sent: string[] = [];
  const link = new PeerLink(true, (body) => void sent.push(JSON.parse(body).kind), () => undefined);
  link.handle('caller', JSON.stringify({ kind: 'offer', seq: 1, generation: 0, connection: 0, sdp: 'x' }));
  link.handle('caller', JSON.stringify({ kind: 'restart', seq: 3 }));
  link.resume();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(new Set(sent)).toEqual(new Set(['need']));
  link.open();
  expect(sent).toContain('ack');
});

test('a callee that joins late gets the offer by asking', async () => {
  const { caller, callee } = pair((body) => [body]);
  callee.link.close();
  caller.link.post(offer('early'));
  await vi.advanceTimersByTimeAsync(0);
  const late: string[] = [];
  const link = new PeerLink(true, (body) => caller.link.handle('late', body), (message) => void late.push(message.kind));
  const bodies: string[] = [];
  const asking = new PeerLink(false, (body) => bodies.push(body), () => undefined);
  asking.post(offer('early'));
  asking.handle('late', JSON.stringify({ kind: 'need', seq: 1 }));
  for (const body of bodies) link.handle('caller', body);
  expect(bodies).toHaveLength(2);
  expect(late).toEqual(['offer']);
});

test('what was acknowledged is not sent again, what was not is', async () => {
  const sent: number[] = [];
  const link = new PeerLink(false, (body) => void sent.push(JSON.parse(body).seq), () => undefined);
  link.post(offer('a'));
  link.post(offer('b'));
  link.open();
  link.handle('callee', JSON.stringify({ kind: 'ack', seq: 1 }));
  sent.length = 0;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toEqual([2]);
  link.handle('callee', JSON.stringify({ kind: 'ack', seq: 2 }));
  sent.length = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toEqual([]);
});

test('a caller takes nothing but need until somebody has accepted', () => {
  const got: string[] = [];
  const sent: string[] = [];
  const link = new PeerLink(false, (body) => void sent.push(body), (message) => void got.push(message.kind));
  link.post(offer('first'));
  for (const early of [{ kind: 'answer', seq: 1, generation: 0, connection: 0, sdp: 'v=0' }, { kind: 'restart', seq: 1 }, { kind: 'ack', seq: 1 }])
    link.handle('impatient', JSON.stringify(early));
  expect(got).toEqual([]);
  sent.length = 0;
  link.handle('honest', JSON.stringify({ kind: 'need', seq: 1 }));
  expect(sent).toHaveLength(1);
  link.open();
  link.handle('honest', JSON.stringify({ kind: 'answer', seq: 1, generation: 0, connection: 0, sdp: 'v=0' }));
  expect(got).toEqual(['answer']);
});

test('an answer that comes before its caller knows of the accept is there as soon as it does, and none is taken before', async () => {
  const { caller, callee } = pair((body) => [body]);
  caller.link.post(offer('first'));
  callee.link.open();
  callee.link.post({ kind: 'answer', generation: 0, sdp: 'v=0' });
  callee.link.post({ kind: 'candidates', generation: 0, candidates: [] });
  await vi.advanceTimersByTimeAsync(0);
  expect(caller.got).toEqual([]);
  caller.link.open();
  await vi.advanceTimersByTimeAsync(0);
  expect(caller.got).toEqual(['answer', 'candidates']);
});

test('what a device that has not accepted said is not taken later, either, and what the one that has says is', () => {
  const got: string[] = [];
  const link = new PeerLink(false, () => undefined, (message) => void got.push(message.kind === 'answer' ? message.sdp : message.kind));
  const answer = (sdp: string) => JSON.stringify({ kind: 'answer', seq: 1, generation: 0, sdp });
  link.handle('impatient', answer('of nobody'));
  link.open();
  link.handle('honest', answer('of the callee'));
  expect(got).toEqual(['of the callee']);
});

test('a number that is missing is asked for once, and again when the time for repetitions has come', async () => {
  const { link, sent } = watched();
  for (let seq = 2; seq < 40; seq += 1) {
    link.handle('device', restart(seq));
    await vi.advanceTimersByTimeAsync(20);
  }
  expect(sent).toEqual(['need']);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toEqual(['need', 'need']);
});

test('whatever is made of its numbers, a peer is answered at a bearable pace, and in the end knows what has arrived', async () => {
  const { link, sent } = watched();
  const inPairs = Array.from({ length: 60 }, (_, n) => (n % 2 === 0 ? n + 2 : n));
  for (const seq of inPairs) {
    link.handle('device', restart(seq));
    await vi.advanceTimersByTimeAsync(1_000 / inPairs.length);
  }
  expect(sent.length).toBeLessThanOrEqual(22);
  await vi.advanceTimersByTimeAsync(100);
  expect(link.acked()).toBe(60);
});

test('what is asked for again and again is sent with a pause that grows with it, and all who asked meanwhile have it then', async () => {
  const { link, sent } = watched();
  link.post(offer('a'));
  link.post(offer('b'));
  sent.length = 0;
  for (let n = 0; n < 100; n += 1) link.handle('one', JSON.stringify({ kind: 'need', seq: 2 }));
  expect(sent).toEqual(['offer']);
  link.handle('two', JSON.stringify({ kind: 'need', seq: 1 }));
  await vi.advanceTimersByTimeAsync(60);
  expect(sent).toEqual(['offer']);
  await vi.advanceTimersByTimeAsync(5);
  expect(sent).toEqual(['offer', 'offer', 'offer']);
});

test('a peer that acknowledges nothing gets a part at a time, and one that does gets all', async () => {
  const { link, sent } = watched();
  for (let n = 0; n < 100; n += 1) link.post(offer(String(n)));
  sent.length = 0;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toHaveLength(32);
  for (let n = 1; n < 4; n += 1) {
    link.handle('device', JSON.stringify({ kind: 'ack', seq: n * 32 }));
    await vi.advanceTimersByTimeAsync(4_000);
  }
  expect(new Set(link.seqs()).size).toBe(100);
});

test('garbage changes nothing', () => {
  const got: string[] = [];
  const link = new PeerLink(false, () => undefined, (message) => void got.push(message.kind));
  link.open();
  for (const body of ['', 'null', '[]', '{"kind":"offer"}', '{"seq":"1"}', ...['1e999', '1.5', 'null', '[1]'].map((seq) => `{"kind":"restart","seq":${seq}}`)]) link.handle('device', body);
  for (const field of ['"generation":"0"', '"generation":1e999', '"connection":{}']) link.handle('device', `{"kind":"offer","seq":1,${field}}`);
  link.handle('device', JSON.stringify({ kind: 'restart', seq: 1 }));
  expect(got).toEqual(['restart']);
});

const restart = (seq: number) => JSON.stringify({ kind: 'restart', seq });

/** A caller's link of an accepted call, and the kinds of what it sends. */
function watched() {
  const sent: string[] = [];
  const bodies: Array<{ kind: string; seq: number }> = [];
  const link = new PeerLink(false, (body) => {
    bodies.push(JSON.parse(body));
    sent.push(JSON.parse(body).kind);
  }, () => undefined);
  link.open();
  return {
    sent,
    link: Object.assign(link, {
      acked: () => bodies.filter(({ kind }) => kind === 'ack').at(-1)?.seq,
      seqs: () => bodies.slice(100).map(({ seq }) => seq),
    }),
  };
}
