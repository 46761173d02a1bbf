/** The calls that are wanted, read as they come into sight. */

import { useCallback, useEffect, useRef, useState } from 'react';

import { AskError, at, get } from '../../api/ask';
import type { DirectCall } from '../../generated/DirectCall';
import type { DirectCallList } from '../../generated/DirectCallList';
import { type Filters, queryOf } from './filters';
import { PagedList } from './paged-list';

/** The most that the server gives at once. */
const PAGE = 100;
/** After it said that it was asked too often. */
const PAUSE_MS = 1_000;

/** What is known of the log. */
export interface Log {
  list: PagedList<DirectCall>;
  isReading: boolean;
  error: unknown;
  /** Says which rows are in sight. */
  see: (first: number, last: number) => void;
  retry: () => void;
}

/** Reads into `list`, which may be known from before. */
export function useLog(appId: string, filters: Filters, list: PagedList<DirectCall>): Log {
  const [, setVersion] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const [isReading, setReading] = useState(false);
  const sight = useRef({ first: 0, last: 0 });
  const isBusy = useRef(false);
  const ends = useRef(new AbortController());

  const read = useCallback(async () => {
    if (isBusy.current) {
      return;
    }
    isBusy.current = true;
    setReading(true);
    const { signal } = ends.current;
    try {
      for (;;) {
        const cursor = list.wanted(sight.current.first, sight.current.last);
        if (cursor === null) {
          break;
        }
        const query = Object.fromEntries(queryOf(filters, PAGE, cursor));
        const page = await patiently(() => get<DirectCallList>(at`applications/${appId}/v1/direct_calls`, query, signal), signal);
        list.take(cursor, { rows: page.calls, has_next: page.has_next, next: page.next });
        list.forget(sight.current.first, sight.current.last);
        setVersion((version) => version + 1);
      }
      setError(null);
    } catch (caught) {
      if (!signal.aborted) {
        setError(caught);
      }
    }
    isBusy.current = false;
    if (!signal.aborted) {
      setReading(false);
    }
  }, [appId, filters, list]);

  useEffect(() => {
    ends.current = new AbortController();
    isBusy.current = false;
    void read();
    const mine = ends.current;
    return () => mine.abort();
  }, [read]);

  const see = useCallback(
    (first: number, last: number) => {
      sight.current = { first, last };
      if (list.wanted(first, last) !== null) {
        void read();
      }
    },
    [list, read],
  );
  const retry = useCallback(() => {
    setError(null);
    void read();
  }, [read]);
  return { list, isReading, error, see, retry };
}

/** Asks again after a pause, if the server says that it was asked too often. */
async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof AskError) || error.reason !== 'throttled') {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      signal.throwIfAborted();
    }
  }
}
