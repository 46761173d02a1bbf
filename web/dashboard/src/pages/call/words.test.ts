import { expect, test } from 'vitest';

import type { DirectCall } from '../../generated/DirectCall';
import { happeningInWords, outcome, pathInWords, story } from './words';

test.each([
  ['completed', 'Completed', 'good'],
  ['connection_lost', 'Dropped', 'bad'],
  ['no_answer', 'Missed', 'quiet'],
  ['timed_out', 'Timed out', 'bad'],
  ['unknown', 'Interrupted', 'bad'],
])('%s is called %s', (end_result, word, tone) => {
  expect(outcome({ state: 'ended', end_result } as DirectCall)).toEqual({ word, tone });
});

test('a call that lives says where it stands', () => {
  expect(outcome({ state: 'established' } as DirectCall)).toEqual({ word: 'Connecting', tone: 'live' });
});

test('a story names people by their names, else by their ids', () => {
  expect(story(call({ end_result: 'declined' }))).toBe('ben declined.');
  expect(story(call({ end_result: 'completed', ended_by: 'anna' }))).toBe('Anna hung up.');
  expect(story(call({ end_result: 'completed' }))).toBe('The call was ended.');
  expect(story(call({ end_result: 'not_connected', ended_by: 'ben' }))).toBe('ben ended it before media was connected.');
  expect(story(call({ state: 'connected' }))).toBe('Anna and ben are talking.');
});

test('a happening is a sentence, and a word that is not known is shown as it came', () => {
  expect(happeningInWords({ at: 0, happening: 'path_changed', role: 'dc_callee', detail: 'relayed' })).toBe('Callee: the path is relayed');
  expect(happeningInWords({ at: 0, happening: 'ended', detail: 'connection_lost' })).toBe('Ended: dropped');
  expect(happeningInWords({ at: 0, happening: 'camera_turned', role: 'dc_caller', detail: 'left' })).toBe('Caller: camera turned: left');
});

test('a path is told, or that it is not known', () => {
  expect([pathInWords('direct'), pathInWords(undefined)]).toEqual(['Direct', 'Not known']);
});

function call(more: Partial<DirectCall>): DirectCall {
  return {
    state: 'ended',
    participants: [
      { user_id: 'anna', role: 'dc_caller', nickname: 'Anna', profile_url: '' },
      { user_id: 'ben', role: 'dc_callee', nickname: '', profile_url: '' },
    ],
    ...more,
  } as DirectCall;
}
