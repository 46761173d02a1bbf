/** The options that an application may make with `new`. A plain object with the same fields serves as well. */

import type { RecordingType } from './enums';

/** Which views show a call, and what it starts with. */
export class DirectCallOption {
  localMediaView?: HTMLMediaElement | null;
  remoteMediaView?: HTMLMediaElement | null;
  audioEnabled?: boolean;
  videoEnabled?: boolean;

  constructor(option: DirectCallOption = {}) {
    Object.assign(this, option);
  }
}

/** What to record, and under which name. */
export class RecordOption {
  callId!: string;
  recordingType!: RecordingType;
  fileName?: string;

  constructor(option: RecordOption) {
    Object.assign(this, option);
  }
}

/** What to record of a direct call. */
export class DirectCallRecordOption extends RecordOption {}
