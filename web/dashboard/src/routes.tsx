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
  { pattern: '/apps/:appId/live', page: later(() => import('./pages/live/live-page'), (module) => module.LivePage) },
  { pattern: '/apps/:appId/calls', page: later(() => import('./pages/calls/calls-page'), (module) => module.CallsPage) },
  { pattern: '/apps/:appId/calls/:callId', page: later(() => import('./pages/call/call-page'), (module) => module.CallPage) },
  { pattern: '/apps/:appId/usage', page: later(() => import('./pages/usage/usage-page'), (module) => module.UsagePage) },
  { pattern: '/apps/:appId/webhooks', page: later(() => import('./pages/webhooks/webhooks-page'), (module) => module.WebhooksPage) },
  { pattern: '/apps/:appId/test-call', page: later(() => import('./pages/test-call/test-call-page'), (module) => module.TestCallPage) },
  { pattern: '/applications', page: later(() => import('./pages/applications'), (module) => module.ApplicationsPage) },
  { pattern: '/apps/:appId/settings', page: later(() => import('./pages/application-settings'), (module) => module.ApplicationSettingsPage) },
  { pattern: '/apps/:appId/tokens', page: later(() => import('./pages/api-tokens'), (module) => module.ApiTokensPage) },
  { pattern: '/apps/:appId/users', page: later(() => import('./pages/users'), (module) => module.UsersPage) },
  { pattern: '/apps/:appId/users/:userId', page: later(() => import('./pages/user'), (module) => module.UserPage) },
  { pattern: '/administrators', page: later(() => import('./pages/administrators'), (module) => module.AdministratorsPage) },
  { pattern: '/audit', page: later(() => import('./pages/audit'), (module) => module.AuditPage) },
  { pattern: '/account', page: later(() => import('./pages/account'), (module) => module.AccountPage) },
];
