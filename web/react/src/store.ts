/** A value that components read with `useSyncExternalStore`. */

import { useSyncExternalStore } from 'react';

export class Store<T> {
  private readonly listeners = new Set<() => void>();
  private value: T;
  /** Called when the first component comes, and what it returned when the last has gone. */
  private readonly open: (() => () => void) | undefined;
  private close: (() => void) | undefined;

  constructor(value: T, open?: () => () => void) {
    this.value = value;
    this.open = open;
  }

  readonly get = (): T => this.value;

  set(value: T): void {
    if (!Object.is(value, this.value)) {
      this.value = value;
      for (const listener of [...this.listeners]) {
        listener();
      }
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.listeners.size === 1) {
      this.close = this.open?.();
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) {
        this.close?.();
        this.close = undefined;
      }
    };
  };
}

/** Reads a store; a server, where there is no call, renders its value as well. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}
