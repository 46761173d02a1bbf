import type { DirectCall } from 'offhook';
import { expect, test } from 'vitest';

import { front } from './front';

const shownCall = { callId: 'shown' } as DirectCall;
const ringing = { callId: 'ringing' } as DirectCall;
const talking = { face: 'talking', call: shownCall, isOver: false } as const;
const over = { face: 'ended', call: shownCall, isOver: true } as const;

test('a call that goes on stays in front while another rings', () => {
  expect(front(talking, ringing)).toEqual({ face: 'talking', call: shownCall });
});

test('a call that is over makes way for one that rings, and comes back when that stops', () => {
  expect(front(over, ringing)).toEqual({ face: 'ringing', call: ringing });
  expect(front(over, undefined)).toEqual({ face: 'ended', call: shownCall });
});

test('without a stage the call that rings is in front, or none', () => {
  expect(front(null, ringing)).toEqual({ face: 'ringing', call: ringing });
  expect(front(null, undefined)).toEqual({ face: 'idle', call: null });
});
