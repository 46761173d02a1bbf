import { ErrorCode } from '../enums';
import { CallError } from '../errors';
import type { Platform } from '../platform';

export type Kind = 'audio' | 'video';

/** Which devices to use; the system's own where none is named. */
export type Chosen = Partial<Record<Kind, string | undefined>>;

/** What could be opened, and why something could not. */
export interface Captured {
  tracks: MediaStreamTrack[];
  error?: CallError | undefined;
}

/** Opens microphone and camera. Where one of the two is refused or missing, the other is used. Never rejects. */
export async function capture(platform: Platform, wanted: Kind[], chosen: Chosen): Promise<Captured> {
  const [kind, another] = wanted;
  if (!kind) return { tracks: [] };
  const devices = platform.mediaDevices();
  if (!devices?.getUserMedia) return refused('Browsers give microphone and camera to pages served over HTTPS or from localhost only.');
  try {
    const constraints = Object.fromEntries(wanted.map((each) => [each, constraintsOf(each, chosen[each])]));
    return { tracks: (await devices.getUserMedia(constraints)).getTracks() };
  } catch (thrown) {
    if (another) {
      const [first, second] = [await capture(platform, [kind], chosen), await capture(platform, [another], chosen)];
      return { tracks: [...first.tracks, ...second.tracks], error: first.error ?? second.error };
    }
    const name = (thrown as Error)?.name;
    const isMissing = name === 'NotFoundError' || name === 'OverconstrainedError';
    // The device that was selected is gone: the system's own takes its place.
    if (isMissing && chosen[kind]) return capture(platform, wanted, {});
    const device = kind === 'audio' ? 'microphone' : 'camera';
    if (isMissing) return refused(`There is no ${device}: plug one in and call again.`);
    if (name === 'NotAllowedError') return refused(`The ${device} is not allowed: allow it for this page in the browser's settings and call again.`);
    return refused(`The ${device} cannot be opened (${name}): another program may be using it.`);
  }
}

function refused(message: string): Captured {
  return { tracks: [], error: new CallError(ErrorCode.ERR_NO_PERMISSION, message) };
}

function constraintsOf(kind: Kind, deviceId: string | undefined): MediaTrackConstraints | true {
  const device = deviceId ? { deviceId: { exact: deviceId } } : {};
  if (kind === 'audio') return deviceId ? device : true;
  return { width: { ideal: 1280, max: 1280 }, height: { ideal: 720, max: 720 }, frameRate: { ideal: 24, max: 30 }, ...device };
}
