/** The element that calls, from the files that this server gives away to every page. */

/** As much of `<offhook-call>` as this page uses. */
export interface CallElement extends HTMLElement {
  appId: string;
  userId: string;
  accessToken: string | null;
  signIn(): Promise<unknown>;
  signOut(): void;
  dial(userId: string, options: { video: boolean }): unknown;
}

/** What its events tell. */
export interface CallEvents {
  'offhook-face': CustomEvent<{ face: string; call: { callId: string } | null }>;
  'offhook-ended': CustomEvent<{ call: { callId: string; endResult?: string } }>;
  'offhook-error': CustomEvent<{ error: Error }>;
}

/** The SDK before the element, which needs it. */
const FILES = ['/sdk/offhook.js', '/sdk/offhook-element.js'];

let loaded: Promise<void> | null = null;

/** Loads both files, once. What failed is tried again the next time. */
export function loadElement(): Promise<void> {
  loaded ??= FILES.reduce((before, file) => before.then(() => loadScript(file)), Promise.resolve()).catch((error: unknown) => {
    loaded = null;
    throw error;
  });
  return loaded;
}

function loadScript(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${address} could not be loaded. The server was built without its SDK: its log says how to make it.`));
    document.head.append(script);
  });
}

/** Makes an element that stays in its box. */
export function makeElement(appId: string): CallElement {
  const element = document.createElement('offhook-call') as CallElement;
  element.setAttribute('inline', '');
  element.appId = appId;
  return element;
}

/** Listens to one of its events, until `signal`. */
export function listen<K extends keyof CallEvents>(element: CallElement, name: K, handle: (event: CallEvents[K]) => void, signal: AbortSignal): void {
  element.addEventListener(name, handle as (event: Event) => void, { signal });
}
