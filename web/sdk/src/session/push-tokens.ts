import { invalidValue, textOf } from '../errors';
import type { PushTokenDeletion } from '../generated/PushTokenDeletion';
import type { PushTokenRequest } from '../generated/PushTokenRequest';
import type { PushTokenType } from '../generated/PushTokenType';

/** Those of `TokenType`, and Web Push, where the token is a `PushSubscription` as JSON. */
const TYPES: PushTokenType[] = ['fcm_voip', 'apns_voip', 'web_push'];

/** Reads a push token and whose it is. */
export function readPushToken(token: unknown, type: unknown): PushTokenRequest {
  return { ...readTokenType(type), token: textOf(token, 'token') };
}

/** Reads whose push tokens. */
export function readTokenType(type: unknown): Pick<PushTokenDeletion, 'type'> {
  const text = textOf(type, 'type');
  const known = TYPES.find((name) => name === text);
  if (!known) throw invalidValue(`There are no push tokens of the type ${text}.`);
  return { type: known };
}
