/** What is asked of the server when users are looked for. */

import type { Query } from '../../api/ask';

/** What stands above the list. */
export interface UserSearch {
  by: 'nickname' | 'id';
  words: string;
  active: string;
}

/** The request's query, for pages of `limit`. */
export function queryOf({ by, words, active }: UserSearch, limit: number): Query {
  const mode = ['activated', 'deactivated'].includes(active) ? active : 'all';
  const found = words.trim();
  return { limit, active_mode: mode, [by === 'id' ? 'user_ids' : 'nickname_startswith']: found };
}
