import { expect, test } from 'vitest';

import { attemptsInWords, eventInWords, problemOfUrl, stateInWords, stateOf } from './deliveries';

test('what waits says whether it was tried', () => {
  expect(stateInWords({ state: 'waiting', attempts: 0 })).toEqual({ word: 'Waiting', tone: 'quiet' });
  expect(stateInWords({ state: 'waiting', attempts: 2 })).toEqual({ word: 'Retrying', tone: 'warning' });
  expect(stateInWords({ state: 'dead', attempts: 20 }).word).toBe('Given up');
  expect([0, 1, 7].map(attemptsInWords)).toEqual(['Not sent yet', 'Sent once', 'Sent 7 times']);
});

test('an event that is not known is shown by its name', () => {
  expect([eventInWords('direct_call:end'), eventInWords('room:create')]).toEqual(['Ended', 'room:create']);
});

test('a filter that is none wants all', () => {
  expect(stateOf(new URLSearchParams('state=dead'))).toBe('dead');
  expect(stateOf(new URLSearchParams('state=lost'))).toBe('');
});

test.each([
  ['https://hooks.example.org/calls', true, null],
  ['', false, null],
  ['', true, 'Say where events are told, or switch them off.'],
  ['hooks.example.org', true, 'This is no address. Write one that begins with https://.'],
  ['http://hooks.internal:9000', true, null],
  ['ftp://hooks.example.org', true, 'Events are told over https only.'],
  ['https://name:word@hooks.example.org', false, 'No name and no password may be in the address.'],
])('%s, enabled %s: %s', (url, isEnabled, problem) => expect(problemOfUrl(url, isEnabled)).toBe(problem));
