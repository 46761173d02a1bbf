/**
 * Tells the application what happened, in order, after the code that is running: handlers that it sets right after
 * `dial` or within `onRinging` miss nothing. An error in a handler stops neither the others nor the SDK.
 */
export class EventQueue {
  private queue: Array<() => void> = [];
  private isScheduled = false;

  constructor(private readonly report: (thrown: unknown) => void) {}

  push(tell: () => void): void {
    this.queue.push(tell);
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(() => this.tellOne());
  }

  /** Calls a handler of the application now. */
  run(tell: () => void): void {
    try {
      tell();
    } catch (thrown) {
      this.report(thrown);
    }
  }

  /** One a microtask, so that `await` in the application takes its turn in between. */
  private tellOne(): void {
    const tell = this.queue.shift();
    if (tell) this.run(tell);
    if (this.queue.length > 0) queueMicrotask(() => this.tellOne());
    else this.isScheduled = false;
  }
}
