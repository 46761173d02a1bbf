import { ErrorCode } from '../enums';
import { asCallError, CallError } from '../errors';
import { Picture } from '../media/picture';
import type { CaptureResult } from '../surface';

/** How long the first frame of a picture may take to be there. */
const FRAME_WITHIN_MS = 3_000;
/** How often it is looked for. */
const LOOK_EVERY_MS = 20;

/** One picture of a video track, whether a view shows it or not. */
export async function captureFrame(track: MediaStreamTrack | undefined): Promise<CaptureResult> {
  // The camera is off, or the call on hold.
  if (!track) throw new CallError(ErrorCode.ERR_FAILED_TO_GET_IMAGE_FROM_VIDEO_STREAM);
  const picture = new Picture();
  try {
    picture.show(track);
    for (let waitedMs = 0; !picture.isReady; waitedMs += LOOK_EVERY_MS) {
      if (waitedMs >= FRAME_WITHIN_MS) throw new CallError(ErrorCode.ERR_VIDEO_VIEW_NOT_READY);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    const canvas = document.createElement('canvas');
    const { width, height } = picture;
    Object.assign(canvas, { width, height });
    picture.drawOn(canvas);
    return { width, height, data: canvas.toDataURL() };
  } catch (thrown) {
    throw asCallError(thrown, ErrorCode.ERR_FAILED_TO_GET_IMAGE_FROM_VIDEO_STREAM);
  } finally {
    picture.show(undefined);
  }
}
