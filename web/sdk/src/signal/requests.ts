import { ErrorCode } from '../enums';
import { CallError } from '../errors';
import type { ClientMessage } from '../generated/ClientMessage';
import type { ServerMessage } from '../generated/ServerMessage';

/** How long an answer may take, reconnecting included. */
const REQUEST_TIMEOUT_MS = 10_000;

type WithoutId<M> = M extends { id: number } ? Omit<M, 'id'> : never;
/** A request, before it is numbered. */
export type Request = WithoutId<Exclude<ClientMessage, { type: 'hello' }>>;
export type Answer = Extract<ServerMessage, { type: 'reply' | 'renewed' | 'custom_items' }>;

interface Pending {
  message: ClientMessage;
  resolve: (answer: Answer) => void;
  reject: (error: CallError) => void;
  timer: ReturnType<typeof setTimeout>;
}

/**
 * Requests that wait for their answer. Each may be carried out twice without harm, so after a reconnect all are sent
 * again, in order.
 */
export class Requests {
  private lastId = 0;
  private readonly pending = new Map<number, Pending>();

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  /** Keeps a request until it is answered; `isOpen` says, when time is up, whether the socket was there. */
  add(request: Request, isOpen: () => boolean): { message: ClientMessage; answer: Promise<Answer> } {
    const id = this.nextId();
    const message = { ...request, id } as ClientMessage;
    const answer = new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => this.fail(id, isOpen() ? timedOut() : connectionLost()), REQUEST_TIMEOUT_MS);
      this.pending.set(id, { message, resolve, reject, timer });
    });
    return { message, answer };
  }

  settle(answer: Answer): void {
    this.take(answer.id)?.resolve(answer);
  }

  fail(id: number, error: CallError): void {
    this.take(id)?.reject(error);
  }

  failAll(error: CallError): void {
    for (const id of [...this.pending.keys()]) this.fail(id, error);
  }

  /** What to send again after a reconnect. */
  unanswered(): ClientMessage[] {
    return [...this.pending.values()].map((pending) => pending.message);
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    if (pending) {
      clearTimeout(pending.timer);
      this.pending.delete(id);
    }
    return pending;
  }
}

export function connectionLost(): CallError {
  return new CallError(
    ErrorCode.ERR_REQUEST_FAILED_DUE_TO_WEBSOCKET_CONNECTION_LOST,
    'The connection was lost before the server answered.',
  );
}

function timedOut(): CallError {
  return new CallError(ErrorCode.ERR_NO_RESPONSE_DUE_TO_TIMEOUT, 'The server did not answer in time.');
}
