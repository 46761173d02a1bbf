import { expect, test } from 'vitest';

import { moment } from './moment';

test('a moment has its tenth, and none is before the dial', () => {
  expect([3_449, 0, 3_599_990, -7].map(moment)).toEqual(['0:03.4', '0:00.0', '59:59.9', '0:00.0']);
});
