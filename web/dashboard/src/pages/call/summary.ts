/** What the plots say, in words: for who cannot see them, and for who is in a hurry. */

import type { CallRole } from '../../../../sdk/src/generated/CallRole';
import type { TimelineSide } from '../../generated/TimelineSide';
import { asBitrate, asDuration } from '../../parts/format';
import { type Figure, valueOf } from './series';

/** The sample of a call that was worst for whom it was measured by. */
export interface Worst {
  role: CallRole;
  second: number;
  /** How bad, by the figure that shows it. */
  words: string;
  isBad: boolean;
}

/** From which score on a connection is called so; the SDK's words. */
const SCORES: readonly [from: number, word: string][] = [
  [4.3, 'excellent'],
  [4.0, 'good'],
  [3.6, 'average'],
  [3.1, 'fair'],
  [0, 'poor'],
];
/** Below it people complain. */
const BAD_SCORE = 3.6;

/** A score in a word. */
export function scoreInWords(mos: number): string {
  return SCORES.find(([from]) => mos >= from)?.[1] ?? 'poor';
}

/** The unit's words behind a figure. */
export function figureInWords(figure: Figure, value: number): string {
  switch (figure) {
    case 'mos':
      return value.toFixed(2);
    case 'round_trip':
    case 'jitter':
      return `${Math.round(value)} ms`;
    case 'lost':
      return `${value.toFixed(1)} %`;
    case 'sent':
    case 'received':
      return asBitrate(value);
  }
}

/** What a figure is called. */
export const NAMES: Readonly<Record<Figure, string>> = {
  mos: 'Score (MOS)',
  round_trip: 'Round trip',
  lost: 'Loss',
  jitter: 'Jitter',
  sent: 'Sent',
  received: 'Received',
};

/** The worst moment of a call: by score where there is one, else by loss. Null, where nothing was measured. */
export function worstMoment(sides: readonly TimelineSide[]): Worst | null {
  const all = sides.flatMap(({ role, samples }) => samples.map((sample) => ({ role, sample })));
  const by = (figure: Figure, isWorse: (value: number, worst: number) => boolean) =>
    all.reduce<{ role: CallRole; second: number; value: number } | null>((worst, { role, sample }) => {
      const value = valueOf(sample, figure);
      if (value === undefined || (worst !== null && !isWorse(value, worst.value))) {
        return worst;
      }
      return { role, second: sample.second, value };
    }, null);
  const score = by('mos', (value, worst) => value < worst);
  if (score !== null) {
    const words = `a score of ${score.value.toFixed(2)}, ${scoreInWords(score.value)}`;
    return { role: score.role, second: score.second, words, isBad: score.value < BAD_SCORE };
  }
  const loss = by('lost', (value, worst) => value > worst);
  return loss === null
    ? null
    : { role: loss.role, second: loss.second, words: `${figureInWords('lost', loss.value)} lost`, isBad: loss.value >= 5 };
}

/** The worst moment as a sentence, or that nothing was measured. */
export function worstInWords(sides: readonly TimelineSide[]): string {
  const worst = worstMoment(sides);
  if (worst === null) {
    return 'Nothing was measured. Devices measure once media flows, every ten seconds.';
  }
  const side = worst.role === 'dc_caller' ? 'caller' : 'callee';
  return `Worst moment: at ${asDuration(worst.second * 1000)} for the ${side}, ${worst.words}.`;
}

/** Middle, least and most of what a side measured. */
export interface Range {
  median: number;
  least: number;
  most: number;
}

/** What a side's samples say of a figure; null where they say nothing. */
export function rangeOf({ samples }: Pick<TimelineSide, 'samples'>, figure: Figure): Range | null {
  const values = samples.flatMap((sample) => valueOf(sample, figure) ?? []).sort((a, b) => a - b);
  const [least, most] = [values[0], values.at(-1)];
  const [low, high] = [values[Math.floor((values.length - 1) / 2)], values[Math.floor(values.length / 2)]];
  if (least === undefined || most === undefined || low === undefined || high === undefined) {
    return null;
  }
  return { median: (low + high) / 2, least, most };
}

/** What a plot shows, as a sentence. */
export function plotInWords(figure: Figure, sides: readonly TimelineSide[]): string {
  const parts = sides.flatMap((side) => {
    const range = rangeOf(side, figure);
    const who = side.role === 'dc_caller' ? 'caller' : 'callee';
    const say = (value: number) => figureInWords(figure, value);
    return range === null ? [] : [`${who} median ${say(range.median)}, from ${say(range.least)} to ${say(range.most)}`];
  });
  return `${NAMES[figure]}: ${parts.join('; ') || 'not measured'}.`;
}
