/** Minutes by day, as bars. */

import { useMemo, useState } from 'react';
import uPlot from 'uplot';

import type { UsageReport } from '../../generated/UsageReport';
import type { UsageRow } from '../../generated/UsageRow';
import { asCount } from '../../parts/format';
import { Chart } from '../call/chart';
import { usePalette } from '../call/palette';
import { barsOf, chartInWords, dayName, minutes, type Time } from './report';

const HEIGHT = 220;
const paths = uPlot.paths.bars?.({ size: [0.72, 48], radius: 0.12 });
const BARS = paths === undefined ? {} : { paths };

export function UsageChart({ time, report }: { time: Time; report: UsageReport }) {
  const palette = usePalette();
  const [pointed, setPointed] = useState<string | null>(null);
  const data = useMemo(() => barsOf(time, report.rows, (row) => row.participant_ms / 60_000) as uPlot.AlignedData, [time, report]);
  const options = useMemo(
    (): Omit<uPlot.Options, 'width' | 'height'> => ({
      padding: [8, 8, 0, 0],
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
      scales: {
        // Half a day more on either side: bars stand in the middle of their day's start.
        x: { range: (_, least, most) => [least - 43_200, most + 43_200] },
        y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] },
      },
      axes: [
        {
          stroke: palette.quiet,
          font: '11px system-ui, sans-serif',
          size: 30,
          space: 64,
          grid: { show: false },
          ticks: { show: false },
          incrs: [86_400, 2 * 86_400, 7 * 86_400, 14 * 86_400, 28 * 86_400, 91 * 86_400, 182 * 86_400, 365 * 86_400],
          values: (_, splits) => splits.map((seconds) => shortDay(seconds * 1000)),
        },
        {
          stroke: palette.quiet,
          font: '11px system-ui, sans-serif',
          size: 64,
          space: 32,
          grid: { stroke: palette.line, width: 1 },
          ticks: { show: false },
          values: (_, splits) => splits.map((value) => value.toLocaleString()),
        },
      ],
      series: [
        {},
        {
          label: 'Participant minutes',
          stroke: palette.accent,
          fill: palette.accent,
          width: 0,
          ...BARS,
          points: { show: false },
        },
      ],
      hooks: {
        setCursor: [
          (chart) => {
            const second = chart.cursor.idx == null ? undefined : chart.data[0][chart.cursor.idx];
            setPointed(second === undefined || (chart.cursor.left ?? -1) < 0 ? null : dayName(second * 1000));
          },
        ],
      },
    }),
    [palette],
  );
  const row = pointed === null ? undefined : report.rows.find(({ key }) => key === pointed);
  return (
    <figure className="card usage-chart">
      <figcaption>
        <strong>Participant minutes by day</strong>
        <span className="figures quiet">{pointed === null ? '' : dayInWords(pointed, row)}</span>
      </figcaption>
      <Chart options={options} data={data} height={HEIGHT} label={chartInWords(report)} />
    </figure>
  );
}

function dayInWords(day: string, row: UsageRow | undefined): string {
  const words = row === undefined ? 'no calls' : `${asCount(row.calls)} ${row.calls === 1 ? 'call' : 'calls'}, ${minutes(row.participant_ms)} minutes`;
  return `${day}: ${words}`;
}

function shortDay(at: number): string {
  return new Date(at).toLocaleDateString(undefined, { timeZone: 'UTC', day: 'numeric', month: 'short' });
}
