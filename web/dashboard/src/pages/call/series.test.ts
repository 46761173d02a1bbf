import { expect, test } from 'vitest';

import type { TimelineSample } from '../../generated/TimelineSample';
import type { TimelineSide } from '../../generated/TimelineSide';
import { freezesOf, plotsOf, sampleAt } from './series';
import { plotInWords, rangeOf, scoreInWords, worstInWords, worstMoment } from './summary';

test('both sides share one scale, and a moment of one says nothing of the other', () => {
  const [plot] = plotsOf(sides([score(10, 440), score(20, 430)], [score(12, 410)]));
  expect(plot).toEqual({ figure: 'mos', seconds: [10, 12, 20], caller: [4.4, undefined, 4.3], callee: [undefined, 4.1, undefined] });
});

test('where nothing was measured there is a gap', () => {
  const [plot] = plotsOf(sides([score(10, 440), score(20, 440), score(60, 440)], []));
  expect(plot?.seconds).toEqual([10, 20, 21, 60]);
  expect(plot?.caller).toEqual([4.4, 4.4, null, 4.4]);
});

test('a gap of one side lasts over the moments of the other', () => {
  const [plot] = plotsOf(sides([score(10, 440), score(60, 440)], [score(12, 410), score(22, 410), score(62, 410)]));
  expect(plot?.seconds).toEqual([10, 11, 12, 22, 23, 60, 62]);
  expect(plot?.caller).toEqual([4.4, null, null, null, null, 4.4, undefined]);
  expect(plot?.callee).toEqual([undefined, undefined, 4.1, 4.1, null, null, 4.1]);
});

test('a sample that does not know a figure is a gap in it, and a figure that nobody knows has no plot', () => {
  const plots = plotsOf(sides([{ second: 10, jitter_ms: 3, lost_per_mille: 15 }, { second: 20, jitter_ms: 4 }], []));
  expect(plots.map(({ figure }) => figure)).toEqual(['lost', 'jitter']);
  expect(plots[0]?.caller).toEqual([1.5, null]);
});

test('a call without samples has no plots, and says so', () => {
  expect(plotsOf(sides([], []))).toEqual([]);
  expect(plotsOf([])).toEqual([]);
  expect(worstMoment(sides([], []))).toBeNull();
  expect(worstInWords(sides([], []))).toMatch(/^Nothing was measured/);
  expect(plotInWords('mos', sides([], []))).toBe('Score (MOS): not measured.');
});

test('the nearest sample tells of a moment, unless it is far', () => {
  const samples = [score(10, 440), score(20, 430)];
  expect(sampleAt(samples, 14)?.second).toBe(10);
  expect(sampleAt(samples, 16)?.second).toBe(20);
  expect(sampleAt(samples, 40)).toBeUndefined();
  expect(sampleAt([], 0)).toBeUndefined();
});

test('the worst moment is that of the lowest score, and names whom it hurt', () => {
  const worst = sides([score(10, 440), score(20, 350)], [score(70, 210), score(80, 400)]);
  expect(worstInWords(worst)).toBe('Worst moment: at 1:10 for the callee, a score of 2.10, poor.');
  expect(worstMoment(worst)?.isBad).toBe(true);
});

test('without scores the worst moment is that of the highest loss', () => {
  const lost = sides([{ second: 5, lost_per_mille: 2 }, { second: 15, lost_per_mille: 73 }], []);
  expect(worstInWords(lost)).toBe('Worst moment: at 0:15 for the caller, 7.3 % lost.');
});

test('a plot is told by the middle and the ends of both sides', () => {
  const told = sides([{ second: 1, round_trip_ms: 40 }, { second: 2, round_trip_ms: 20 }], [{ second: 1, round_trip_ms: 31 }]);
  expect(rangeOf(told[0] as TimelineSide, 'round_trip')).toEqual({ median: 30, least: 20, most: 40 });
  expect(plotInWords('round_trip', told)).toBe(
    'Round trip: caller median 30 ms, from 20 ms to 40 ms; callee median 31 ms, from 31 ms to 31 ms.',
  );
});

test('freezes are found on the side that saw them', () => {
  const frozen = sides([{ second: 4, freezes: 0 }], [{ second: 9, freezes: 2 }]);
  expect(freezesOf(frozen)).toEqual([{ second: 9, role: 'dc_callee', freezes: 2 }]);
});

test.each([
  [4.5, 'excellent'],
  [4.3, 'excellent'],
  [4.29, 'good'],
  [3.6, 'average'],
  [3.1, 'fair'],
  [1, 'poor'],
])('a score of %f is %s', (mos, word) => expect(scoreInWords(mos)).toBe(word));

function score(second: number, mos_hundredths: number): TimelineSample {
  return { second, mos_hundredths };
}

function sides(caller: TimelineSample[], callee: TimelineSample[]): TimelineSide[] {
  const side = { user_id: 'x', sent_relayed_bytes: 0, received_relayed_bytes: 0 };
  return [
    { ...side, role: 'dc_caller', samples: caller },
    { ...side, role: 'dc_callee', samples: callee },
  ];
}
