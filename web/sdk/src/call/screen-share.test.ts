import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeStream, FakeTrack } from '../../test/fakes';
import { settle, World } from '../../test/world';
import { ErrorCode } from '../enums';
import type { DirectCall } from '../surface';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

/** A video call in a browser whose picker shows `screens`, or refuses. */
async function connected(screens: Array<FakeTrack | Error>, isVideoCall = true): Promise<{ world: World; call: DirectCall; stops: () => number }> {
  const world = await World.connected();
  const real = world.browser.platform.mediaDevices();
  world.browser.platform.mediaDevices = () =>
    Object.assign({} as MediaDevices, real, {
      getDisplayMedia: async () => {
        const screen = screens.shift();
        if (!(screen instanceof FakeTrack)) throw screen;
        return Object.assign(new FakeStream([screen]), { getVideoTracks: () => [screen] });
      },
    });
  const call = world.dial({ isVideoCall });
  await world.reply('dial', { call_id: call.callId, is_video_call: isVideoCall, state: 'connected' });
  let stops = 0;
  call.onScreenShareStopped = () => {
    stops += 1;
  };
  return { world, call, stops: () => stops };
}

const screen = () => new FakeTrack('video', 'screen');
const sent = (world: World) => world.browser.connection.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video')?.sender.track;

test('a screen takes the place of the camera, which is stopped and opened again afterwards', async () => {
  const shown = screen();
  const { world, call, stops } = await connected([shown]);
  const camera = sent(world);
  await call.startScreenShare();
  await settle();
  expect(call.isLocalScreenShareEnabled).toBe(true);
  expect([sent(world), camera?.isStopped]).toEqual([shown, true]);
  expect((shown as unknown as { contentHint: string }).contentHint).toBe('detail');
  call.stopScreenShare();
  await settle();
  expect([stops(), shown.isStopped, call.isLocalScreenShareEnabled]).toEqual([1, true, false]);
  expect(sent(world)?.deviceId).toBe('default');
  expect(sent(world)?.isStopped).toBe(false);
});

test('text stays sharp while a screen is sent, and movement is smooth again with the camera', async () => {
  const { world, call } = await connected([screen()]);
  const preferences: unknown[] = [];
  for (const { sender } of world.browser.connection.getTransceivers()) {
    Object.assign(sender, {
      getParameters: () => ({ encodings: [{}] }),
      setParameters: async ({ degradationPreference }: { degradationPreference?: string }) => void preferences.push(degradationPreference),
    });
  }
  const tuned = () => vi.advanceTimersByTimeAsync(1_000);
  world.browser.connection.become('connected');
  await tuned();
  await call.startScreenShare();
  await tuned();
  call.stopScreenShare();
  await tuned();
  expect(preferences.filter(Boolean).filter((now, n, all) => now !== all[n - 1])).toEqual([
    'maintain-framerate', 'maintain-resolution', 'maintain-framerate',
  ]);
});

test("the browser's own button ends it as well, and it can be started anew", async () => {
  const [first, second] = [screen(), screen()];
  const { world, call, stops } = await connected([first, second]);
  await call.startScreenShare();
  first.onended?.();
  await settle();
  expect([stops(), call.isLocalScreenShareEnabled]).toEqual([1, false]);
  await call.startScreenShare();
  await settle();
  expect(sent(world)).toBe(second);
});

test('with the camera off the other side is told of a picture, and what is wanted of the camera counts afterwards', async () => {
  const { world, call } = await connected([screen(), screen()]);
  const told = () => (world.socket.ofType('set_media').at(-1)?.['media'] as { video_enabled: boolean }).video_enabled;
  call.stopVideo();
  await call.startScreenShare();
  expect([call.isLocalVideoEnabled, told()]).toEqual([false, true]);
  call.stopScreenShare();
  await settle();
  expect([sent(world), told()]).toEqual([null, false]);
  const shown = screen();
  await call.startScreenShare();
  await settle();
  call.startVideo();
  call.stopVideo();
  await settle();
  expect(sent(world)?.isStopped).toBe(false);
  expect(told()).toBe(true);
  expect(shown.isStopped).toBe(false);
});

test('the end of the call ends it, and a picker that answers later shows nothing', async () => {
  const [first, late] = [screen(), screen()];
  const { world, call, stops } = await connected([first, late]);
  await call.startScreenShare();
  const end = () => world.tell({ call_id: call.callId, version: 9, state: 'ended', end_result: 'completed' });
  call.stopScreenShare();
  const asked = call.startScreenShare();
  end();
  await expect(asked).rejects.toMatchObject({ code: ErrorCode.ERR_SCREEN_SHARE_REQUEST_BEFORE_CALL_IS_CONNECTED });
  await settle();
  expect([late.isStopped, stops()]).toEqual([true, 1]);
});

test('what forbids it, and what the browser refuses, is told by its code', async () => {
  const refused = (name: string) => Object.assign(new Error('no'), { name });
  const { call } = await connected(['InvalidStateError', 'NotAllowedError', 'NotFoundError', 'NotReadableError', 'AbortError'].map(refused));
  for (const code of [1800627, 1800628, 1800629, 1800630, 1800626]) await expect(call.startScreenShare()).rejects.toMatchObject({ code });
  expect(() => call.stopScreenShare()).toThrow(expect.objectContaining({ code: 1800623 }));
  const busy = await connected([screen()]);
  const asked = busy.call.startScreenShare();
  await expect(busy.call.startScreenShare()).rejects.toMatchObject({ code: 1800622 });
  await asked;
  await expect(busy.call.startScreenShare()).rejects.toMatchObject({ code: 1800622 });
  busy.world.browser.platform.mediaDevices = () => undefined;
  busy.call.stopScreenShare();
  await expect(busy.call.startScreenShare()).rejects.toMatchObject({ code: 1800625 });
  await expect((await connected([], false)).call.startScreenShare()).rejects.toMatchObject({ code: 1800620 });
  const ringing = busy.world.dial({ isVideoCall: true });
  await expect(ringing.startScreenShare()).rejects.toMatchObject({ code: 1800621 });
});
