/** Figures as these pages write them. */

/** A duration: 4:07, 1:04:07. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A moment of a call, to the tenth of a second: 0:03.4. */
export function moment(milliseconds: number): string {
  const tenths = Math.floor(Math.max(0, milliseconds) / 100);
  return `${clock(tenths * 100)}.${tenths % 10}`;
}

/** A duration for a screen reader: 1 hour 4 minutes 7 seconds. */
export function spoken(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ];
  const words = parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n === 1 ? '' : 's'}`);
  return words.length > 0 ? words.join(' ') : '0 seconds';
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes, in powers of 1000: 0 B, 12.3 kB, 4.56 GB. */
export function bytes(count: number): string {
  const power = Math.min(UNITS.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  // 999.95 kB would be written as 1000 kB.
  if (power < UNITS.length - 1 && Number(value.toPrecision(3)) >= 1000) {
    return `1 ${UNITS[power + 1]}`;
  }
  return `${power === 0 ? value : Number(value.toPrecision(3))} ${UNITS[power]}`;
}

/** Bits a second: 850 bit/s, 64 kbit/s, 1.25 Mbit/s. */
export function rate(bitsPerSecond: number): string {
  if (bitsPerSecond < 1000) {
    return `${Math.round(bitsPerSecond)} bit/s`;
  }
  const isMega = bitsPerSecond >= 999_500;
  const value = bitsPerSecond / (isMega ? 1_000_000 : 1000);
  return `${Number(value.toPrecision(3))} ${isMega ? 'Mbit/s' : 'kbit/s'}`;
}
