/** How good a call was: the worst moment in words, plots of both sides with one cursor, and all figures as a table. */

import { useCallback, useMemo, useRef } from 'react';
import type uPlot from 'uplot';

import type { TimelineSide } from '../../generated/TimelineSide';
import { asDuration } from '../../parts/format';
import { usePalette } from './palette';
import { QualityPlot } from './quality-plot';
import { FIGURES, type Figure, freezesOf, plotsOf, sampleAt, valueOf } from './series';
import { figureInWords, NAMES, worstInWords, worstMoment } from './summary';
import { sideOf } from './words';

interface Props {
  sides: readonly TimelineSide[];
  /** The end of the scale, in seconds. */
  length: number;
  cursor: number | null;
  onCursor: (second: number | null) => void;
}

export function Quality({ sides, length, cursor, onCursor }: Props) {
  const palette = usePalette();
  const plots = useMemo(() => plotsOf(sides), [sides]);
  const freezes = useMemo(() => freezesOf(sides).map(({ second }) => second), [sides]);
  const charts = useRef(new Map<Figure, uPlot>());
  const onChart = useCallback((figure: Figure, chart: uPlot | null) => {
    if (chart === null) {
      charts.current.delete(figure);
    } else {
      charts.current.set(figure, chart);
    }
  }, []);
  /** Moves the cursor of every plot, for who moves it by keyboard. */
  const point = useCallback(
    (second: number) => {
      onCursor(second);
      for (const chart of charts.current.values()) {
        chart.setCursor({ left: chart.valToPos(second, 'x'), top: 0 }, false);
      }
    },
    [onCursor],
  );
  const worst = worstMoment(sides);
  if (worst === null) {
    return <p className="quiet">{worstInWords(sides)}</p>;
  }
  return (
    <>
      <p className={`worst${worst.isBad ? ' bad' : ''}`}>
        {worstInWords(sides)}{' '}
        <button type="button" className="link" onClick={() => point(worst.second)}>
          Point at it
        </button>
        {freezes.length > 0 && ` Pictures froze at ${freezes.slice(0, 5).map((second) => asDuration(second * 1000)).join(', ')}`}
        {freezes.length > 5 && ` and ${freezes.length - 5} more times`}
        {freezes.length > 0 && '.'}
      </p>
      <label className="moment">
        <span>Moment</span>
        <input
          type="range"
          min={0}
          max={Math.max(1, Math.floor(length))}
          value={Math.round(cursor ?? 0)}
          aria-valuetext={momentInWords(sides, Math.round(cursor ?? 0))}
          onChange={(event) => point(event.currentTarget.valueAsNumber)}
        />
        <output>{cursor === null ? '–' : asDuration(cursor * 1000)}</output>
      </label>
      <div className="plots">
        {plots.map((plot) => (
          <QualityPlot
            key={plot.figure}
            plot={plot}
            sides={sides}
            length={length}
            palette={palette}
            cursor={cursor}
            freezes={plot.figure === 'received' ? freezes : NONE}
            onCursor={onCursor}
            onChart={onChart}
          />
        ))}
      </div>
      <details className="figures-as-table">
        <summary>All figures as a table</summary>
        <FigureTable sides={sides} />
      </details>
    </>
  );
}

const NONE: readonly number[] = [];

/** What both sides measured at a moment. */
function momentInWords(sides: readonly TimelineSide[], second: number): string {
  const parts = sides.map((side) => {
    const sample = sampleAt(side.samples, second);
    const words = FIGURES.flatMap((figure) => {
      const value = sample && valueOf(sample, figure);
      return value === undefined ? [] : [`${NAMES[figure]} ${figureInWords(figure, value)}`];
    });
    return `${sideOf(side.role)}: ${words.join(', ') || 'nothing measured'}`;
  });
  return [asDuration(second * 1000), ...parts].join('. ');
}

function FigureTable({ sides }: { sides: readonly TimelineSide[] }) {
  const rows = sides
    .flatMap(({ role, samples }) => samples.map((sample) => ({ role, sample })))
    .sort((a, b) => a.sample.second - b.sample.second);
  return (
    <div className="table-box" role="region" aria-label="All figures" tabIndex={0}>
      <table className="figure-table">
        <thead>
          <tr>
            <th scope="col">At</th>
            <th scope="col">Side</th>
            {FIGURES.map((figure) => (
              <th key={figure} scope="col" className="number">
                {NAMES[figure]}
              </th>
            ))}
            <th scope="col" className="number">
              Freezes
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ role, sample }) => (
            <tr key={`${role} ${sample.second}`}>
              <td>{asDuration(sample.second * 1000)}</td>
              <td>{sideOf(role)}</td>
              {FIGURES.map((figure) => {
                const value = valueOf(sample, figure);
                return (
                  <td key={figure} className="number">
                    {value === undefined ? '–' : figureInWords(figure, value)}
                  </td>
                );
              })}
              <td className="number">{sample.freezes ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
