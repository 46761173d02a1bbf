import type { EventQueue } from './events';

type ArgumentsOf<H> = H extends (...args: infer A) => void ? A : never;

/** The listeners of an application, by the ids it gave. */
export class Listeners<L extends object> {
  private readonly listeners = new Map<string, L>();

  constructor(private readonly events: EventQueue) {}

  add(id: string | number, listener: L): void {
    if (listener) this.listeners.set(String(id), listener);
  }

  remove(id: string | number): void {
    this.listeners.delete(String(id));
  }

  clear(): void {
    this.listeners.clear();
  }

  /** Tells everybody now. Says whether anybody listens. */
  tellNow<N extends keyof L>(name: N, ...args: ArgumentsOf<L[N]>): boolean {
    let isHeard = false;
    for (const listener of [...this.listeners.values()]) {
      if (typeof listener[name] !== 'function') continue;
      isHeard = true;
      this.events.run(() => (listener[name] as (...args: ArgumentsOf<L[N]>) => void)(...args));
    }
    return isHeard;
  }

  /** Tells everybody, in turn. */
  tell<N extends keyof L>(name: N, ...args: ArgumentsOf<L[N]>): void {
    this.events.push(() => this.tellNow(name, ...args));
  }
}
