import { expect, test } from 'vitest';

import { faceInWords, problemOfDevices } from './words';

test('each face of a call has its sentence, and before a call the page says what is needed', () => {
  expect(faceInWords('ringing')).toBe('It rings. Answer on one of the devices.');
  expect(faceInWords('idle')).toMatch(/microphone/);
});

test('a page without a secure origin says why it cannot call', () => {
  expect(problemOfDevices(true)).toBeNull();
  expect(problemOfDevices(false)).toMatch(/https/);
});
