import type { Kind } from './capture';

/** Most that is taken by 1280×720 with movement, and by 1920×1080 of text. */
const CAMERA = { maxBitrate: 1_700_000, maxFramerate: 24 };
const SCREEN = { maxBitrate: 2_500_000, maxFramerate: 15 };

/** Without a track, Firefox would go on sending silence and black. */
export async function setSending(sender: RTCRtpSender, isSending: boolean): Promise<void> {
  const parameters = sender.getParameters?.();
  const encoding = parameters?.encodings?.[0];
  if (!encoding || (encoding.active ?? true) === isSending) return;
  encoding.active = isSending;
  await sender.setParameters(parameters);
}

/**
 * Says how a way out behaves when there is too little room: speech goes first; a camera's picture gives up sharpness
 * before it stutters, since faces and hands are read by their movement, and a shared screen stutters before it blurs,
 * since it is read. Engines that know less of it keep their own ways.
 */
export async function tune(sender: RTCRtpSender, kind: Kind): Promise<void> {
  const parameters = sender.getParameters?.();
  const encoding = parameters?.encodings?.[0];
  if (!encoding) return;
  encoding.priority = kind === 'audio' ? 'high' : 'low';
  if (kind === 'video') {
    const isScreen = sender.track?.contentHint === 'detail';
    Object.assign(encoding, isScreen ? SCREEN : CAMERA);
    parameters.degradationPreference = isScreen ? 'maintain-resolution' : 'maintain-framerate';
  }
  await sender.setParameters(parameters);
}
