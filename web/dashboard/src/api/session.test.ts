import { expect, test } from 'vitest';

import { refusalOf } from './session';

test.each([
  ['owner', 'own', null],
  ['owner', 'write', null],
  ['operator', 'write', null],
  ['operator', 'own', /owner/],
  ['viewer', 'write', /viewer may look/],
  ['viewer', 'own', /Your role is viewer/],
] as const)('a role of %s that is to %s', (role, deed, reason) => {
  const refusal = refusalOf(role, deed);
  if (reason === null) expect(refusal).toBeNull();
  else expect(refusal).toMatch(reason);
});
