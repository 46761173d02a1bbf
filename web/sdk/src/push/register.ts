/** Lets the signed-in user be rung on this device without an open page. */

import type { WebPushKey } from '../generated/WebPushKey';
import { rememberScript, resolveHosts } from '../hosts';

rememberScript(import.meta.url, /\/offhook-push\.mjs$/);

/** What is used of the SDK. */
interface Registrar {
  registerPushToken(token: string, type: 'web_push'): Promise<void>;
}

/**
 * Subscribes by the browser's push service and registers the subscription. The user must be signed in, and the page may
 * have to ask for the permission to show notifications first. A subscription that the application has made for its own
 * pushes is left alone: then this fails.
 *
 * @param calls The SDK.
 * @param registration Of a service worker that imports `offhook-sw.js`.
 * @param server Where Offhook is, by the rules of `init`; what the page names, or where this file was loaded from, if left out.
 * @returns The subscription: its JSON is the token that `unregisterPushToken` takes.
 */
export async function registerForPush(
  calls: Registrar,
  registration: ServiceWorkerRegistration,
  server?: string | URL,
): Promise<PushSubscription> {
  const response = await fetch(`${hostOf(server)}/client/v1/web_push`);
  if (!response.ok) throw new Error(`The server gives no key for push: ${response.status}.`);
  const { public_key }: WebPushKey = await response.json();
  const applicationServerKey = bytesOf(public_key);

  const { pushManager } = registration;
  let subscription = await pushManager.getSubscription();
  // It is bound to the key that it was made with, and a registration has one. It may be the application's own.
  if (subscription !== null && !isSame(subscription.options.applicationServerKey, applicationServerKey)) {
    throw new Error(
      'This service worker is subscribed to pushes of another server: unsubscribe it, or register one for calls with a scope of its own.',
    );
  }
  subscription ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  await calls.registerPushToken(JSON.stringify(subscription), 'web_push');
  return subscription;
}

function hostOf(server: string | URL | undefined): string {
  try {
    return resolveHosts(server?.toString()).api;
  } catch (error) {
    if (server) throw error;
    throw new Error(
      'No server is known: give registerForPush(calls, registration, server) one, or set <meta name="offhook-host" content="…">, ' +
        'or load offhook-push.mjs from the server itself.',
    );
  }
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const letters = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

function isSame(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const bytes = new Uint8Array(one ?? []);
  return bytes.length === other.length && bytes.every((byte, index) => byte === other[index]);
}
