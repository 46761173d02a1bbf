import { expect, test } from 'vitest';

import { banners, type Circumstances } from './banners';

const QUIET: Circumstances = {
  peer: 'Bob',
  isReconnecting: false,
  isHeldHere: false,
  isHeldThere: false,
  isSharing: false,
  isRecording: false,
  isRecordedThere: false,
  lacksCamera: false,
  lacksMicrophone: false,
  remark: '',
};

test('a call that goes well says nothing', () => {
  expect(banners(QUIET)).toEqual([]);
});

test.each<[Partial<Circumstances>, string]>([
  [{ lacksCamera: true }, 'No camera was found. The call goes on with sound.'],
  [{ lacksMicrophone: true }, 'No microphone was found. You can hear Bob, who does not hear you.'],
  [{ isHeldHere: true }, 'You have put Bob on hold.'],
  [{ isHeldThere: true }, 'Bob has put you on hold.'],
  [{ isHeldHere: true, isHeldThere: true }, 'You and Bob have put the call on hold.'],
  [{ isSharing: true }, 'Bob sees your screen.'],
  [{ isRecordedThere: true }, 'Bob is recording this call.'],
])('%o is told in one sentence', (circumstances, sentence) => {
  expect(banners({ ...QUIET, ...circumstances })).toEqual([sentence]);
});

test('the network comes first, recording last', () => {
  expect(banners({ ...QUIET, isRecording: true, isReconnecting: true, remark: 'The screen cannot be shared.' })).toEqual([
    'Reconnecting. The call goes on when the network is back.',
    'The screen cannot be shared.',
    'You are recording this call.',
  ]);
});
