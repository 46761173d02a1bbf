import { ErrorCode } from '../enums';
import { asCallError, CallError } from '../errors';

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
    if (!owner.isVideoCall) throw new CallError(ErrorCode.ERR_SCREEN_SHARE_RESTRICTED_FROM_AUDIO_CALL);
    if (!owner.isTalking()) throw notTalking();
    if (this.track || this.isAsking) throw new CallError(ErrorCode.ERR_SCREEN_SHARE_ALREADY_IN_PROGRESS);
    const devices = owner.mediaDevices();
    if (!devices?.getDisplayMedia) throw new CallError(ErrorCode.ERR_NOT_SUPPORTED_BROWSER_FOR_SCREEN_SHARE);
    this.isAsking = true;
    const stream = await devices.getDisplayMedia(OPTIONS).catch((thrown: unknown) => {
      throw refusal(thrown);
    }).finally(() => {
      this.isAsking = false;
    });
    // There is one: a picture was asked for.
    const track = stream.getVideoTracks()[0] as MediaStreamTrack;
    if (!owner.isTalking()) {
      track.stop();
      throw notTalking();
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
}

function notTalking(): CallError {
  return new CallError(ErrorCode.ERR_SCREEN_SHARE_REQUEST_BEFORE_CALL_IS_CONNECTED);
}

const CODES: Record<string, ErrorCode> = {
  'InvalidStateError': ErrorCode.ERR_NOT_SUPPORTED_APP_STATE_FOR_SCREEN_SHARE,
  'NotAllowedError': ErrorCode.ERR_PERMISSION_DENIED_FOR_SCREEN_SHARE,
  'NotFoundError': ErrorCode.ERR_SELECTED_CONTENT_NOT_EXIST,
  'NotReadableError': ErrorCode.ERR_SELECTED_CONTENT_INACCESSIBLE,
};

function refusal(thrown: unknown): CallError {
  return asCallError(thrown, CODES[(thrown as Error).name] ?? ErrorCode.ERR_SCREEN_SHARE_FAILED_DUE_TO_UNKNOWN_REASON);
}
