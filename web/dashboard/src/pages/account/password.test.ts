import { expect, test } from 'vitest';

import { problemOfPassword } from './password';

test('a password has 12 to 256 characters, however many bytes they take', () => {
  expect(problemOfPassword('x'.repeat(11))).toMatch(/at least 12 characters, not 11/);
  expect(problemOfPassword('🦊'.repeat(12))).toBeNull();
  expect(problemOfPassword('x'.repeat(256))).toBeNull();
  expect(problemOfPassword('x'.repeat(257))).toMatch(/at most 256/);
});

