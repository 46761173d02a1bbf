/** uPlot as a component: as wide as its box, redrawn when data or options change. What it shows must also be said in words. */

import 'uplot/dist/uPlot.min.css';
import './chart.css';

import { useEffect, useRef } from 'react';
import uPlot from 'uplot';

interface Props {
  /** Without a size. A new object makes a new chart: keep it while it means the same. */
  options: Omit<uPlot.Options, 'width' | 'height'>;
  data: uPlot.AlignedData;
  height: number;
  /** What the chart shows, as a sentence. */
  label: string;
  /** Given the chart once it is there, and null when it is gone. */
  onChart?: (chart: uPlot | null) => void;
}

export function Chart({ options, data, height, label, onChart }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const shown = useRef(data);

  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    const made = new uPlot({ ...options, width: Math.max(1, element.clientWidth), height }, shown.current, element);
    chart.current = made;
    onChart?.(made);
    const resizes = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width) {
        made.setSize({ width: element.clientWidth, height });
      }
    });
    resizes.observe(element);
    return () => {
      resizes.disconnect();
      onChart?.(null);
      made.destroy();
      chart.current = null;
    };
  }, [options, height, onChart]);

  useEffect(() => {
    if (shown.current !== data) {
      shown.current = data;
      chart.current?.setData(data);
    }
  }, [data]);

  return <div className="chart" ref={box} role="img" aria-label={label} />;
}
