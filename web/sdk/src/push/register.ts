/** Lets the signed-in user be rung on this device without an open page. */

import type { WebPushKey } from '../generated/WebPushKey';

/** What is used of the SDK. */
interface Registrar {
  registerPushToken(token: string, type: 'web_push'): Promise<void>;
}

/**
 * Subscribes by the browser's push service and registers the subscription. The user must be signed in, and the page may
 * have to ask for the permission to show notifications first.
 *
 * @param calls The SDK.
 * @param registration Of a service worker that imports `offhook-sw.js`.
 * @param server Where Offhook is, if this file was loaded from elsewhere.
 * @returns The subscription: its JSON is the token that `unregisterPushToken` takes.
 */
export async function registerForPush(
  calls: Registrar,
  registration: ServiceWorkerRegistration,
  server: string | URL = new URL('/', import.meta.url),
): Promise<PushSubscription> {
  const response = await fetch(new URL('/client/v1/web_push', server));
  if (!response.ok) throw new Error(`The server gives no key for push: ${response.status}.`);
  const { public_key }: WebPushKey = await response.json();
  const applicationServerKey = bytesOf(public_key);

  const { pushManager } = registration;
  let subscription = await pushManager.getSubscription();
  // A subscription is bound to the key of the server that it was made for.
  if (subscription !== null && !isSame(subscription.options.applicationServerKey, applicationServerKey)) {
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  await calls.registerPushToken(JSON.stringify(subscription), 'web_push');
  return subscription;
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const letters = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

function isSame(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const bytes = new Uint8Array(one ?? []);
  return bytes.length === other.length && bytes.every((byte, index) => byte === other[index]);
}
