import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settle, World } from '../../test/world';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const device = (kind: string, deviceId: string) => ({ kind, deviceId, label: deviceId.toUpperCase() });

async function withDevices(): Promise<{ world: World; heard: string[] }> {
  const world = new World();
  const heard: string[] = [];
  world.client.logger.setLevel('NONE');
  world.client.listeners.add(1 as unknown as string, {
    onAudioInputDeviceChanged: (current, available) => heard.push(`mic ${current.deviceId} of ${available.length}`),
    onVideoInputDeviceChanged: (current, available) => heard.push(`cam ${current.deviceId} of ${available.length}`),
    onAudioOutputDeviceChanged: null,
  });
  world.browser.devices = [device('audioinput', 'one'), device('audioinput', 'two'), device('videoinput', 'cam')];
  world.client.init('APP', 'calls.example');
  await settle();
  return { world, heard };
}

test('the list is there without waiting, once it has been looked at, and what is handed out is a copy', async () => {
  const { world, heard } = await withDevices();
  const { devices } = world.client;
  expect(devices.list('audioinput').map(({ deviceId }) => deviceId)).toEqual(['one', 'two']);
  devices.list('audioinput').pop();
  expect(devices.list('audioinput')).toHaveLength(2);
  expect(devices.current('audioinput')?.deviceId).toBe('one');
  expect(devices.current('audiooutput')).toBeUndefined();
  expect(heard).toEqual(['mic one of 2', 'cam cam of 1']);
});

test('plugging in and out is told, and only where something changed', async () => {
  const { world, heard } = await withDevices();
  heard.length = 0;
  world.browser.devices = world.browser.devices.slice(1);
  world.browser.plug();
  await settle();
  world.browser.plug();
  await settle();
  expect(heard).toEqual(['mic two of 1']);
});

test('a selection holds until the device is gone', async () => {
  const { world, heard } = await withDevices();
  const { devices } = world.client;
  heard.length = 0;
  devices.select('audioinput', devices.list('audioinput')[1] as MediaDeviceInfo);
  expect(devices.chosen('audioinput')).toBe('two');
  world.browser.devices = [device('audioinput', 'one'), device('videoinput', 'cam')];
  world.browser.plug();
  await settle();
  expect(devices.chosen('audioinput')).toBeUndefined();
  expect(heard).toEqual(['mic two of 2', 'mic one of 1']);
  expect(() => devices.select('audioinput', undefined as never)).toThrow('available devices');
});

test('useMedia keeps devices open until it is disposed of, before permission has come, too', async () => {
  const { world } = await withDevices();
  const access = world.client.devices.use({ audio: true, video: false });
  await settle();
  expect(world.browser.captured[0]?.isStopped).toBe(false);
  access?.dispose();
  expect(world.browser.captured[0]?.isStopped).toBe(true);
  world.client.devices.use({ audio: true, video: true })?.dispose();
  await settle();
  expect(world.browser.captured.every(({ isStopped }) => isStopped)).toBe(true);
});

test('the permission of a call names the devices, without the application asking', async () => {
  const world = await World.connected();
  expect(world.client.devices.list('audioinput')).toEqual([]);
  world.browser.devices = [device('audioinput', 'one')];
  world.dial();
  await settle();
  expect(world.client.devices.current('audioinput')?.label).toBe('ONE');
});

test('when the last device is pulled out, the application is told that there is none', async () => {
  const { world } = await withDevices();
  const heard: unknown[] = [];
  world.client.listeners.add('last', { onVideoInputDeviceChanged: (...args) => void heard.push(args) });
  world.browser.devices = world.browser.devices.slice(0, 2);
  world.browser.plug();
  await settle();
  expect(heard).toEqual([[undefined, []]]);
});

test('without devices in reach nothing throws', async () => {
  const world = new World();
  world.client.logger.setLevel('NONE');
  world.browser.platform.mediaDevices = () => undefined;
  world.client.init('APP');
  world.client.devices.update({ audio: true, video: true });
  await settle();
  expect(world.client.devices.use({ audio: true, video: true })).toBeUndefined();
  expect(world.client.devices.list('audioinput')).toEqual([]);
});
