import { expect, test } from 'vitest';

import { queryOf } from './user-search';

test('users are looked for by the beginning of the nickname, or by the whole id', () => {
  expect(queryOf({ by: 'nickname', words: ' al ', active: 'nonsense' }, 50)).toEqual({ limit: 50, active_mode: 'all', nickname_startswith: 'al' });
  expect(queryOf({ by: 'id', words: 'alice', active: 'deactivated' }, 50)).toEqual({ limit: 50, active_mode: 'deactivated', user_ids: 'alice' });
});
