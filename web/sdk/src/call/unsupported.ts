import { notSupportedYet, settle } from '../errors';
import type {
  CaptureHandler,
  CaptureResult,
  CustomItemsHandler,
  CustomItemsResult,
} from '../surface';

type Callback<T> = ((result?: T, error?: Error) => void) | undefined;

/** Fails a promise and a callback alike with "not supported yet". */
export function rejectUnsupported<T>(name: string, callback: Callback<T>, report: (thrown: unknown) => void): Promise<T> {
  return settle(Promise.reject<T>(notSupportedYet(name)), callback, report);
}

/** The verbs of a direct call that have no meaning yet. Each says so; none does nothing in silence. */
export abstract class UnsupportedVerbs {
  protected abstract report(thrown: unknown): void;

  captureLocalVideoView(callback?: CaptureHandler): Promise<CaptureResult> {
    return rejectUnsupported('captureLocalVideoView', callback, (thrown) => this.report(thrown));
  }

  captureRemoteVideoView(callback?: CaptureHandler): Promise<CaptureResult> {
    return rejectUnsupported('captureRemoteVideoView', callback, (thrown) => this.report(thrown));
  }

  updateCustomItems(_items: unknown, callback?: CustomItemsHandler): Promise<CustomItemsResult> {
    return rejectUnsupported('updateCustomItems', callback, (thrown) => this.report(thrown));
  }

  deleteCustomItems(_keys: unknown, callback?: CustomItemsHandler): Promise<CustomItemsResult> {
    return rejectUnsupported('deleteCustomItems', callback, (thrown) => this.report(thrown));
  }

  deleteAllCustomItems(callback?: CustomItemsHandler): Promise<CustomItemsResult> {
    return rejectUnsupported('deleteAllCustomItems', callback, (thrown) => this.report(thrown));
  }

  startRecording(_options: unknown): string {
    throw notSupportedYet('startRecording');
  }

  stopRecording(_recordingId: string): boolean {
    throw notSupportedYet('stopRecording');
  }

  startScreenShare(): Promise<void> {
    return Promise.reject(notSupportedYet('startScreenShare'));
  }

  stopScreenShare(): void {
    throw notSupportedYet('stopScreenShare');
  }

  setConnectionQualityListener(_mode: unknown, _listener: unknown): void {
    throw notSupportedYet('setConnectionQualityListener');
  }

  /** There never is one, so it is always removed. */
  removeConnectionQualityListener(): void {
    return undefined;
  }
}
