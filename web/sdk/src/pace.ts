/** Does its work at once when asked, then pauses for as many milliseconds as the work says: what is asked for meanwhile is done once, when they are over. */
export class Pace {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isAsked = false;

  constructor(private readonly work: () => number) {}

  ask(): void {
    this.isAsked = this.timer !== undefined;
    if (this.isAsked) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.isAsked) this.ask();
    }, this.work());
  }

  /** Nothing is done any more. */
  stop(): void {
    clearTimeout(this.timer);
  }
}
