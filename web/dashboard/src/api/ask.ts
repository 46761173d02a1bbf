/** Asking the server: one function a verb, addresses with their parts encoded, and one class of error. */

/** Something that was asked for and refused, or that no answer came to. */
export class AskError extends Error {
  constructor(
    message: string,
    /** Why, in one word to decide by. */
    readonly reason: 'refused' | 'forbidden' | 'signed_out' | 'not_found' | 'throttled' | 'failed' | 'unreachable',
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    /** The server's code; 0 where it gave none. */
    readonly code: number,
  ) {
    super(message);
    this.name = 'AskError';
  }
}

/** Values for the part of an address after `?`; those that are undefined, null or empty are left out. */
export type Query = Record<string, string | number | boolean | undefined | null>;

/** Writes an address with each inserted part encoded: ``at`applications/${appId}/v3/users/${userId}` ``. */
export function at(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((address, part, index) => address + encodeURIComponent(values[index - 1] ?? '') + part);
}

/** The whole address below `/admin/v1`. */
export function addressOf(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
  );
  return `/admin/v1/${path}${pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : ''}`;
}

/** Reads. */
export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  ask<T>('GET', addressOf(path, query), undefined, signal);
/** Makes, or does. */
export const post = <T>(path: string, body: object = {}): Promise<T> => ask<T>('POST', addressOf(path), body);
/** Changes. */
export const put = <T>(path: string, body: object = {}): Promise<T> => ask<T>('PUT', addressOf(path), body);
/** Removes. */
export const remove = <T>(path: string, body: object = {}): Promise<T> => ask<T>('DELETE', addressOf(path), body);

async function ask<T>(method: string, address: string, body: object | undefined, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new AskError('The server does not answer. Check that it runs and that you are online, then try again.', 'unreachable', 0, 0);
  }
  const answer = readJson(await response.text());
  if (!response.ok) throw refusal(response.status, answer);
  return answer as T;
}

/** What `answer` says of a refusal, whichever of the two dialects it is in. */
export function refusal(status: number, answer: unknown): AskError {
  const { code, message } = (typeof answer === 'object' && answer !== null ? answer : {}) as { code?: unknown; message?: unknown };
  const sentence = typeof message === 'string' && message !== '' ? asSentence(message) : withoutWords(status);
  return new AskError(sentence, reasonOf(status, code), status, typeof code === 'number' ? code : 0);
}

const NOT_FOUND_CODES = [400200, 400201, 400301];

function reasonOf(status: number, code: unknown): AskError['reason'] {
  if (status === 401) return 'signed_out';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'failed';
  return typeof code === 'number' && NOT_FOUND_CODES.includes(code) ? 'not_found' : 'refused';
}

function withoutWords(status: number): string {
  return status >= 500
    ? 'The server could not do this. Its log says why.'
    : `The server answered ${status} and no words. It may be of another version than this page: load the page again.`;
}

/** The server's sentences begin small and end without a stop. */
function asSentence(message: string): string {
  const begun = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
