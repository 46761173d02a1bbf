/** Moments as `datetime-local` fields write them: the reader's time, to the minute. */

const MINUTE_MS = 60_000;

/** Writes one; nothing for null. */
export function asLocal(at: number | null): string {
  if (at === null) {
    return '';
  }
  const shift = new Date(at).getTimezoneOffset() * MINUTE_MS;
  return new Date(at - shift).toISOString().slice(0, 16);
}

/** Reads one; null for nothing and for what is not yet whole. */
export function fromLocal(words: string): number | null {
  const at = words === '' ? Number.NaN : new Date(words).getTime();
  return Number.isNaN(at) ? null : at;
}
