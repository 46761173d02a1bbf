import { expect, test } from 'vitest';
import type { Kind } from './capture';
import { tune } from './sending';

async function tuned(kind: Kind, contentHint = ''): Promise<unknown> {
  let set: unknown;
  const sender = {
    track: { contentHint },
    getParameters: () => ({ encodings: [{}] }),
    setParameters: async (parameters: unknown) => {
      set = parameters;
    },
  };
  await tune(sender as unknown as RTCRtpSender, kind);
  return set;
}

test('speech goes before pictures, and is bounded by nothing', async () => {
  expect(await tuned('audio')).toEqual({ encodings: [{ priority: 'high' }] });
});

test('a camera gives up sharpness before movement', async () => {
  expect(await tuned('video')).toEqual({
    encodings: [{ priority: 'low', maxBitrate: 1_700_000, maxFramerate: 24 }],
    degradationPreference: 'maintain-framerate',
  });
});

test('a shared screen gives up movement before sharpness, and has more room', async () => {
  expect(await tuned('video', 'detail')).toEqual({
    encodings: [{ priority: 'low', maxBitrate: 2_500_000, maxFramerate: 15 }],
    degradationPreference: 'maintain-resolution',
  });
});

test('a sender without encodings, as before the first negotiation, is left alone', async () => {
  const sender = { getParameters: () => ({ encodings: [] }), setParameters: () => expect.unreachable() };
  await tune(sender as unknown as RTCRtpSender, 'video');
});
