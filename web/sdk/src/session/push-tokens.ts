import { invalidType, invalidValue } from '../errors';
import type { PushTokenDeletion } from '../generated/PushTokenDeletion';
import type { PushTokenRequest } from '../generated/PushTokenRequest';
import type { PushTokenType } from '../generated/PushTokenType';

/** Those of `TokenType`, and Web Push, where the token is a `PushSubscription` as JSON. */
const TYPES: PushTokenType[] = ['fcm_voip', 'apns_voip', 'web_push'];

/** Reads a push token and whose it is. */
export function readPushToken(token: unknown, type: unknown): PushTokenRequest {
  if (typeof token !== 'string') throw invalidType('A push token must be a string.');
  if (!token) throw invalidValue('The push token is empty.');
  return { ...readTokenType(type), token };
}

/** Reads whose push tokens. */
export function readTokenType(type: unknown): Pick<PushTokenDeletion, 'type'> {
  if (typeof type !== 'string') throw invalidType('A token type must be a string.');
  const known = TYPES.find((name) => name === type);
  if (!known) throw invalidValue(`A token type is one of ${TYPES.join(', ')}.`);
  return { type: known };
}
