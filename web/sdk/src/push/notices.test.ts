import { expect, test } from 'vitest';
import type { PushCall } from '../generated/PushCall';
import { CallNotices, type PushClick, type PushSettings } from './notices';

const CALL: PushCall = {
  app_id: 'APP',
  call_id: '7f1f0c9a-0000-4000-8000-000000000001',
  callee_id: 'bob',
  caller_id: 'alice',
  caller_nickname: 'Alice',
  caller_profile_url: '',
  is_video_call: false,
  started_at: 1_700_000_000_000,
};
const TAG = `offhook-${CALL.call_id}`;

test('a ring is shown with the caller and replaced when the call was missed', async () => {
  const device = new Device();
  await device.notices.handlePush({ type: 'ring', call: CALL });
  expect(device.shown(TAG)).toMatchObject({ title: 'Alice', body: 'Incoming voice call', requireInteraction: true, actions: [{ action: 'accept' }, { action: 'decline' }] });
  await device.notices.handlePush({ type: 'missed', call: CALL });
  expect(device.shown(TAG)).toMatchObject({ title: 'Missed call from Alice', silent: true });
  expect(device.shown(TAG)).not.toHaveProperty('actions');
});

test('a missed call is told aloud to a device that did not ring', async () => {
  const device = new Device();
  await device.notices.handlePush({ type: 'missed', call: { ...CALL, caller_nickname: '' } });
  expect(device.shown(TAG)).toMatchObject({ title: 'Missed call from alice', silent: false });
});

test('a page that is seen rings itself, and one that is not does not', async () => {
  const device = new Device();
  device.windows = [new Window('hidden')];
  await device.notices.handlePush({ type: 'ring', call: CALL });
  expect(device.shown(TAG)).toBeDefined();
  device.windows = [new Window('visible')];
  await device.notices.handlePush({ type: 'stop', call: CALL });
  expect(device.shown(TAG)).toBeUndefined();
  await device.notices.handlePush({ type: 'ring', call: CALL });
  expect(device.shown(TAG)).toBeUndefined();
});

test('a page of the same origin that is none of the application does not keep a call from ringing', async () => {
  const device = new Device();
  device.windows = [new Window('visible', 'https://app.example/blog/')];
  await device.notices.handlePush({ type: 'ring', call: CALL });
  expect(device.shown(TAG)).toBeDefined();
  await device.notices.handleClick(device.shown(TAG)!, 'accept');
  expect(device.windows[0]?.told).toEqual([]);
  expect(device.opened).toHaveLength(1);
});

test('a ring that was answered elsewhere says so, even where the user has closed it', async () => {
  const device = new Device();
  await device.notices.handlePush({ type: 'ring', call: CALL });
  await device.notices.handlePush({ type: 'stop', call: CALL });
  expect(device.shown(TAG)).toMatchObject({ body: 'Answered or declined on another device', silent: true });
  device.shown(TAG)?.close();
  await device.notices.handlePush({ type: 'stop', call: CALL });
  expect(device.shown(TAG)).toMatchObject({ body: 'Answered or declined on another device', silent: true });
});

test('a click reaches the page that listens, and opens one if none does', async () => {
  const device = new Device();
  const [deaf, listening] = [new Window('visible'), new Window('hidden')];
  deaf.isListening = false;
  device.windows = [listening, deaf];
  await device.notices.handlePush({ type: 'missed', call: CALL });
  const notification = device.shown(TAG)!;
  await device.notices.handleClick(notification, 'accept');
  expect([listening.told.length, listening.isFocused, deaf.isFocused, device.opened.length]).toEqual([1, true, false, 0]);
  device.windows = [deaf];
  await device.notices.handleClick(notification, 'accept');
  expect([deaf.isFocused, device.opened.length]).toEqual([false, 1]);
});

test('a click brings a page to the front and tells it of the call', async () => {
  const device = new Device();
  const [hidden, visible] = [new Window('hidden'), new Window('visible')];
  await device.notices.handlePush({ type: 'ring', call: CALL });
  device.windows = [hidden, visible];
  const notification = device.shown(TAG)!;
  await device.notices.handleClick(notification, 'accept');
  expect(visible.told).toEqual([{ offhook: { action: 'accept', call_id: CALL.call_id, call: CALL } }]);
  expect(visible.isFocused).toBe(true);
  expect(hidden.told).toEqual([]);
  expect(device.shown(TAG)).toBeUndefined();
});

test('a click opens the page that the application names, where none is open', async () => {
  for (const [page, address] of [
    [undefined, 'https://app.example/calls/'],
    ['/phone?tab=1', 'https://app.example/phone?tab=1'],
  ] as const) {
    const device = new Device(page === undefined ? undefined : { page });
    await device.notices.handlePush({ type: 'ring', call: CALL });
    await device.notices.handleClick(device.shown(TAG)!, '');
    const opened = new URL(device.opened[0]!);
    expect(opened.searchParams.get('offhook_call')).toBe(CALL.call_id);
    expect(opened.searchParams.get('offhook_action')).toBe('open');
    expect(opened.href.startsWith(address)).toBe(true);
  }
});

test("an application's own words are used, and its own pushes are left alone", async () => {
  const device = new Device({ words: { missed: 'Verpasst: {name}' } });
  await device.notices.handlePush({ type: 'missed', call: { ...CALL, caller_nickname: '$& {name}' } });
  expect(device.shown(TAG)).toMatchObject({ title: 'Verpasst: $& {name}' });
  for (const message of [null, 'text', {}, { type: 'ring' }, { type: 'news', call: CALL }, { type: 'ring', call: {} }]) {
    await device.notices.handlePush(message);
  }
  const theirs = { data: { theirs: true }, close: () => expect.unreachable() };
  await device.notices.handleClick(theirs, '');
  expect(device.count).toBe(1);
});

class Window {
  told: PushClick[] = [];
  isFocused = false;
  isListening = true;
  constructor(
    readonly visibilityState: string,
    readonly url = 'https://app.example/calls/home#top',
  ) {}
  async focus() {
    this.isFocused = true;
  }
  postMessage(message: PushClick, [port]: Transferable[]) {
    this.told.push(message);
    if (this.isListening) (port as MessagePort).postMessage(null);
  }
}

class Device {
  windows: Window[] = [];
  opened: string[] = [];
  notices: CallNotices;
  #shown = new Map<string, { title: string; data: unknown; close(): void }>();

  constructor(settings?: PushSettings) {
    this.notices = new CallNotices({
      registration: {
        scope: 'https://app.example/calls/',
        showNotification: async (title, options) => {
          const { tag, data } = options as { tag: string; data: unknown };
          this.#shown.set(tag, { ...options, title, data, close: () => this.#shown.delete(tag) });
        },
        getNotifications: async ({ tag }) => [this.#shown.get(tag)].filter((found) => found !== undefined),
      },
      clients: {
        matchAll: async () => this.windows,
        openWindow: async (address) => this.opened.push(address),
      },
      ...(settings === undefined ? {} : { offhookPush: settings }),
    });
  }

  get count() {
    return this.#shown.size;
  }

  shown(tag: string) {
    return this.#shown.get(tag);
  }
}
