import { afterEach, expect, test, vi } from 'vitest';
import { registerForPush } from './register';

const KEY = 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4';
const BYTES = Uint8Array.from(Buffer.from(KEY, 'base64url'));

afterEach(() => vi.unstubAllGlobals());

test('a device subscribes with the key of its server and registers what it got', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return Response.json({ public_key: KEY });
  });
  const device = new Device(null);
  await device.register('https://calls.example');
  expect(asked).toEqual(['https://calls.example/client/v1/web_push']);
  expect(device.subscribed).toEqual([{ userVisibleOnly: true, applicationServerKey: BYTES }]);
  expect(device.registered).toEqual([['{"endpoint":"new"}', 'web_push']]);
});

test('a subscription of this server is used again, and one of another is left to whom it belongs', async () => {
  vi.stubGlobal('fetch', async () => Response.json({ public_key: KEY }));
  const known = new Device(BYTES);
  await known.register('https://calls.example');
  expect([known.subscribed.length, known.isGivenUp]).toEqual([0, false]);
  expect(known.registered).toEqual([['{"endpoint":"old"}', 'web_push']]);
  const strange = new Device(BYTES.map((byte) => byte ^ 1));
  await expect(strange.register('https://calls.example')).rejects.toThrow('another server');
  expect([strange.subscribed.length, strange.isGivenUp, strange.registered.length]).toEqual([0, false, 0]);
});

test('the server is named as for init, with a path if it has one, and is never taken to be the page itself', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return Response.json({ public_key: KEY });
  });
  await new Device(null).register('https://calls.example/behind/');
  await new Device(null).register('calls.example');
  vi.stubGlobal('OFFHOOK_HOST', 'page.example');
  await new Device(null).register();
  expect(asked).toEqual(['https://calls.example/behind', 'https://calls.example', 'https://page.example'].map((host) => `${host}/client/v1/web_push`));
  vi.stubGlobal('OFFHOOK_HOST', undefined);
  await expect(new Device(null).register()).rejects.toThrow('No server is known: give registerForPush');
});

test('without a key nothing is subscribed', async () => {
  vi.stubGlobal('fetch', async () => new Response('', { status: 404 }));
  const device = new Device(null);
  await expect(device.register('https://calls.example')).rejects.toThrow('404');
  expect([device.subscribed, device.registered]).toEqual([[], []]);
});

class Device {
  subscribed: unknown[] = [];
  registered: string[][] = [];
  isGivenUp = false;

  constructor(readonly key: Uint8Array | null) {}

  register(server?: string) {
    const old = this.key && {
      toJSON: () => ({ endpoint: 'old' }),
      options: { applicationServerKey: this.key.buffer },
      unsubscribe: async () => (this.isGivenUp = true),
    };
    const pushManager = {
      getSubscription: async () => old,
      subscribe: async (options: unknown) => {
        this.subscribed.push(options);
        return { toJSON: () => ({ endpoint: 'new' }) };
      },
    };
    const calls = { registerPushToken: async (...args: string[]) => void this.registered.push(args) };
    return registerForPush(calls, { pushManager } as unknown as ServiceWorkerRegistration, server);
  }
}
