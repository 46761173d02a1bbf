/** The key that opens the relay's tests. It comes after the #, which browsers send to nobody, and leaves the address at once. */

/** Reads `#key=…`; null if there is none. */
export function keyOf(fragment: string): string | null {
  const key = new URLSearchParams(fragment.replace(/^#/, '')).get('key');
  return key === null || key === '' ? null : key;
}

/** Takes the key out of the address bar and the history. It is kept by nobody but the page that runs. */
export function takeKey(): string | null {
  const key = keyOf(location.hash);
  if (location.hash !== '') {
    history.replaceState(null, '', location.pathname + location.search);
  }
  return key;
}
