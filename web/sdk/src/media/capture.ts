import type { Logger } from '../logger';
import type { Platform } from '../platform';

/** Which devices to use; the system's own where none is named. */
export interface Chosen {
  audio?: string | undefined;
  video?: string | undefined;
}

/**
 * Opens microphone and camera. Where one of the two is refused or missing, the other is used; where both are, nothing
 * comes back, and the reason is logged.
 */
export async function capture(
  platform: Platform,
  logger: Logger,
  wanted: { audio: boolean; video: boolean },
  chosen: Chosen,
): Promise<MediaStreamTrack[]> {
  const devices = platform.mediaDevices();
  if (!devices?.getUserMedia) {
    logger.error('Microphone and camera are out of reach: browsers give them to pages served over HTTPS or from localhost only.');
    return [];
  }
  const audio = wanted.audio && constraintsOf('audio', chosen.audio);
  const video = wanted.video && constraintsOf('video', chosen.video);
  if (!audio && !video) return [];
  try {
    return (await devices.getUserMedia({ audio, video })).getTracks();
  } catch (thrown) {
    if (!audio || !video) {
      logger.error(`The ${audio ? 'microphone' : 'camera'} cannot be used.`, thrown);
      return [];
    }
    const alone = [await capture(platform, logger, { audio: true, video: false }, chosen)];
    alone.push(await capture(platform, logger, { audio: false, video: true }, chosen));
    return alone.flat();
  }
}

function constraintsOf(kind: 'audio' | 'video', deviceId: string | undefined): MediaTrackConstraints | true {
  const device = deviceId ? { deviceId: { exact: deviceId } } : {};
  if (kind === 'audio') return deviceId ? device : true;
  return { width: { ideal: 1280, max: 1280 }, height: { ideal: 720, max: 720 }, frameRate: { ideal: 24, max: 30 }, ...device };
}
