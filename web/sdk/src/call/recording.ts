import { ErrorCode, RecordingType } from '../enums';
import { asCallError, CallError } from '../errors';
import { containerOf, Recorder, type Side } from '../media/recorder';
import type { DirectCallRecordOption } from '../options';

/** What recordings need from their call. */
export interface RecordingOwner {
  readonly callId: string;
  readonly isVideoCall: boolean;
  /** The local and the remote one, while the call is connected. */
  sides(): readonly [Side, Side] | undefined;
  randomId(): string;
  handleRecording(isRecording: boolean): void;
  handleSucceeded(recordingId: string, options: DirectCallRecordOption, fileName: string): void;
  handleFailed(recordingId: string, error: CallError): void;
}

/** How long a file's address stays for the browser to fetch it. */
const ADDRESS_LASTS_MS = 60_000;

/** The sides of a call, by their places in `sides`. */
const LOCAL = 0;
const REMOTE = 1;

/** Whose sound is heard, and whose picture is seen. */
const CONTENTS: Record<RecordingType, readonly [heard: number[], seen?: number]> = {
  [RecordingType.REMOTE_AUDIO_AND_VIDEO]: [[REMOTE], REMOTE],
  [RecordingType.REMOTE_AUDIO_ONLY]: [[REMOTE]],
  [RecordingType.LOCAL_REMOTE_AUDIOS]: [[LOCAL, REMOTE]],
  [RecordingType.LOCAL_AUDIO_REMOTE_AUDIO_AND_VIDEO]: [[LOCAL, REMOTE], REMOTE],
  [RecordingType.LOCAL_AUDIO_AND_VIDEO_REMOTE_AUDIO]: [[LOCAL, REMOTE], LOCAL],
};

/** The recordings of a call, one at a time. Each is saved as a download when it stops. */
export class Recordings {
  private active: { id: string; recorder: Recorder } | undefined;

  constructor(private readonly owner: RecordingOwner) {}

  get isRecording(): boolean {
    return this.active !== undefined;
  }

  /** Gives the id of the recording. */
  start(options: DirectCallRecordOption): string {
    const { owner } = this;
    const type = options?.recordingType;
    const contents = Object.hasOwn(CONTENTS, type) ? CONTENTS[type] : undefined;
    if (!contents) throw new CallError(ErrorCode.ERR_INVALID_RECORDING_TYPE);
    const [heard, seen] = contents;
    if (seen !== undefined && !owner.isVideoCall) throw new CallError(ErrorCode.ERR_WRONG_RECORDING_TYPE_FOR_AUDIO_CALL);
    const sides = owner.sides();
    if (!sides) throw new CallError(ErrorCode.ERR_CALL_NOT_CONNECTED_YET);
    if (this.active) throw new CallError(ErrorCode.ERR_RECORDING_ALREADY_IN_PROGRESS);
    const container = containerOf(seen !== undefined);
    if (!container) throw new CallError(ErrorCode.ERR_NOT_SUPPORTED_BROWSER_FOR_RECORDING);
    const id = owner.randomId();
    const fileName = fileNameOf(options, owner.callId, container);
    try {
      const recorder = new Recorder(container, sides.filter((_, place) => heard.includes(place)), seen === undefined ? undefined : sides[seen], (file, error) => {
        this.handleStopped(id, options, fileName, file, error);
      });
      this.active = { id, recorder };
    } catch (thrown) {
      throw asCallError(thrown, ErrorCode.ERR_FAILED_TO_START_RECORDING);
    }
    owner.handleRecording(true);
    return id;
  }

  /** Says whether there was such a recording to stop. The listeners hear when its file is saved. */
  stop(id: string | undefined = this.active?.id): boolean {
    const { active } = this;
    if (!active || active.id !== id) return false;
    this.forget(id);
    try {
      active.recorder.stop();
    } catch (thrown) {
      this.owner.handleFailed(id, asCallError(thrown, ErrorCode.ERR_FAILED_TO_STOP_RECORDING));
    }
    return true;
  }

  private forget(id: string): void {
    if (this.active?.id !== id) return;
    this.active = undefined;
    this.owner.handleRecording(false);
  }

  private handleStopped(id: string, options: DirectCallRecordOption, fileName: string, file: Blob, error: unknown): void {
    // The browser may end it by itself.
    this.forget(id);
    if (error || file.size === 0) {
      return this.owner.handleFailed(id, asCallError(error ?? 'Nothing was recorded.', ErrorCode.ERR_FAILED_TO_STOP_RECORDING));
    }
    try {
      save(file, fileName);
    } catch (thrown) {
      return this.owner.handleFailed(id, asCallError(thrown, ErrorCode.ERR_FAILED_TO_OPEN_FILE));
    }
    this.owner.handleSucceeded(id, options, fileName);
  }
}

function fileNameOf({ fileName, recordingType }: DirectCallRecordOption, callId: string, container: string): string {
  const extension = container.includes('mp4') ? '.mp4' : '.webm';
  const name = fileName || `${recordingType}_${callId}_${Date.now()}`;
  return name.endsWith(extension) ? name : name + extension;
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), ADDRESS_LASTS_MS);
}

