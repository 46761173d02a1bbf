/** The script that an application's service worker imports: `importScripts('https://HOST/sdk/offhook-sw.js')`. */

import { CallNotices, type ClickedNotification, type WorkerWorld } from './notices';

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
  /** Of a push. */
  data: { json(): unknown } | null;
  /** Of a click. */
  notification: ClickedNotification;
  action: string;
}

const notices = new CallNotices(self as unknown as WorkerWorld);

self.addEventListener('push', (event) => {
  const push = event as WorkerEvent;
  push.waitUntil(notices.handlePush(read(push.data)));
});
self.addEventListener('notificationclick', (event) => {
  const click = event as WorkerEvent;
  click.waitUntil(notices.handleClick(click.notification, click.action));
});

/** An application's own pushes may be anything. */
function read(data: WorkerEvent['data']): unknown {
  try {
    return data?.json();
  } catch {
    return null;
  }
}
