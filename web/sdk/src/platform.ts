/**
 * The browser, as the SDK uses it. Everything is looked up when it is needed: loading the SDK in Node touches nothing.
 * Tests hand over another one.
 */
export interface Platform {
  openSocket(url: string): WebSocket;
  fetch(url: string, init: RequestInit): Promise<Response>;
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  createStream(): MediaStream;
  createAudio(url: string): HTMLAudioElement;
  /** Nothing on insecure origins and outside browsers. */
  mediaDevices(): MediaDevices | undefined;
  /** Kept over reloads of the page; nothing where storage is refused. */
  storage(): Storage | undefined;
  randomBytes(count: number): Uint8Array;
  random(): number;
  /** Milliseconds that never go back. */
  now(): number;
  /** The engine that can take a local answer long before remote candidates, and mends a connection that has failed. */
  isChromium(): boolean;
  /** Calls back when the network comes back or changes, and when the page is seen or runs again; returns how to stop. */
  watchNetwork(changed: () => void, seen: () => void): () => void;
  /** Calls back once, at the next gesture of the user. */
  onNextGesture(callback: () => void): void;
  /** An error in the application's own code, for its tools to see. */
  reportError(thrown: unknown): void;
}

/** A hidden page is looked at, or a frozen one runs again. */
const LIVELY = ['visibilitychange', 'resume'];

export const browser: Platform = {
  openSocket: (url) => new WebSocket(url),
  fetch: (url, init) => globalThis.fetch(url, init),
  createPeerConnection: (configuration) => new RTCPeerConnection(configuration),
  createStream: () => new MediaStream(),
  createAudio: (url) => new Audio(url),
  mediaDevices: () => (typeof navigator === 'undefined' ? undefined : navigator.mediaDevices),
  storage: () => {
    try {
      return globalThis.sessionStorage;
    } catch {
      return undefined;
    }
  },
  randomBytes: (count) => globalThis.crypto.getRandomValues(new Uint8Array(count)),
  random: () => Math.random(),
  now: () => globalThis.performance.now(),
  isChromium: () => typeof navigator !== 'undefined' && /Chrom(e|ium)\/\d/.test(navigator.userAgent),
  watchNetwork: (changed, seen) => {
    if (typeof globalThis.addEventListener !== 'function') return () => undefined;
    // Engines fire `change` at each new estimate of the bandwidth, too: only another kind of network counts.
    const connection = (globalThis.navigator as Navigator & { connection?: EventTarget & { type?: string } })?.connection;
    let type = connection?.type;
    const look = () => {
      if (connection?.type === type) return;
      type = connection?.type;
      changed();
    };
    const show = () => {
      if (globalThis.document?.visibilityState !== 'hidden') seen();
    };
    globalThis.addEventListener('online', changed);
    // Both bubble up to the window.
    for (const event of LIVELY) globalThis.addEventListener(event, show, true);
    connection?.addEventListener?.('change', look);
    return () => {
      globalThis.removeEventListener('online', changed);
      for (const event of LIVELY) globalThis.removeEventListener(event, show, true);
      connection?.removeEventListener?.('change', look);
    };
  },
  onNextGesture: (callback) => {
    if (typeof globalThis.addEventListener !== 'function') return;
    const events = ['pointerdown', 'touchend', 'keydown'];
    const once = () => {
      for (const event of events) globalThis.removeEventListener(event, once, true);
      callback();
    };
    for (const event of events) globalThis.addEventListener(event, once, true);
  },
  reportError: (thrown) => {
    if (typeof globalThis.reportError === 'function') globalThis.reportError(thrown);
    else queueMicrotask(() => {
      throw thrown;
    });
  },
};
