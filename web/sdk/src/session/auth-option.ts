import { textOf } from '../errors';
import type { AuthenticateRequest } from '../generated/AuthenticateRequest';
import type { AuthOption } from '../surface';

/** Reads who signs in. Numbers serve as ids; a missing, null or empty token means none. */
export function readAuthOption(appId: string, option: AuthOption | null | undefined): AuthenticateRequest {
  const { userId, accessToken } = (option ?? {}) as { userId?: unknown; accessToken?: unknown };
  const request: AuthenticateRequest = { app_id: appId, user_id: textOf(typeof userId === 'number' ? String(userId) : userId, 'userId') };
  if (accessToken === undefined || accessToken === null || accessToken === '') return request;
  return { ...request, access_token: textOf(accessToken, 'accessToken') };
}
