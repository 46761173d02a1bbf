/** One figure of both sides over the call. */

import { useMemo } from 'react';
import type uPlot from 'uplot';

import type { TimelineSide } from '../../generated/TimelineSide';
import { Chart } from './chart';
import { asDuration } from '../../parts/format';
import type { Palette } from './palette';
import { type Figure, type Plot, sampleAt, valueOf } from './series';
import { figureInWords, NAMES, plotInWords } from './summary';

const HEIGHT = 148;
/** Round distances between ticks, in seconds. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];

/** The least that a scale reaches to, so that noise does not look like trouble. */
const AT_LEAST: Readonly<Record<Figure, number>> = { mos: 4.5, round_trip: 50, lost: 2, jitter: 10, sent: 10_000, received: 10_000 };

interface Props {
  plot: Plot;
  sides: readonly TimelineSide[];
  /** The end of the scale, in seconds. */
  length: number;
  palette: Palette;
  /** The second that is looked at; null: none. */
  cursor: number | null;
  freezes: readonly number[];
  onCursor: (second: number | null) => void;
  onChart: (figure: Figure, chart: uPlot | null) => void;
}

export function QualityPlot({ plot, sides, length, palette, cursor, freezes, onCursor, onChart }: Props) {
  const { figure } = plot;
  const options = useMemo(() => optionsOf(figure, length, palette, freezes, onCursor), [figure, length, palette, freezes, onCursor]);
  const data = useMemo(() => [plot.seconds, plot.caller, plot.callee] as uPlot.AlignedData, [plot]);
  const keep = useMemo(() => (chart: uPlot | null) => onChart(figure, chart), [figure, onChart]);
  return (
    <figure className="quality-plot">
      <figcaption>
        <strong>{NAMES[figure]}</strong>
        {sides.map((side) => (
          <Reading key={side.role} side={side} figure={figure} cursor={cursor} />
        ))}
      </figcaption>
      <Chart options={options} data={data} height={HEIGHT} label={plotInWords(figure, sides)} onChart={keep} />
    </figure>
  );
}

/** What a side measured at the cursor; without one, at last. */
function Reading({ side, figure, cursor }: { side: TimelineSide; figure: Figure; cursor: number | null }) {
  const sample = cursor === null ? side.samples.at(-1) : sampleAt(side.samples, cursor);
  const value = sample && valueOf(sample, figure);
  const isCaller = side.role === 'dc_caller';
  return (
    <span className={`reading ${isCaller ? 'caller' : 'callee'}`}>
      <span className="key" aria-hidden="true" />
      <span className="quiet">{isCaller ? 'Caller' : 'Callee'}</span> {value === undefined ? '–' : figureInWords(figure, value)}
    </span>
  );
}

function optionsOf(
  figure: Figure,
  length: number,
  palette: Palette,
  freezes: readonly number[],
  onCursor: (second: number | null) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const axis = { stroke: palette.quiet, font: '11px system-ui, sans-serif', ticks: { show: false } };
  const line = { width: 1.5, points: { size: 5 } };
  return {
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      sync: { key: 'call' },
      drag: { setScale: false, x: false, y: false },
      points: { show: false },
    },
    scales: {
      x: { time: false, range: [0, Math.max(1, length)] },
      y: { range: (_, __, most) => (figure === 'mos' ? [1, 4.5] : [0, Math.max(AT_LEAST[figure], (most ?? 0) * 1.05)]) },
    },
    axes: [
      { ...axis, size: 28, grid: { show: false }, values: (_, splits) => splits.map((second) => asDuration(second * 1000)), incrs: STEPS_S, space: 56 },
      {
        ...axis,
        size: 68,
        grid: { stroke: palette.line, width: 1 },
        values: (_, splits) => splits.map((value) => tickInWords(figure, value)),
        space: 28,
      },
    ],
    series: [
      {},
      { ...line, label: 'Caller', stroke: palette.accent, points: { ...line.points, fill: palette.accent } },
      { ...line, label: 'Callee', stroke: palette.ink, dash: [5, 4], points: { ...line.points, fill: palette.surface } },
    ],
    hooks: {
      // A picture that froze is a mark at the bottom.
      draw: [
        (chart) => {
          const { ctx, bbox } = chart;
          ctx.save();
          ctx.fillStyle = palette.bad;
          const size = 5 * devicePixelRatio;
          for (const second of freezes) {
            const x = chart.valToPos(second, 'x', true);
            ctx.beginPath();
            ctx.moveTo(x - size, bbox.top + bbox.height);
            ctx.lineTo(x + size, bbox.top + bbox.height);
            ctx.lineTo(x, bbox.top + bbox.height - 1.6 * size);
            ctx.fill();
          }
          ctx.restore();
        },
      ],
      setCursor: [
        (chart) => {
          const { left = -1, event } = chart.cursor as uPlot.Cursor & { event?: MouseEvent };
          // Only who is pointed at says where; the others follow.
          if (event !== undefined && event !== null) {
            onCursor(left < 0 ? null : chart.posToVal(left, 'x'));
          }
        },
      ],
    },
  };
}

function tickInWords(figure: Figure, value: number): string {
  return figure === 'mos' || figure === 'lost' ? `${value}${figure === 'lost' ? ' %' : ''}` : figureInWords(figure, value);
}
