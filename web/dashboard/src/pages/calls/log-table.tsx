/** The rows of the log: only those in sight are in the page, and only those near it in memory. On a phone each is a card. */

import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';

import type { DirectCall } from '../../generated/DirectCall';
import { Icon, PHONE, VIDEO } from '../../parts/icon';
import { StatusBadge } from '../../parts/status-badge';
import { Duration, TimeText } from '../../parts/time-text';
import { Link, to } from '../../router';
import { nameOf, outcome } from '../call/words';
import type { Log } from './use-log';

const ROW_PX = 57;
const CARD_PX = 137;
/** Where a phone begins. */
const NARROW = '(max-width: 720px)';
/** No browser lays out a page that is much higher than this many rows. */
const MOST_ROWS = 100_000;

interface Props {
  appId: string;
  log: Log;
  /** Where the list stood when it was left. */
  scroll: number;
  onScroll: (scroll: number) => void;
  /** Shows only what is older than a moment. */
  onOlder: (before: number) => void;
}

export function LogTable({ appId, log: { list, see, isReading }, scroll, onScroll, onOlder }: Props) {
  const isNarrow = useMedia(NARROW);
  const body = useRef<HTMLDivElement>(null);
  const focused = useRef<number | null>(null);
  const toFocus = useRef<number | null>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  const known = Math.min(list.length, MOST_ROWS);
  const virtual = useWindowVirtualizer({
    count: known,
    estimateSize: () => (isNarrow ? CARD_PX : ROW_PX),
    overscan: 12,
    scrollMargin,
    // Who has the focus stays, wherever the page is scrolled to.
    rangeExtractor: (range) => {
      const rows = defaultRangeExtractor(range);
      const kept = focused.current;
      return kept === null || rows.includes(kept) || kept >= known ? rows : [...rows, kept].sort((a, b) => a - b);
    },
  });
  useLayoutEffect(() => {
    const margin = (body.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
    setScrollMargin((before) => (Math.abs(before - margin) < 1 ? before : margin));
  });
  useEffect(() => virtual.measure(), [virtual, isNarrow]);
  useEffect(() => {
    if (scroll > 0) {
      window.scrollTo(0, scroll);
    }
    const note = () => onScroll(window.scrollY);
    window.addEventListener('scroll', note, { passive: true });
    return () => window.removeEventListener('scroll', note);
    // Only as the list opens.
  }, []);

  // Null for a moment while all is measured anew: the first rows are not in sight then.
  const { startIndex, endIndex } = virtual.range ?? {};
  useEffect(() => {
    if (startIndex !== undefined && endIndex !== undefined) {
      see(startIndex, endIndex);
    }
  }, [see, startIndex, endIndex, list.length]);
  useLayoutEffect(() => {
    const link = body.current?.querySelector<HTMLElement>(`[data-index="${toFocus.current}"] a`);
    if (toFocus.current !== null && link) {
      toFocus.current = null;
      link.focus({ preventScroll: true });
    }
  });

  const step = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const by = steps[event.key];
    if (by === undefined || focused.current === null) {
      return;
    }
    event.preventDefault();
    const next = Math.max(0, Math.min(known - 1, focused.current + by));
    toFocus.current = next;
    virtual.scrollToIndex(next, { align: 'auto' });
    focused.current = next;
    body.current?.querySelector<HTMLElement>(`[data-index="${next}"] a`)?.focus({ preventScroll: true });
  };

  const last = list.rowAt(known - 1);
  return (
    <>
      <div className="table call-log" role="table" aria-label="Calls" aria-rowcount={list.isWhole ? list.length + 1 : -1}>
        <div role="rowgroup">
          <div className="table-row table-head" role="row" aria-rowindex={1}>
            {['Caller and callee', 'Kind', 'Result', 'Dialled'].map((title) => (
              <span key={title} role="columnheader">
                {title}
              </span>
            ))}
            <span role="columnheader" className="number">
              Duration
            </span>
          </div>
        </div>
        <div
          className="table-body"
          role="rowgroup"
          ref={body}
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={step}
          onFocus={(event) => {
            const index = event.target.closest<HTMLElement>('[data-index]')?.dataset.index;
            focused.current = index === undefined ? null : Number(index);
          }}
          onBlur={() => {
            if (toFocus.current === null) focused.current = null;
          }}
        >
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div
              key={index}
              ref={virtual.measureElement}
              data-index={index}
              className="table-row"
              role="row"
              aria-rowindex={index + 2}
              style={{ transform: `translateY(${start - scrollMargin}px)` }}
            >
              <CallCells appId={appId} call={list.rowAt(index)} />
            </div>
          ))}
        </div>
      </div>
      {isReading && (
        <p className="loading quiet" role="status">
          {list.length === 0 ? 'Looking for calls…' : 'Reading further…'}
        </p>
      )}
      {list.length > MOST_ROWS && last !== undefined && (
        <p>
          <button type="button" className="link" onClick={() => onOlder(last.started_at)}>
            Show what is older
          </button>
        </p>
      )}
    </>
  );
}

/** Drawn once, however often the page is scrolled. */
const CallCells = memo(function CallCells({ appId, call }: { appId: string; call: DirectCall | undefined }) {
  if (call === undefined) {
    return (
      <span role="cell" className="quiet">
        …
      </span>
    );
  }
  const [caller, callee] = call.participants;
  const { word, tone } = outcome(call);
  return (
    <>
      <span role="rowheader">
        <Link className="row-link" href={to`/apps/${appId}/calls/${call.call_id}`}>
          <span className="who">{nameOf(caller)}</span>
          <span className="visually-hidden"> called </span>
          <span className="quiet" aria-hidden="true">
            {' → '}
          </span>
          <span className="who">{nameOf(callee)}</span>
        </Link>
      </span>
      <span role="cell" data-title="Kind" className="kind">
        <Icon strokes={call.is_video_call ? VIDEO : PHONE} size={16} />
        {call.is_video_call ? 'Video' : 'Audio'}
      </span>
      <span role="cell" data-title="Result">
        <StatusBadge tone={tone} word={word} />
      </span>
      <span role="cell" data-title="Dialled">
        <TimeText at={call.started_at} />
      </span>
      <span role="cell" data-title="Duration" className="number">
        {call.duration > 0 ? <Duration ms={call.duration} /> : <span className="quiet">–</span>}
      </span>
    </>
  );
});

function useMedia(query: string): boolean {
  const [isMatched, setMatched] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const look = () => setMatched(media.matches);
    media.addEventListener('change', look);
    return () => media.removeEventListener('change', look);
  }, [query]);
  return isMatched;
}
