/** What devices measured, as plots: both sides on one scale of seconds, with gaps where nothing was measured. */

import type { CallRole } from '../../../../sdk/src/generated/CallRole';
import type { TimelineSample } from '../../generated/TimelineSample';
import type { TimelineSide } from '../../generated/TimelineSide';

/** A figure that is plotted for both sides. */
export type Figure = 'mos' | 'round_trip' | 'lost' | 'jitter' | 'sent' | 'received';

/** A value; null is a gap; undefined says nothing, since the moment is the other side's. */
export type Point = number | null | undefined;

/** Aligned as uPlot takes it: the seconds, then a list of points for each side. */
export interface Plot {
  figure: Figure;
  seconds: number[];
  caller: Point[];
  callee: Point[];
}

/** Devices measure every ten seconds and send three together: what is further apart was not measured. */
export const GAP_S = 25;

const READ: Readonly<Record<Figure, (sample: TimelineSample) => number | undefined>> = {
  mos: ({ mos_hundredths }) => scaled(mos_hundredths, 100),
  round_trip: ({ round_trip_ms }) => round_trip_ms,
  lost: ({ lost_per_mille }) => scaled(lost_per_mille, 10),
  jitter: ({ jitter_ms }) => jitter_ms,
  sent: ({ sent_bps }) => sent_bps,
  received: ({ received_bps }) => received_bps,
};

/** All of them, in the order in which they are shown. */
export const FIGURES = Object.keys(READ) as Figure[];

/** What a sample says of a figure: a score, milliseconds, percent, bits a second. */
export function valueOf(sample: TimelineSample, figure: Figure): number | undefined {
  return READ[figure](sample);
}

/** The plots for which a side has at least one value. */
export function plotsOf(sides: readonly TimelineSide[]): Plot[] {
  const samplesOf = (role: CallRole) => sides.find((side) => side.role === role)?.samples ?? [];
  const [caller, callee] = [withGaps(samplesOf('dc_caller')), withGaps(samplesOf('dc_callee'))];
  const seconds = [...new Set([...caller.keys(), ...callee.keys()])].sort((a, b) => a - b);
  return FIGURES.map((figure) => ({
    figure,
    seconds,
    caller: pointsOf(seconds, caller, figure),
    callee: pointsOf(seconds, callee, figure),
  })).filter((plot) => [...plot.caller, ...plot.callee].some((point) => typeof point === 'number'));
}

/** Samples by their second. Between two that are too far apart there is a second that says null. */
function withGaps(samples: readonly TimelineSample[]): Map<number, TimelineSample | null> {
  const bySecond = new Map<number, TimelineSample | null>();
  let before: number | null = null;
  for (const sample of samples) {
    if (before !== null && sample.second - before > GAP_S) {
      bySecond.set(before + 1, null);
    }
    bySecond.set(sample.second, sample);
    before = sample.second;
  }
  return bySecond;
}

/** A gap lasts until the next value: what is undefined in it would be drawn over. */
function pointsOf(seconds: number[], bySecond: Map<number, TimelineSample | null>, figure: Figure): Point[] {
  let isInGap = false;
  return seconds.map((second) => {
    const sample = bySecond.get(second);
    if (sample === undefined) {
      return isInGap ? null : undefined;
    }
    const value = sample === null ? null : (READ[figure](sample) ?? null);
    isInGap = value === null;
    return value;
  });
}

function scaled(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value / by;
}

/** The sample that tells of a moment: the first that ended at or after it, if it is not too far. */
export function sampleAt(samples: readonly TimelineSample[], second: number): TimelineSample | undefined {
  const nearest = samples.reduce<TimelineSample | undefined>((best, sample) => {
    const isNearer = best === undefined || Math.abs(sample.second - second) < Math.abs(best.second - second);
    return isNearer ? sample : best;
  }, undefined);
  return nearest !== undefined && Math.abs(nearest.second - second) <= GAP_S / 2 ? nearest : undefined;
}

/** Where a side's picture froze. */
export function freezesOf(sides: readonly TimelineSide[]): { second: number; role: CallRole; freezes: number }[] {
  return sides.flatMap(({ role, samples }) =>
    samples.flatMap(({ second, freezes = 0 }) => (freezes > 0 ? [{ second, role, freezes }] : [])),
  );
}
