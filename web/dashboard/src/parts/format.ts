/** Numbers and times as words: dates as the reader's locale writes them, durations as 4:07 or 1:04:07. */

/** A duration: 0:09, 4:07, 1:04:07. */
export function asDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Bytes: 0 bytes, 1 byte, 512 bytes, 1.2 kB, 34 MB, 1.0 GB. */
export function asBytes(bytes: number): string {
  return bytes < 1000 ? `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}` : withPrefix(bytes, 'B');
}

/** Bits a second: 0 bit/s, 64 kbit/s, 2.4 Mbit/s. */
export function asBitrate(bps: number): string {
  return bps < 1000 ? `${bps} bit/s` : withPrefix(bps, 'bit/s');
}

function withPrefix(value: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];
  let [scaled, step] = [value, 0];
  // What would round to 1000 takes the next prefix.
  while (scaled >= 999.5 && step < prefixes.length - 1) {
    [scaled, step] = [scaled / 1000, step + 1];
  }
  return `${scaled.toFixed(scaled < 9.95 ? 1 : 0)} ${prefixes[step]}${unit}`;
}

/** A count with the locale's separators. */
export function asCount(count: number): string {
  return count.toLocaleString();
}

/** A moment, to the second, as the locale writes it. */
export function asMoment(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** How long ago or ahead a moment is: `just now`, `4 minutes ago`, `in 3 days`. */
export function asDistance(ms: number, now: number): string {
  const seconds = Math.round((ms - now) / 1000);
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const size = Math.abs(seconds);
  if (size < 45) return 'just now';
  if (size < 45 * 60) return format.format(Math.round(seconds / 60), 'minute');
  if (size < 22 * 3600) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86_400), 'day');
}
