/**
 * What a device without an open page shows of calls: a ring while it rings, and afterwards that it was missed.
 *
 * A notification stands for one call, by its tag; a later word takes the place of the earlier one.
 */

import type { PushCall } from '../generated/PushCall';
import type { PushMessage } from '../generated/PushMessage';

/** What an application may set as `self.offhookPush` before it imports the script. */
export interface PushSettings {
  /** The page that a click opens where none is open; the worker's scope, if nothing is said. */
  page?: string;
  /** Other words, `{name}` being the caller's. */
  words?: Partial<typeof WORDS>;
}

/**
 * What a page is told of a click, by `postMessage` or, if it has to be opened, in its address. A page that takes the
 * message says so on the port that comes with it.
 */
export interface PushClick {
  offhook: { action: 'open' | 'accept' | 'decline'; call_id: string; call: PushCall };
}

/** How long a page may take to say that it has a click: a browser lets a worker open a window for a second only. */
const ANSWER_MS = 300;
/** How many pages are asked in that time. */
const ASKED = 2;

const WORDS = {
  ring: '{name}',
  video: 'Incoming video call',
  voice: 'Incoming voice call',
  accept: 'Answer',
  decline: 'Decline',
  stop: '{name}',
  stopped: 'Answered or declined on another device',
  missed: 'Missed call from {name}',
};

/** What is used of a service worker's surroundings; TypeScript's own declarations of them exclude those of pages. */
export interface WorkerWorld {
  registration: {
    scope: string;
    showNotification(title: string, options: object): Promise<void>;
    getNotifications(filter: { tag: string }): Promise<{ close(): void }[]>;
  };
  clients: {
    matchAll(filter: object): Promise<WindowOfApp[]>;
    openWindow(address: string): Promise<unknown>;
  };
  offhookPush?: PushSettings;
}

interface WindowOfApp {
  url: string;
  visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: PushClick, ports: Transferable[]): void;
}

/** A notification, as a click brings it. */
export interface ClickedNotification {
  data: unknown;
  close(): void;
}

export class CallNotices {
  #world: WorkerWorld;

  constructor(world: WorkerWorld) {
    this.#world = world;
  }

  /** Shows what a push tells. What is none of ours is left to the application. */
  async handlePush(message: unknown): Promise<void> {
    if (!isOurs(message)) return;
    const { type, call } = message;
    const shown = await this.#world.registration.getNotifications({ tag: tagOf(call) });
    const isSeen = (await this.#windows()).some((window) => window.visibilityState === 'visible');
    if (type === 'ring') {
      // The page itself rings.
      if (!isSeen) await this.#show(message, this.#ring(call));
    } else if (type === 'missed') {
      await this.#show(message, { title: this.#word('missed', call), body: kindOf(call, this.#words), silent: shown.length > 0 });
    } else if (isSeen) {
      for (const notification of shown) notification.close();
    } else {
      // Browsers want every push to be seen: so the ring is not just taken away, and one that the user has closed is answered.
      await this.#show(message, { title: this.#word('stop', call), body: this.#words.stopped, silent: true });
    }
  }

  /** Brings a page of the application to the front and tells it of the call. */
  async handleClick(notification: ClickedNotification, action: string): Promise<void> {
    const message = (notification.data as { offhook?: unknown } | null)?.offhook;
    if (!isOurs(message)) return;
    notification.close();
    const { call } = message;
    const wanted = action === 'accept' || action === 'decline' ? action : 'open';
    const isSeen = ({ visibilityState }: WindowOfApp) => Number(visibilityState === 'visible');
    const windows = (await this.#windows()).sort((one, other) => isSeen(other) - isSeen(one));
    for (const window of windows.slice(0, ASKED)) {
      if (await isTakenBy(window, { offhook: { action: wanted, call_id: call.call_id, call } })) {
        await window.focus();
        return;
      }
    }
    const { scope } = this.#world.registration;
    const address = new URL(this.#world.offhookPush?.page ?? scope, scope);
    address.searchParams.set('offhook_call', call.call_id);
    address.searchParams.set('offhook_action', wanted);
    await this.#world.clients.openWindow(address.href);
  }

  /** The pages of the application: others of the same origin are not. */
  async #windows(): Promise<WindowOfApp[]> {
    const all = await this.#world.clients.matchAll({ type: 'window', includeUncontrolled: true });
    return all.filter(({ url }) => url.startsWith(this.#world.registration.scope));
  }

  #ring(call: PushCall): { title: string } {
    const { accept, decline } = this.#words;
    const more = {
      body: kindOf(call, this.#words),
      requireInteraction: true,
      renotify: true,
      vibrate: [400, 200, 400, 200, 400],
      actions: [
        { action: 'accept', title: accept },
        { action: 'decline', title: decline },
      ],
    };
    return { title: this.#word('ring', call), ...more };
  }

  #show(message: PushMessage, { title, ...options }: { title: string; body?: string; silent?: boolean }): Promise<void> {
    const { call } = message;
    const icon = call.caller_profile_url === '' ? {} : { icon: call.caller_profile_url };
    return this.#world.registration.showNotification(title, {
      tag: tagOf(call),
      timestamp: call.started_at,
      data: { offhook: message },
      ...icon,
      ...options,
    });
  }

  get #words(): typeof WORDS {
    return { ...WORDS, ...this.#world.offhookPush?.words };
  }

  #word(name: 'ring' | 'stop' | 'missed', call: PushCall): string {
    return this.#words[name].replace('{name}', () => call.caller_nickname || call.caller_id);
  }
}

/** Tells a page of a click, and whether it says in time that it has it. */
async function isTakenBy(window: WindowOfApp, click: PushClick): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  const taken = new Promise<boolean>((resolve) => {
    port1.onmessage = () => resolve(true);
    setTimeout(resolve, ANSWER_MS, false);
  });
  window.postMessage(click, [port2]);
  const isTaken = await taken;
  port1.close();
  return isTaken;
}

function tagOf(call: PushCall): string {
  return `offhook-${call.call_id}`;
}

function kindOf(call: PushCall, words: typeof WORDS): string {
  return call.is_video_call ? words.video : words.voice;
}

function isOurs(message: unknown): message is PushMessage {
  const { type, call } = (message ?? {}) as Partial<PushMessage>;
  const isKnown = type === 'ring' || type === 'stop' || type === 'missed';
  return isKnown && typeof call?.call_id === 'string' && typeof call.caller_id === 'string';
}
