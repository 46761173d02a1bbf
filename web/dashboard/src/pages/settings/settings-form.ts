/** The form of an application's settings, without a page: what it begins with, what is wrong, what is sent. */

import type { ApplicationBody } from '../../generated/ApplicationBody';
import type { ApplicationChange } from '../../generated/ApplicationChange';
import type { DialHookFallback } from '../../generated/DialHookFallback';
import type { TokenPermission } from '../../generated/TokenPermission';

/** What stands in the fields. Numbers and lists are kept as they are written. */
export interface SettingsForm {
  name: string;
  permission: TokenPermission;
  origins: string;
  isRelayOnly: boolean;
  ringing: string;
  connecting: string;
  webhookHosts: string;
  callDays: string;
  qualityDays: string;
  deliveryDays: string;
  hookUrl: string;
  hookTimeout: string;
  hookFallback: DialHookFallback;
}

/** The fields whose values are numbers: the least and the most, and their names in sentences. */
export const RANGES = {
  ringing: [5, 300, 'The time to ring'],
  connecting: [5, 300, 'The time to connect'],
  callDays: [0, 3650, 'The days of calls'],
  qualityDays: [0, 3650, 'The days of measurements'],
  deliveryDays: [1, 365, 'The days of deliveries'],
  hookTimeout: [100, 5000, 'The wait'],
} as const satisfies Partial<Record<keyof SettingsForm, readonly [number, number, string]>>;

const DEFAULT_HOOK_TIMEOUT_MS = 1000;

/** The fields as the application has them. */
export function formOf(application: ApplicationBody): SettingsForm {
  return {
    name: application.name,
    permission: application.access_token_permission,
    origins: application.allowed_origins.join('\n'),
    isRelayOnly: application.is_relay_only,
    ringing: String(application.max_ringing_s),
    connecting: String(application.max_connecting_s),
    webhookHosts: application.webhook_hosts.join('\n'),
    callDays: String(application.call_retention_days ?? 0),
    qualityDays: String(application.quality_retention_days ?? 0),
    deliveryDays: String(application.delivery_retention_days),
    hookUrl: application.dial_hook?.url ?? '',
    hookTimeout: String(application.dial_hook?.timeout_ms ?? DEFAULT_HOOK_TIMEOUT_MS),
    hookFallback: application.dial_hook?.on_failure ?? 'allow',
  };
}

/** What is wrong, by field, in sentences. */
export function problemsOf(form: SettingsForm): Partial<Record<keyof SettingsForm, string>> {
  const problems: Partial<Record<keyof SettingsForm, string>> = {};
  const length = [...form.name.trim()].length;
  if (length < 1 || length > 80) problems.name = `The name has 1 to 80 characters, not ${length}.`;
  for (const [field, [least, most, name]] of Object.entries(RANGES) as [keyof typeof RANGES, (typeof RANGES)[keyof typeof RANGES]][]) {
    const written = form[field].trim();
    const value = Number(written);
    if (!/^\d+$/.test(written) || value < least || value > most) {
      problems[field] = `${name} is a whole number from ${least} to ${most}, not "${written}".`;
    }
  }
  const stranger = linesOf(form.origins).find((line) => !isOrigin(line));
  if (stranger !== undefined) problems.origins = `"${stranger}" is no origin. One is https://example.com, without a path.`;
  const notHost = linesOf(form.webhookHosts).find((line) => /[\s/]|:\/\//.test(line));
  if (notHost !== undefined) problems.webhookHosts = `"${notHost}" is no host. One is hooks.example.com, without https:// and path.`;
  const url = form.hookUrl.trim();
  if (url !== '' && !/^https?:\/\/[^\s/]/.test(url)) problems.hookUrl = `"${url}" is no address. One is https://example.com/may-ring.`;
  return problems;
}

/** What is sent: only the settings that are others than the application's. */
export function changeOf(application: ApplicationBody, form: SettingsForm): ApplicationChange {
  const before = bodyOf(formOf(application));
  const after = bodyOf(form);
  const changed = Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof ApplicationChange]));
  return Object.fromEntries(changed);
}

function bodyOf(form: SettingsForm): ApplicationChange {
  return {
    name: form.name.trim(),
    access_token_permission: form.permission,
    allowed_origins: linesOf(form.origins),
    is_relay_only: form.isRelayOnly,
    max_ringing_s: Number(form.ringing),
    max_connecting_s: Number(form.connecting),
    webhook_hosts: linesOf(form.webhookHosts),
    call_retention_days: Number(form.callDays),
    quality_retention_days: Number(form.qualityDays),
    delivery_retention_days: Number(form.deliveryDays),
    dial_hook_url: form.hookUrl.trim(),
    dial_hook_timeout_ms: Number(form.hookTimeout),
    dial_hook_on_failure: form.hookFallback,
  };
}

/** The lines that say something. */
function linesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function isOrigin(line: string): boolean {
  try {
    return new URL(line).origin === line.toLowerCase();
  } catch {
    return false;
  }
}
