import { ErrorCode, RecordingStatus } from '../enums';
import { CallError, settle } from '../errors';
import type { PartyMedia } from '../generated/PartyMedia';
import { uuid } from '../random';
import type { CaptureHandler, CaptureResult, DirectCall } from '../surface';
import { CallProperties } from './properties';
import { Quality } from './quality';
import { Recordings } from './recording';
import { ScreenShare } from './screen-share';
import { captureFrame } from './view-capture';

/** What a connected call does with its media beside carrying it: records, captures, shows a screen, measures. */
export abstract class MediaVerbs extends CallProperties {
  private readonly recordings = new Recordings({
    callId: this.callId,
    isVideoCall: this.isVideoCall,
    randomId: () => uuid(this.host.platform),
    sides: () => {
      const streams = this.isConnected ? this.media.streams : undefined;
      return streams && [
        { stream: streams[0], hasPicture: () => true },
        { stream: streams[1], hasPicture: () => this.isRemoteShown },
      ];
    },
    handleRecording: (isRecording) => void this.announceDoing({ is_recording: isRecording }).catch(() => undefined),
    handleSucceeded: (id, options, fileName) => this.host.recordings.tell('onRecordingSucceeded', this.callId, id, options, fileName),
    handleFailed: (id, error) => this.host.recordings.tell('onRecordingFailed', this.callId, id, error),
  });

  private readonly screen = new ScreenShare({
    isVideoCall: this.isVideoCall,
    isTalking: () => this.isConnected && !this.progress.mediaOf(this.myRole).is_on_hold,
    mediaDevices: () => this.host.platform.mediaDevices(),
    send: (screen) => {
      this.media.setScreen(screen);
      // A screen is a picture, too: the other side shows it if the camera was off.
      if (!this.isLocalVideoEnabled) this.announceDoing({}).catch(() => undefined);
    },
    handleStopped: () => this.tell(() => this.onScreenShareStopped?.()),
  });

  private readonly quality = new Quality({
    now: () => this.host.platform.now(),
    readStats: () => this.media.readStats(),
    send: (samples) => this.host.tellQuality(this.callId, samples),
    tell: (tell) => this.tell(tell),
  });

  /** Tells the other side what this one does. */
  protected abstract announceDoing(doing: Pick<PartyMedia, 'is_on_hold' | 'is_recording'>): Promise<void>;
  protected abstract tell(tell: () => void): void;

  get localRecordingStatus(): RecordingStatus {
    return statusOf(this.recordings.isRecording);
  }

  get remoteRecordingStatus(): RecordingStatus {
    return statusOf(this.progress.mediaOf(this.remoteRole).is_recording);
  }

  get isLocalScreenShareEnabled(): boolean {
    return this.screen.isOn;
  }

  startRecording(options: Parameters<DirectCall['startRecording']>[0]): string {
    return this.recordings.start(options);
  }

  stopRecording(recordingId: string): boolean {
    return this.recordings.stop(String(recordingId));
  }

  startScreenShare(): Promise<void> {
    return this.screen.start();
  }

  stopScreenShare(): void {
    if (!this.screen.stop()) throw new CallError(ErrorCode.ERR_NO_SCREEN_SHARE_EXISTS);
  }

  captureLocalVideoView(callback?: CaptureHandler): Promise<CaptureResult> {
    return this.captureView(0, true, callback);
  }

  captureRemoteVideoView(callback?: CaptureHandler): Promise<CaptureResult> {
    return this.captureView(1, this.isRemoteShown, callback);
  }

  setConnectionQualityListener(...[mode, listener]: Parameters<DirectCall['setConnectionQualityListener']>): void {
    this.quality.listen(mode, listener);
  }

  removeConnectionQualityListener(): void {
    this.quality.unlisten();
  }

  protected override handleLink(isUp: boolean): void {
    this.quality.handleLink(isUp);
  }

  /** Held, nothing is shown any more. */
  protected handleHeld(): void {
    this.screen.stop();
  }

  /** The media is about to be closed. */
  protected override handleClosing(): void {
    this.recordings.stop();
    this.screen.stop();
    this.quality.close();
  }

  private get isConnected(): boolean {
    return this.progress.state === 'connected';
  }

  private get isRemoteShown(): boolean {
    return this.isRemoteVideoEnabled && !this.progress.mediaOf(this.remoteRole).is_on_hold;
  }

  private captureView(side: 0 | 1, isShown: boolean, callback: CaptureHandler | undefined): Promise<CaptureResult> {
    return settle(this.captureSide(side, isShown), callback, (thrown) => this.report(thrown));
  }

  private async captureSide(side: 0 | 1, isShown: boolean): Promise<CaptureResult> {
    if (!this.isVideoCall) throw new CallError(ErrorCode.ERR_CAPTURE_NOT_ALLOWED_ON_AUDIO_CALL);
    if (!this.isConnected) throw new CallError(ErrorCode.ERR_VIDEO_CALL_NOT_CONNECTED_YET);
    return captureFrame(isShown ? this.media.streams?.[side].getVideoTracks()[0] : undefined);
  }
}

function statusOf(isRecording: boolean | undefined): RecordingStatus {
  return isRecording ? RecordingStatus.RECORDING : RecordingStatus.NONE;
}
