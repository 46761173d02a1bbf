/**
 * How long to wait before the next try, in milliseconds: a random part of a second first, so that a server that comes
 * back is not met by everybody at once; then a second; then two, each more or less a quarter.
 */
export function reconnectDelay(failures: number, random: () => number): number {
  if (failures === 0) return random() * 1000;
  return Math.min(failures, 2) * 1000 * (0.75 + random() / 2);
}
