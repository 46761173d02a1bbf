/** Lists of any length: only the rows that are seen are in the page. On a phone each row is a small card. */

import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Link } from '../router';

/** Of a row, before it is measured. */
const ROW_PX = 56;
/** So many rows before the end, the next page is asked for. */
const AHEAD = 12;

export interface Column<T> {
  title: string;
  /** For buttons, which need no title for who sees them. */
  isTitleHidden?: boolean;
  /** Of a CSS grid: `2fr`, `120px`. */
  width?: string;
  isNumber?: boolean;
  cell: (row: T) => ReactNode;
}

/**
 * A table. The first column names the row; with `linkOf`, it leads there. `onEnd` is called when the last rows come near,
 * as long as `hasMore`.
 */
export function DataTable<T>({
  label,
  columns,
  rows,
  keyOf,
  linkOf,
  hasMore = false,
  onEnd,
}: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  linkOf?: (row: T) => string;
  hasMore?: boolean;
  onEnd?: () => void;
}) {
  const body = useRef<HTMLDivElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  useLayoutEffect(() => {
    const top = body.current?.getBoundingClientRect().top ?? 0;
    setScrollMargin(top + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer({ count: rows.length, estimateSize: () => ROW_PX, overscan: 10, scrollMargin });
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && last >= rows.length - AHEAD) onEnd?.();
  }, [hasMore, last, rows.length, onEnd]);
  const gridTemplateColumns = columns.map(({ width = '1fr' }) => (width.endsWith('fr') ? `minmax(0, ${width})` : width)).join(' ');
  return (
    <div className="table" role="table" aria-label={label} aria-rowcount={hasMore ? -1 : rows.length + 1}>
      <div role="rowgroup">
        <div className="table-row table-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns }}>
          {columns.map(({ title, isTitleHidden, isNumber }) => (
            <span key={title} role="columnheader" className={isNumber === true ? 'number' : undefined}>
              {isTitleHidden === true ? <span className="visually-hidden">{title}</span> : title}
            </span>
          ))}
        </div>
      </div>
      <div className="table-body" role="rowgroup" ref={body} style={{ height: virtual.getTotalSize() }}>
        {seen.map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={keyOf(row)}
              ref={virtual.measureElement}
              data-index={index}
              className="table-row"
              role="row"
              aria-rowindex={index + 2}
              style={{ gridTemplateColumns, transform: `translateY(${start - virtual.options.scrollMargin}px)` }}
            >
              {columns.map(({ title, isTitleHidden, isNumber, cell }, place) => (
                <span key={title} role={place === 0 ? 'rowheader' : 'cell'} data-title={isTitleHidden === true ? '' : title} className={isNumber === true ? 'number' : undefined}>
                  {place === 0 && linkOf !== undefined ? (
                    <Link className="row-link" href={linkOf(row)}>
                      {cell(row)}
                    </Link>
                  ) : (
                    cell(row)
                  )}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
