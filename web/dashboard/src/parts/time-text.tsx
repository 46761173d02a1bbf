/** Moments and durations in a page. */

import { asDistance, asDuration, asMoment } from './format';

/** A moment as the locale writes it; with `isRelative`, its distance from now, and the moment on hover. */
export function TimeText({ at, isRelative = false }: { at: number; isRelative?: boolean }) {
  const moment = asMoment(at);
  return (
    <time className="figures" dateTime={new Date(at).toISOString()} title={moment}>
      {isRelative ? asDistance(at, Date.now()) : moment}
    </time>
  );
}

/** A duration: 4:07 or 1:04:07. */
export function Duration({ ms }: { ms: number }) {
  return <span className="figures">{asDuration(ms)}</span>;
}
