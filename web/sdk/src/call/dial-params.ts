import { ErrorCode } from '../enums';
import { CallError, invalidType, invalidValue } from '../errors';
import type { CallWebhook } from '../generated/CallWebhook';
import type { CustomItems, DialParams, Webhook } from '../surface';
import { areItems, areStrings, NOT_ITEMS } from './custom-items';

/** The bounds of the timeouts that a server takes, in seconds. */
const TIMEOUT_RANGE_S = [5, 300] as const;

/** What is wrong with what an application dials with, if something is. */
export function findObstacle(params: DialParams | null | undefined, myUserId: string): CallError | undefined {
  const userId: unknown = params?.userId;
  if (typeof userId !== 'string' && typeof userId !== 'number') return invalidType('dial: userId must be a string.');
  if (userId === '') return invalidValue('dial: userId is empty.');
  if (String(userId) === myUserId) return new CallError(ErrorCode.MY_USER_ID_NOT_ALLOWED, 'A user cannot dial themselves.');
  if (!areItems(params?.customItems ?? {})) return invalidType(NOT_ITEMS);
  if (typeof (params?.sendBirdChatOptions?.channelUrl ?? '') !== 'string') return invalidType('dial: channelUrl must be a string.');
  return obstacleOfWebhook(params?.webhook);
}

function obstacleOfWebhook(webhook: unknown): CallError | undefined {
  if (webhook === undefined || webhook === null) return undefined;
  const { url, enabledEvents, headers } = webhook as Partial<Record<keyof Webhook, unknown>>;
  if (typeof url !== 'string' || !areStrings(enabledEvents) || !areItems(headers ?? {})) {
    return invalidType('webhook needs a url, a list of enabledEvents, and headers of text.');
  }
  return url ? undefined : invalidValue('The url of the webhook is empty.');
}

/** The webhook, as the server is told it. */
export function webhookOf(params: DialParams | null | undefined): CallWebhook | undefined {
  const webhook = params?.webhook;
  if (!webhook) return undefined;
  const { url, enabledEvents, headers } = webhook;
  return { url, enabled_events: enabledEvents, ...(headers && { headers }) };
}

/** The chat's channel, which is the application's own affair. */
export function chatChannelUrlOf(params: DialParams | null | undefined): string | undefined {
  return params?.sendBirdChatOptions?.channelUrl || undefined;
}

/** The custom items, if they are any. */
export function itemsOf(params: DialParams | null | undefined): CustomItems {
  const items: unknown = params?.customItems;
  return typeof items === 'object' && items !== null ? { ...(items as CustomItems) } : {};
}

/** A timeout that the application set; nothing, where it means none. */
export function timeoutOf(seconds: number): number | undefined {
  if (!Number.isFinite(seconds) || seconds <= 0) return undefined;
  return Math.min(TIMEOUT_RANGE_S[1], Math.max(TIMEOUT_RANGE_S[0], Math.round(seconds)));
}
