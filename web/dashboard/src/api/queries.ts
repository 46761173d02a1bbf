/** How answers are kept: what is asked again when, and what a change makes stale. */

import { QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { InfiniteData, QueryKey } from '@tanstack/react-query';
import { useMemo } from 'react';

import { AskError, get } from './ask';
import type { Query } from './ask';
import { useNotices } from '../parts/notices';

/** Makes the store of answers. `onSignedOut` is told when the server knows the session no more. */
export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => error instanceof AskError && error.reason === 'unreachable' && failures < 2,
      },
    },
  });
  client.getQueryCache().subscribe((event) => {
    if (event.type === 'updated' && event.action.type === 'error' && isSignedOut(event.action.error)) onSignedOut();
  });
  client.getMutationCache().subscribe((event) => {
    if (event.type === 'updated' && event.action.type === 'error' && isSignedOut(event.action.error)) onSignedOut();
  });
  return client;
}

const isSignedOut = (error: unknown): boolean => error instanceof AskError && error.reason === 'signed_out';

/** Reads `path`, keeps it under its own parts, and reads it again every `everyMs`, if given. */
export function useAnswer<T>(path: string, { query = {}, everyMs, isWanted = true }: { query?: Query; everyMs?: number; isWanted?: boolean } = {}) {
  return useQuery<T>({
    queryKey: keyOf(path, query),
    queryFn: ({ signal }) => get<T>(path, query, signal),
    refetchInterval: everyMs ?? false,
    enabled: isWanted,
  });
}

/** A page of a list: its rows by the name that they have there, and where the next page begins. */
export type Page<K extends string, T> = { [key in K]: T[] } & { next: string };

/** Reads a list page by page. `cursor` is the name that the next page's place is sent by: `next`, of users `token`. */
export function usePages<K extends string, T>(path: string, rowsName: K, { query = {}, cursor = 'next', everyMs }: { query?: Query; cursor?: string; everyMs?: number } = {}) {
  const pages = useInfiniteQuery<Page<K, T>, Error, InfiniteData<Page<K, T>>, QueryKey, string>({
    queryKey: keyOf(path, query),
    queryFn: ({ pageParam, signal }) => get<Page<K, T>>(path, { ...query, [cursor]: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => (last.next === '' ? undefined : last.next),
    refetchInterval: everyMs ?? false,
  });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page[rowsName]) ?? [], [pages.data, rowsName]);
  return { ...pages, rows };
}

/** Does something, then reads again what begins with one of the paths of `refreshes`, and says `done`. */
export function useChange<A, T>(
  change: (argument: A) => Promise<T>,
  { refreshes = [], done }: { refreshes?: string[]; done?: string | ((result: T, argument: A) => string) } = {},
) {
  const client = useQueryClient();
  const { say } = useNotices();
  return useMutation<T, Error, A>({
    mutationFn: change,
    onSuccess: async (result, argument) => {
      if (done !== undefined) say(typeof done === 'string' ? done : done(result, argument));
      await Promise.all(refreshes.map((path) => client.invalidateQueries({ queryKey: path.split('/') })));
    },
  });
}

/** An answer's key: the parts of its path, so that `applications/ID` stands for all below it, then what was asked. */
export function keyOf(path: string, query: Query = {}): QueryKey {
  return [...path.split('/'), ...(Object.keys(query).length > 0 ? [query] : [])];
}
