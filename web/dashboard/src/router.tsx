/** Which page an address means, and going to another without loading everything again. */

import { createContext, useContext, useMemo, useSyncExternalStore } from 'react';
import type { ComponentType, MouseEvent, ReactNode } from 'react';

/** All addresses of the dashboard begin with this. */
export const BASE = '/dashboard';

/** What stands in an address for the names of its pattern. */
export type Parameters = Record<string, string>;

/** A page, and the pattern of its addresses: `/apps/:appId/calls`. */
export interface Route {
  pattern: string;
  page: ComponentType<Record<string, never>>;
}

const MOVED = 'offhook:moved';

/** Where the page is, below the base: `/` or `/apps/one/calls`. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, pathNow);
}

/** What follows `?` in the address, and a way to change it in place: undefined and empty values leave it. */
export function useQuery(): [URLSearchParams, (change: Record<string, string | undefined>) => void] {
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  const query = useMemo(() => new URLSearchParams(search), [search]);
  return [query, changeQuery];
}

function changeQuery(change: Record<string, string | undefined>): void {
  const query = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  goTo(pathNow() + (text === '' ? '' : `?${text}`), { isReplacing: true });
}

/** Goes to a place below the base. With `isReplacing`, Back does not lead here again. */
export function goTo(to: string, { isReplacing = false } = {}): void {
  // A page that stays in place keeps its scroll; another begins at its top.
  const isAnotherPage = to.split('?')[0] !== pathNow();
  window.history[isReplacing ? 'replaceState' : 'pushState']({}, '', hrefOf(to));
  if (isAnotherPage) window.scrollTo(0, 0);
  window.dispatchEvent(new Event(MOVED));
}

/** The whole address of a place below the base. */
export const hrefOf = (to: string): string => BASE + (to === '/' ? '' : to);

/** Writes a place with each inserted part encoded: ``to`/apps/${appId}/users/${userId}` ``. */
export function to(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((place, part, index) => place + encodeURIComponent(values[index - 1] ?? '') + part);
}

/** The parameters of `path` by `pattern`, decoded; null where it is another. */
export function match(pattern: string, path: string): Parameters | null {
  const [names, parts] = [pattern.split('/'), path.split('/')];
  if (names.length !== parts.length) return null;
  const found: Parameters = {};
  for (const [index, name] of names.entries()) {
    const part = parts[index] ?? '';
    if (name.startsWith(':')) {
      const value = decoded(part);
      if (value === null || value === '') return null;
      found[name.slice(1)] = value;
    } else if (name !== part) {
      return null;
    }
  }
  return found;
}

const Found = createContext<Parameters>({});

/** Shows the page of the first route that the address is one of, else `otherwise`. */
export function Routes({ routes, otherwise }: { routes: readonly Route[]; otherwise: ReactNode }) {
  const path = usePath();
  for (const { pattern, page: Page } of routes) {
    const parameters = match(pattern, path);
    if (parameters !== null) {
      return (
        <Found value={parameters} key={path}>
          <Page />
        </Found>
      );
    }
  }
  return otherwise;
}

/** A parameter of the page's address. */
export function useParameter(name: string): string {
  const value = useContext(Found)[name];
  if (value === undefined) throw new Error(`the address of this page has no ${name}`);
  return value;
}

/** A link within the dashboard. It says so where it leads to the page, or with `isSection`, above the page, that is shown. */
export function Link({ href, className, isSection = false, onFollow, children }: { href: string; className?: string; isSection?: boolean; onFollow?: () => void; children: ReactNode }) {
  const path = usePath();
  const isHere = path === href.split('?')[0];
  const follow = (event: MouseEvent) => {
    // Whoever asks for another tab gets it.
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(href);
    onFollow?.();
  };
  const current = isHere ? 'page' : isSection && path.startsWith(`${href}/`) ? 'true' : undefined;
  return (
    <a href={hrefOf(href)} className={className} aria-current={current} onClick={follow}>
      {children}
    </a>
  );
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(MOVED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(MOVED, listener);
  };
}

function pathNow(): string {
  const { pathname } = window.location;
  const below = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname;
  const path = below.replace(/\/+$/, '');
  return path === '' ? '/' : path;
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
