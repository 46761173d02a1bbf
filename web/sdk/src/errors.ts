import { ErrorCode } from './enums';

/** What every promise and callback of the SDK fails with. */
export class CallError extends Error {
  override readonly name = 'SendBirdCallError';

  constructor(
    /** A member of `ErrorCode`, or the number that the server answered. */
    readonly code: number,
    /** Where the code's name says it all, that. */
    message = ErrorCode[code],
  ) {
    super(message);
  }
}

export function notInitialized(): CallError {
  return new CallError(ErrorCode.INSTANCE_NOT_INITIALIZED, 'Call init(appId) first.');
}

export function notAuthenticated(): CallError {
  return new CallError(ErrorCode.USER_NOT_AUTHENTICATED, 'Call authenticate() first.');
}

export function notConnected(): CallError {
  return new CallError(ErrorCode.WS_NOT_CONNECTED, 'Call connectWebSocket() first.');
}

export function invalidValue(message: string): CallError {
  return new CallError(ErrorCode.INVALID_PARAMETER_VALUE, message);
}

export function invalidType(message: string): CallError {
  return new CallError(ErrorCode.INVALID_PARAMETER_TYPE, message);
}

export function notSupportedYet(name: string): CallError {
  return new CallError(ErrorCode.INTERNAL_SERVER_ERROR, `${name} is not supported yet.`);
}

/** A parameter that must be text, and not empty. */
export function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw invalidType(`${name} must be a string.`);
  if (!value) throw invalidValue(`${name} is empty.`);
  return value;
}

/** Any thrown thing as a `CallError`. */
export function asCallError(thrown: unknown, code: number = ErrorCode.INTERNAL_SERVER_ERROR): CallError {
  if (thrown instanceof CallError) return thrown;
  return new CallError(code, thrown instanceof Error && thrown.message ? thrown.message : String(thrown));
}

/**
 * Gives a result to a callback and a promise alike: the callback first, once; then the promise settles. Who uses only
 * the callback never meets an unhandled rejection.
 */
export function settle<T>(
  work: Promise<T>,
  callback: ((result?: T, error?: Error) => void) | null | undefined,
  report: (thrown: unknown) => void,
): Promise<T> {
  if (typeof callback !== 'function') return work;
  const call = (result?: T, error?: Error) => {
    try {
      callback(result, error);
    } catch (thrown) {
      report(thrown);
    }
  };
  const settled = work.then(
    (result) => {
      call(result);
      return result;
    },
    (error: Error) => {
      call(undefined, error);
      throw error;
    },
  );
  settled.catch(() => undefined);
  return settled;
}
