import { ErrorCode } from '../enums';
import { CallError } from '../errors';
import type { AuthenticateRequest } from '../generated/AuthenticateRequest';
import type { AuthenticateResponse } from '../generated/AuthenticateResponse';
import type { CallLogPage } from '../generated/CallLogPage';
import type { ErrorBody } from '../generated/ErrorBody';
import type { PushTokenDeletion } from '../generated/PushTokenDeletion';
import type { PushTokenRequest } from '../generated/PushTokenRequest';
import type { Platform } from '../platform';

/** How long an answer may take. */
const TIMEOUT_MS = 10_000;

/** Which part of the call log to read. */
export interface CallLogRequest {
  limit: number;
  next?: string;
  role?: string;
  endResults: string[];
  startedFrom?: number;
  startedTo?: number;
}

/** The requests that do not go over the socket. */
export class Http {
  constructor(private readonly platform: Platform) {}

  async authenticate(host: string, request: AuthenticateRequest): Promise<AuthenticateResponse> {
    const answer = (await this.post(`${host}/client/v1/authenticate`, request)) as AuthenticateResponse;
    if (!answer.user || typeof answer.session_key !== 'string') throw wrongAnswer();
    return answer;
  }

  /** Signs a session out. Outlives the page; nobody waits for it. */
  endSession(host: string, key: string): void {
    this.platform
      .fetch(`${host}/client/v1/session`, { method: 'DELETE', headers: bearer(key), keepalive: true })
      .catch(() => undefined);
  }

  async callLog(host: string, key: string, request: CallLogRequest): Promise<CallLogPage> {
    // In quotes: other names are shortened where the SDK is built.
    const parameters = {
      'limit': request.limit,
      'next': request.next,
      'role': request.role,
      'end_results': request.endResults.join(','),
      'started_from': request.startedFrom,
      'started_to': request.startedTo,
    };
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) if (value || value === 0) query.set(name, String(value));
    const page = (await this.request(`${host}/client/v1/direct_calls?${query}`, { headers: bearer(key) })) as CallLogPage;
    if (!Array.isArray(page.calls)) throw wrongAnswer();
    return page;
  }

  async addPushToken(host: string, key: string, request: PushTokenRequest): Promise<void> {
    await this.post(`${host}/client/v1/push_tokens`, request, bearer(key));
  }

  async deletePushTokens(host: string, key: string, request: PushTokenDeletion): Promise<void> {
    await this.post(`${host}/client/v1/push_tokens/delete`, request, bearer(key));
  }

  private post(url: string, body: object, headers: Record<string, string> = {}): Promise<object> {
    return this.request(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  private async request(url: string, init: RequestInit): Promise<object> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const response = await this.platform.fetch(url, { ...init, signal: abort.signal });
      return objectOf(await response.text(), response);
    } catch (thrown) {
      if (thrown instanceof CallError) throw thrown;
      if (abort.signal.aborted) {
        throw new CallError(ErrorCode.ERR_NO_RESPONSE_DUE_TO_TIMEOUT, `${new URL(url).host} did not answer in time.`);
      }
      throw new CallError(ErrorCode.ERR_REQUEST_FAILED, `${new URL(url).host} could not be reached.`);
    } finally {
      clearTimeout(timer);
    }
  }
}

function objectOf(text: string, response: Response): object {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    if (!response.ok) throw new CallError(ErrorCode.ERR_REQUEST_FAILED, `The server answered ${response.status}.`);
    throw new CallError(ErrorCode.ERR_MALFORMED_DATA, 'The answer is not JSON.');
  }
  if (typeof body !== 'object' || body === null) throw wrongAnswer();
  const error = body as Partial<ErrorBody>;
  if (!response.ok || error.error === true) {
    const code = typeof error.code === 'number' ? error.code : ErrorCode.ERR_REQUEST_FAILED;
    throw new CallError(code, error.message || `The server answered ${response.status}.`);
  }
  return body;
}

function wrongAnswer(): CallError {
  return new CallError(ErrorCode.ERR_WRONG_RESPONSE, 'The answer has another shape.');
}

function bearer(key: string): Record<string, string> {
  return { 'Authorization': `Bearer ${key}` };
}
