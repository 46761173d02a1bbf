import type { Kind } from './capture';

/** What 1280×720 at 24 frames a second takes at most. */
const VIDEO_BITRATE = 1_700_000;
const VIDEO_FRAMERATE = 24;

/**
 * Says how a way out behaves when there is too little room: speech goes first, and a picture gives up sharpness before
 * it stutters, since faces and hands are read by their movement. Engines that know less of it keep their own ways.
 */
export async function tune(sender: RTCRtpSender, kind: Kind): Promise<void> {
  const parameters = sender.getParameters?.();
  const encoding = parameters?.encodings?.[0];
  if (!encoding) return;
  encoding.priority = kind === 'audio' ? 'high' : 'low';
  if (kind === 'video') {
    encoding.maxBitrate = VIDEO_BITRATE;
    encoding.maxFramerate = VIDEO_FRAMERATE;
    parameters.degradationPreference = 'balanced';
  }
  await sender.setParameters(parameters);
}
