import { asCallError } from '../errors';
import type { EventQueue } from '../events';
import type { SessionHandler } from '../surface';

/** How long before a token's end a new one is asked for. */
const AHEAD_MS = 60_000;
/** The longest a timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Asks the application for a new session token before the old one expires. */
export class Renewal {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private handler: SessionHandler | undefined;
  /** Told apart, so that an answer to an old question changes nothing. */
  private question = 0;

  constructor(
    private readonly events: EventQueue,
    private readonly now: () => number,
    /** Prolongs the session; resolves with how long the new token lasts. */
    private readonly prolong: (token: string) => Promise<number | undefined>,
  ) {}

  setHandler(handler: SessionHandler | null | undefined): void {
    this.handler = handler ?? undefined;
  }

  /** A token holds from now for so long. */
  start(expiresInMs: number | undefined): void {
    this.stop();
    if (expiresInMs !== undefined) this.waitUntil(this.now() + expiresInMs - AHEAD_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.question += 1;
  }

  handleSessionClosed(): void {
    this.stop();
    this.events.push(() => this.handler?.onSessionClosed?.());
  }

  handleError(thrown: unknown): void {
    const error = asCallError(thrown);
    this.events.push(() => this.handler?.onSessionError?.(error));
  }

  private waitUntil(at: number): void {
    const left = Math.max(0, at - this.now());
    this.timer = setTimeout(
      () => (left > LONGEST_TIMER_MS ? this.waitUntil(at) : this.ask()),
      Math.min(left, LONGEST_TIMER_MS),
    );
  }

  private ask(): void {
    const question = ++this.question;
    const isOpen = () => question === this.question;
    const resolve = (token: string) => {
      if (isOpen()) void this.answer(token, question);
    };
    const reject = (error?: unknown) => {
      if (!isOpen()) return;
      this.question += 1;
      this.handleError(error ?? new Error('The application gave no new session token.'));
    };
    this.events.push(() => {
      if (isOpen()) this.handler?.onSessionTokenRequired?.(resolve, reject);
    });
  }

  private async answer(token: string, question: number): Promise<void> {
    try {
      if (typeof token !== 'string' || !token) throw new Error('The application gave no new session token.');
      const expiresInMs = await this.prolong(token);
      if (question !== this.question) return;
      this.start(expiresInMs);
      this.events.push(() => this.handler?.onSessionRefreshed?.());
    } catch (thrown) {
      if (question === this.question) this.handleError(thrown);
    }
  }
}
