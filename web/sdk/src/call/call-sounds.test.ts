import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settle, World } from '../../test/world';
import { SoundType } from '../enums';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

class Sound {
  loop = false;
  paused = true;
  plays = 0;
  private ready: () => void = () => undefined;
  addEventListener(name: string, handler: () => void): void {
    if (name === 'canplaythrough') this.ready = handler;
  }
  load(): void {
    this.ready();
  }
  async play(): Promise<void> {
    this.paused = false;
    this.plays += 1;
  }
  pause(): void {
    this.paused = true;
  }
}

/** A page with all four sounds, and which of those that go on are heard now. */
async function page(): Promise<{ world: World; sounds: Record<string, Sound>; heard: () => string[] }> {
  const world = await World.connected();
  const sounds: Record<string, Sound> = {};
  world.browser.platform.createAudio = (url) => (sounds[url] = new Sound()) as unknown as HTMLAudioElement;
  for (const type of Object.values(SoundType)) await world.client.sounds.add(type, type);
  const heard = () => Object.keys(sounds).filter((type) => sounds[type]?.loop && !sounds[type].paused);
  return { world, sounds, heard };
}

test('the caller hears that it dials until somebody accepts, then that it reconnects, and once that it is back', async () => {
  const { world, sounds, heard } = await page();
  const call = world.dial();
  const id = { call_id: call.callId };
  expect(heard()).toEqual(['DIALING']);
  await world.reply('dial', { ...id, is_dial_received: true });
  expect(heard()).toEqual(['DIALING']);
  world.tell({ ...id, version: 2, state: 'established' });
  expect(heard()).toEqual([]);
  await world.signal(call.callId, { kind: 'answer', seq: 1, generation: 0, sdp: 'answer' });
  world.browser.connection.become('connected');
  world.tell({ ...id, version: 3, state: 'connected' });
  await settle();
  expect(sounds['RECONNECTED']?.plays).toBe(0);
  world.browser.connection.become('disconnected');
  expect(heard()).toEqual(['RECONNECTING']);
  world.browser.connection.become('connected');
  expect(heard()).toEqual([]);
  expect(sounds['RECONNECTED']).toMatchObject({ plays: 1, loop: false });
  world.browser.connection.become('disconnected');
  world.tell({ ...id, version: 4, state: 'ended', end_result: 'connection_lost' });
  expect(heard()).toEqual([]);
});

test('a dial that fails is silent', async () => {
  const { world, heard } = await page();
  world.dial();
  await world.refuse('dial', 1400106);
  expect(heard()).toEqual([]);
});

test.each<[string, (world: World, call: Awaited<ReturnType<World['ring']>>) => void]>([
  ['accept', (_, call) => call.accept({ callOption: {} })],
  ['the end', (world, { callId }) => world.tell({ call_id: callId, role: 'dc_callee', version: 2, state: 'ended', end_result: 'canceled' })],
  ['another device', (world, { callId }) =>
    world.tell({ call_id: callId, role: 'dc_callee', version: 2, state: 'ended', end_result: 'other_device_accepted' })],
])('it rings until %s', async (_, happens) => {
  const { world, heard } = await page();
  const call = await world.ring();
  expect(heard()).toEqual(['RINGING']);
  happens(world, call);
  expect(heard()).toEqual([]);
});
