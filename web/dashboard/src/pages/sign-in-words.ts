/** What sign-in's refusals mean. */

import type { AskError } from '../api/ask';

/** Name and password are right, and the authenticator's code is missing. */
const CODE_WANTED = 1500103;

/** Whether the same name and password may come again with a code. */
export const isCodeWanted = (error: AskError): boolean => error.code === CODE_WANTED;

/** What the identity provider's way back says in the page's address; null where it was not taken, or went well. */
export function problemOfReturn(search: string): Error | null {
  const problem = new URLSearchParams(search).get('sign_in_problem');
  return problem === null || problem === '' ? null : new Error(problem);
}
