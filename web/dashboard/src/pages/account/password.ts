/** What a password must be. */

const LEAST = 12;
const MOST = 256;

/** What is wrong with it, as a sentence; null where nothing is. */
export function problemOfPassword(password: string): string | null {
  const length = [...password].length;
  if (length < LEAST) return `The password has at least ${LEAST} characters, not ${length}.`;
  return length > MOST ? `The password has at most ${MOST} characters, not ${length}.` : null;
}
