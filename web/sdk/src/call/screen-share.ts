import { ErrorCode } from '../enums';
import { CallError } from '../errors';

/** Text stays sharp at this rate, and most of what is shown hardly moves. */
const OPTIONS = { video: { frameRate: { max: 15 }, width: { max: 1920 }, height: { max: 1080 } }, audio: false };

/** What a shared screen needs from its call. */
export interface ScreenShareOwner {
  readonly isVideoCall: boolean;
  /** Whether the call is connected, and not held here. */
  isTalking(): boolean;
  mediaDevices(): MediaDevices | undefined;
  /** Sends the screen in place of the camera, or the camera again. */
  send(screen: MediaStreamTrack | undefined): void;
  handleStopped(): void;
}

/** The screen that this side shows in place of its camera. */
export class ScreenShare {
  private track: MediaStreamTrack | undefined;
  private isAsking = false;

  constructor(private readonly owner: ScreenShareOwner) {}

  get isOn(): boolean {
    return this.track !== undefined;
  }

  /** Asks the user what to show. */
  async start(): Promise<void> {
    const { owner } = this;
    if (!owner.isVideoCall) throw new CallError(ErrorCode.ERR_SCREEN_SHARE_RESTRICTED_FROM_AUDIO_CALL, 'An audio call shows no screen.');
    this.checkTalking();
    if (this.track || this.isAsking) throw new CallError(ErrorCode.ERR_SCREEN_SHARE_ALREADY_IN_PROGRESS, 'A screen is shown already.');
    const devices = owner.mediaDevices();
    if (!devices?.getDisplayMedia) throw new CallError(ErrorCode.ERR_NOT_SUPPORTED_BROWSER_FOR_SCREEN_SHARE, 'This browser, or an insecure page, shows no screen.');
    this.isAsking = true;
    let track: MediaStreamTrack | undefined;
    try {
      [track] = (await devices.getDisplayMedia(OPTIONS)).getVideoTracks();
    } catch (thrown) {
      throw refusal(thrown);
    } finally {
      this.isAsking = false;
    }
    if (!track) throw refusal('no picture');
    try {
      this.checkTalking();
    } catch (gone) {
      track.stop();
      throw gone;
    }
    this.track = track;
    track.contentHint = 'detail';
    owner.send(track);
    // The browser's own button; a stop of ours is silent.
    track.onended = () => this.stop();
  }

  /** The camera comes back as it was. Says whether there was a screen. */
  stop(): boolean {
    const { track } = this;
    if (!track) return false;
    this.track = undefined;
    track.onended = null;
    track.stop();
    this.owner.send(undefined);
    this.owner.handleStopped();
    return true;
  }

  private checkTalking(): void {
    if (!this.owner.isTalking()) {
      throw new CallError(ErrorCode.ERR_SCREEN_SHARE_REQUEST_BEFORE_CALL_IS_CONNECTED, 'The call is not connected, or on hold.');
    }
  }
}

const CODES: Record<string, ErrorCode> = {
  'InvalidStateError': ErrorCode.ERR_NOT_SUPPORTED_APP_STATE_FOR_SCREEN_SHARE,
  'NotAllowedError': ErrorCode.ERR_PERMISSION_DENIED_FOR_SCREEN_SHARE,
  'NotFoundError': ErrorCode.ERR_SELECTED_CONTENT_NOT_EXIST,
  'NotReadableError': ErrorCode.ERR_SELECTED_CONTENT_INACCESSIBLE,
};

function refusal(thrown: unknown): CallError {
  const code = CODES[(thrown as Error).name] ?? ErrorCode.ERR_SCREEN_SHARE_FAILED_DUE_TO_UNKNOWN_REASON;
  return new CallError(code, `No screen is shown: ${String(thrown)}`);
}
