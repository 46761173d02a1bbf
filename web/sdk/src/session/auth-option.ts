import { invalidType, invalidValue } from '../errors';
import type { AuthenticateRequest } from '../generated/AuthenticateRequest';
import type { AuthOption } from '../surface';

/** Reads who signs in. Numbers serve as ids; a missing, null or empty token means none. */
export function readAuthOption(appId: string, option: AuthOption | null | undefined): AuthenticateRequest {
  const { userId, accessToken } = (option ?? {}) as { userId?: unknown; accessToken?: unknown };
  if (typeof userId !== 'string' && typeof userId !== 'number') throw invalidType('authenticate: userId must be a string.');
  if (userId === '') throw invalidValue('authenticate: userId is empty.');
  const request: AuthenticateRequest = { app_id: appId, user_id: String(userId) };
  if (accessToken === undefined || accessToken === null || accessToken === '') return request;
  if (typeof accessToken !== 'string') throw invalidType('authenticate: accessToken must be a string.');
  return { ...request, access_token: accessToken };
}
