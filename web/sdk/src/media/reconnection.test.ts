import { expect, test } from 'vitest';
import { Reconnection, type Sign } from './reconnection';

/** What follows from signs at times in seconds; between them the clock ticks when it was asked to. */
function outcome(signs: Array<[seconds: number, sign: Sign | 'socket_lost' | 'socket_back']>, untilSeconds: number): string[] {
  const reconnection = new Reconnection();
  const told: string[] = [];
  let canSignal = true;
  const handle = (sign: Sign, at: number) => {
    for (const step of reconnection.handle(sign, at, canSignal)) told.push(`${at / 1000} ${step}`);
  };
  for (const [seconds, sign] of [...signs, [untilSeconds, undefined] as const]) {
    while (reconnection.nextAt <= seconds * 1000) handle('tick', reconnection.nextAt);
    if (sign === 'socket_lost') canSignal = false;
    if (sign === 'socket_back') canSignal = true;
    if (sign !== undefined && sign !== 'socket_lost') handle(sign === 'socket_back' ? 'resumed' : sign, seconds * 1000);
  }
  return told;
}

test('a link that comes up is told once, and then nothing happens', () => {
  expect(outcome([[1, 'connected'], [2, 'connected']], 600)).toEqual(['1 tell_up']);
});

test('a short drop is told, and left to the engine', () => {
  expect(outcome([[0, 'connected'], [10, 'disconnected'], [12, 'connected']], 60)).toEqual(['0 tell_up', '10 tell_down', '12 tell_up']);
});

test('a link that goes down again while it settles is told of only when it stays down', () => {
  const outage: Array<[number, Sign]> = [[0, 'connected'], [10, 'disconnected'], [12, 'connected'], [14, 'disconnected']];
  expect(outcome([...outage, [15, 'connected'], [30, 'disconnected'], [31, 'connected']], 60)).toEqual([
    '0 tell_up', '10 tell_down', '12 tell_up', '15 tell_up', '30 tell_down', '31 tell_up',
  ]);
  expect(outcome(outage, 20)).toEqual(['0 tell_up', '10 tell_down', '12 tell_up', '17 restart', '19 tell_down']);
});

test('a longer one is restarted after three seconds and every eight, however long it lasts', () => {
  expect(outcome([[0, 'connected'], [10, 'disconnected'], [25, 'failed'], [34, 'connected']], 90)).toEqual([
    '0 tell_up', '10 tell_down', '13 restart', '21 restart', '25 restart', '33 restart', '34 tell_up',
  ]);
});

test('a link that has failed is restarted at once', () => {
  expect(outcome([[0, 'connected'], [10, 'failed']], 11)).toEqual(['0 tell_up', '10 tell_down', '10 restart']);
});

test('a first connection that fails is restarted without a word to anybody', () => {
  expect(outcome([[3, 'failed']], 12)).toEqual(['3 restart', '11 restart']);
});

test('another network is one restart, however many signs there are of it', () => {
  const signs: Array<[number, Sign]> = [[0, 'connected'], [10, 'network'], [10.1, 'network'], [10.5, 'disconnected'], [11, 'failed'], [11.5, 'connected']];
  expect(outcome(signs, 60)).toEqual(['0 tell_up', '10 restart', '10.5 tell_down', '11.5 tell_up']);
});

test('a link that is still down two seconds later is restarted again, for what was gathered may be of the old network', () => {
  expect(outcome([[0, 'connected'], [10, 'network'], [10.5, 'disconnected']], 13)).toEqual(['0 tell_up', '10 restart', '10.5 tell_down', '12 restart']);
});

test('half a minute without any network: told once, nothing tried in vain, and restarted the moment the socket is back', () => {
  const signs: Array<[number, Sign | 'socket_lost' | 'socket_back']> = [
    [0, 'connected'], [10, 'disconnected'], [12, 'socket_lost'], [25, 'failed'], [41, 'socket_back'], [42, 'connected'],
  ];
  expect(outcome(signs, 120)).toEqual(['0 tell_up', '10 tell_down', '41 restart', '42 tell_up']);
});

test('a server that restarts does not touch media that flow', () => {
  expect(outcome([[0, 'connected'], [10, 'socket_lost'], [15, 'socket_back']], 120)).toEqual(['0 tell_up']);
});

test('a link that goes down soon after the socket came back is restarted without waiting: the network is another', () => {
  expect(outcome([[0, 'connected'], [10, 'socket_lost'], [11, 'socket_back'], [14, 'disconnected']], 15)).toEqual([
    '0 tell_up', '14 tell_down', '14 restart',
  ]);
});

test('a network that changes while the socket is away is looked at when it is back', () => {
  expect(outcome([[0, 'connected'], [9, 'socket_lost'], [10, 'network'], [14, 'socket_back']], 60)).toEqual(['0 tell_up', '14 restart']);
});

test('late permission makes the engine look again, unless it has connected by then', () => {
  expect(outcome([[1, 'permitted'], [2, 'permitted']], 5)).toEqual(['4 restart']);
  expect(outcome([[1, 'permitted'], [2, 'connected']], 60)).toEqual(['2 tell_up']);
});

test('a tick that comes much too late shows that the machine slept; a little late is only a busy one', () => {
  const reconnection = new Reconnection();
  reconnection.handle('connected', 0, true);
  expect(reconnection.handle('tick', reconnection.nextAt + 4_000, true)).toEqual([]);
  expect(reconnection.handle('tick', reconnection.nextAt + 20_000, true)).toEqual(['tell_woken']);
  // A restart belongs to what whoever is told says then.
  expect(reconnection.handle('failed', reconnection.nextAt + 60_000, true)).toEqual(['tell_down', 'tell_woken']);
});

test('after a sleep a socket that is new, or about to be, is not given up once more', () => {
  for (const sign of ['network', 'resumed'] as const) {
    const reconnection = new Reconnection();
    reconnection.handle('connected', 0, true);
    expect(reconnection.handle(sign, reconnection.nextAt + 60_000, true)).toEqual(['restart']);
  }
});
