import type { EventQueue } from './events';
import type { SendBirdCallListener } from './surface';

type Name = keyof SendBirdCallListener;
type ArgumentsOf<N extends Name> = Parameters<NonNullable<SendBirdCallListener[N]>>;

/** The listeners of an application, by the ids it gave. */
export class Listeners {
  private readonly listeners = new Map<string, SendBirdCallListener>();

  constructor(private readonly events: EventQueue) {}

  add(id: string, listener: SendBirdCallListener): void {
    if (listener) this.listeners.set(String(id), listener);
  }

  remove(id: string): void {
    this.listeners.delete(String(id));
  }

  clear(): void {
    this.listeners.clear();
  }

  /** Tells everybody now. Says whether anybody listens. */
  tellNow<N extends Name>(name: N, ...args: ArgumentsOf<N>): boolean {
    let isHeard = false;
    for (const listener of [...this.listeners.values()]) {
      if (typeof listener[name] !== 'function') continue;
      isHeard = true;
      this.events.run(() => (listener[name] as (...args: ArgumentsOf<N>) => void)(...args));
    }
    return isHeard;
  }

  /** Tells everybody, in turn. */
  tell<N extends Name>(name: N, ...args: ArgumentsOf<N>): void {
    this.events.push(() => this.tellNow(name, ...args));
  }
}
