/** Which page is where. Each is loaded when it is first asked for. */

import { lazy } from 'react';
import type { ComponentType } from 'react';

import type { Route } from './router';

type Page = ComponentType<Record<string, never>>;

/** A page that is loaded when it is first shown; `pick` takes it from its module. */
function later<M>(load: () => Promise<M>, pick: (module: M) => Page): Page {
  return lazy(async () => ({ default: pick(await load()) }));
}

export const ROUTES: readonly Route[] = [
  { pattern: '/', page: later(() => import('./pages/overview'), (module) => module.OverviewPage) },
];
