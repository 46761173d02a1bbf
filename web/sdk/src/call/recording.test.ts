import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { party, settle, World } from '../../test/world';
import { ErrorCode, RecordingStatus, RecordingType } from '../enums';
import { DirectCallRecordOption } from '../options';
import type { DirectCall } from '../surface';

/** A recorder that does what the test makes it do. */
class FakeRecorder {
  static made: FakeRecorder[] = [];
  static isTypeSupported = (type: string): boolean => type.includes(FakeRecorder.container);
  static container = 'webm';
  static refuses = false;
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  onstop: (() => void) | null = null;
  onerror: ((event: object) => void) | null = null;
  isStuck = false;

  constructor(
    readonly stream: { tracks: Array<{ kind: string }> },
    readonly options: { mimeType: string },
  ) {
    FakeRecorder.made.push(this);
  }

  start(): void {
    if (FakeRecorder.refuses) throw new Error('no encoder');
  }

  stop(): void {
    if (this.isStuck) throw new Error('stuck');
    this.end('sound');
  }

  end(content: string): void {
    this.ondataavailable?.({ data: new Blob([content]) });
    this.onstop?.();
  }
}

class FakeContext {
  static closed = 0;
  createMediaStreamDestination = () => ({ stream: { getAudioTracks: () => [{ kind: 'audio' }] } });
  createMediaStreamSource = () => ({ connect: () => undefined, disconnect: () => undefined });
  resume = async () => undefined;
  close = async () => void (FakeContext.closed += 1);
}

const element = () => ({
  style: {},
  play: async () => undefined,
  getContext: () => ({ fillRect: () => undefined, drawImage: () => undefined }),
  captureStream: () => ({ getVideoTracks: () => [{ kind: 'video' }] }),
});

let saved: Array<{ href?: string; download?: string }>;

beforeEach(() => {
  vi.useFakeTimers({ now: 5_000 });
  FakeRecorder.made = [];
  FakeRecorder.container = 'webm';
  FakeRecorder.refuses = false;
  FakeContext.closed = 0;
  saved = [];
  vi.stubGlobal('MediaRecorder', FakeRecorder);
  vi.stubGlobal('AudioContext', FakeContext);
  vi.stubGlobal('MediaStream', class {
    constructor(readonly tracks: object[]) {}
  });
  vi.stubGlobal('Audio', class {
    play = async () => undefined;
  });
  vi.stubGlobal('document', {
    createElement: (name: string) => {
      if (name !== 'a') return element();
      const link: { href?: string; click: () => void } = { click: () => void saved.push(link as object) };
      return link;
    },
  });
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:file', revokeObjectURL: () => undefined }));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function connected(isVideoCall = true): Promise<{ world: World; call: DirectCall; heard: unknown[][] }> {
  const world = await World.connected();
  const call = world.dial({ isVideoCall });
  await world.reply('dial', { call_id: call.callId, is_video_call: isVideoCall, state: 'connected' });
  const heard: unknown[][] = [];
  world.client.recordings.add('test', {
    onRecordingSucceeded: (...told) => heard.push(told),
    onRecordingFailed: (callId, id, error) => heard.push([callId, id, (error as Error & { code: number }).code]),
  });
  return { world, call, heard };
}

const option = (call: DirectCall, recordingType: RecordingType, fileName?: string) =>
  new DirectCallRecordOption({ callId: call.callId, recordingType, ...(fileName ? { fileName } : {}) });
const thrown = (code: ErrorCode) => expect.objectContaining({ code });
const { REMOTE_AUDIO_ONLY, LOCAL_REMOTE_AUDIOS, REMOTE_AUDIO_AND_VIDEO } = RecordingType;

test.each(Object.values(RecordingType))('%s has one audio track, and one of video if it names one', async (type) => {
  const { call } = await connected();
  call.startRecording(option(call, type));
  const [recorder] = FakeRecorder.made;
  expect(recorder?.stream.tracks.map(({ kind }) => kind)).toEqual(type.includes('video') ? ['audio', 'video'] : ['audio']);
  expect(recorder?.options.mimeType).toBe(type.includes('video') ? 'video/webm;codecs=vp8,opus' : 'audio/webm;codecs=opus');
});

test('it is saved under its kind, call and time, or the given name, and the listeners hear of it', async () => {
  const { call, heard } = await connected();
  const options = option(call, REMOTE_AUDIO_ONLY);
  const id = call.startRecording(options);
  expect(call.stopRecording('another')).toBe(false);
  expect(call.stopRecording(id)).toBe(true);
  expect(call.stopRecording(id)).toBe(false);
  await settle();
  const name = `remote_audio_only_${call.callId}_5000.webm`;
  expect(saved).toMatchObject([{ href: 'blob:file', download: name }]);
  expect(heard).toEqual([[call.callId, id, options, name]]);
  expect(FakeContext.closed).toBe(1);
  FakeRecorder.container = 'mp4';
  const second = call.startRecording(option(call, LOCAL_REMOTE_AUDIOS, 'lunch'));
  expect(second).not.toBe(id);
  call.stopRecording(second);
  expect(saved[1]?.download).toBe('lunch.mp4');
});

test('the other side is told while it goes on, and the end of the call saves it', async () => {
  const { world, call, heard } = await connected();
  const id = call.startRecording(option(call, REMOTE_AUDIO_ONLY));
  expect(call.localRecordingStatus).toBe(RecordingStatus.RECORDING);
  expect(world.socket.ofType('set_media').at(-1)).toMatchObject({ media: { is_recording: true } });
  call.stopRecording(id);
  expect(call.localRecordingStatus).toBe(RecordingStatus.NONE);
  expect(world.socket.ofType('set_media').at(-1)).toMatchObject({ media: { is_recording: false } });
  call.startRecording(option(call, REMOTE_AUDIO_ONLY));
  const told = world.socket.ofType('set_media').length;
  world.tell({ call_id: call.callId, version: 9, state: 'ended', end_result: 'completed' });
  await settle();
  expect(heard).toHaveLength(2);
  expect(call.localRecordingStatus).toBe(RecordingStatus.NONE);
  expect(world.socket.ofType('set_media')).toHaveLength(told);
});

test("the other side's recording is seen, and told when it changes", async () => {
  const { world, call } = await connected();
  const seen: string[] = [];
  call.onRemoteRecordingStatusChanged = (changed) => seen.push(changed.remoteRecordingStatus);
  world.tell({ call_id: call.callId, version: 5, state: 'connected', callee: party('bob', { revision: 1, is_recording: true }) });
  await settle();
  world.tell({ call_id: call.callId, version: 6, state: 'connected', callee: party('bob', { revision: 2 }) });
  await settle();
  expect(seen).toEqual(['recording', 'none']);
});

test('what forbids a recording is thrown by its code', async () => {
  const world = await World.connected();
  const ringing = world.dial({ isVideoCall: true });
  expect(() => ringing.startRecording(option(ringing, REMOTE_AUDIO_ONLY))).toThrow(thrown(ErrorCode.ERR_CALL_NOT_CONNECTED_YET));
  const { call } = await connected(false);
  for (const type of ['constructor', 'video', undefined]) {
    expect(() => call.startRecording(option(call, type as never))).toThrow(thrown(ErrorCode.ERR_INVALID_RECORDING_TYPE));
  }
  expect(() => call.startRecording(option(call, REMOTE_AUDIO_AND_VIDEO))).toThrow(thrown(ErrorCode.ERR_WRONG_RECORDING_TYPE_FOR_AUDIO_CALL));
  FakeRecorder.refuses = true;
  expect(() => call.startRecording(option(call, REMOTE_AUDIO_ONLY))).toThrow(thrown(ErrorCode.ERR_FAILED_TO_START_RECORDING));
  expect(FakeContext.closed).toBe(1);
  FakeRecorder.refuses = false;
  call.startRecording(option(call, REMOTE_AUDIO_ONLY));
  expect(() => call.startRecording(option(call, REMOTE_AUDIO_ONLY))).toThrow(thrown(ErrorCode.ERR_RECORDING_ALREADY_IN_PROGRESS));
  FakeRecorder.container = 'ogg';
  const other = (await connected()).call;
  expect(() => other.startRecording(option(other, REMOTE_AUDIO_ONLY))).toThrow(thrown(ErrorCode.ERR_NOT_SUPPORTED_BROWSER_FOR_RECORDING));
  vi.stubGlobal('MediaRecorder', undefined);
  expect(() => other.startRecording(option(other, REMOTE_AUDIO_ONLY))).toThrow(thrown(ErrorCode.ERR_NOT_SUPPORTED_BROWSER_FOR_RECORDING));
});

test('what goes wrong later is told to the listeners, and another recording can follow', async () => {
  const { call, heard } = await connected();
  const codes: number[] = [];
  const attempt = async (spoil: (recorder: FakeRecorder) => void) => {
    const id = call.startRecording(option(call, REMOTE_AUDIO_ONLY));
    const recorder = FakeRecorder.made.at(-1) as FakeRecorder;
    spoil(recorder);
    call.stopRecording(id);
    await settle();
    codes.push(heard.at(-1)?.[2] as number);
  };
  await attempt((recorder) => (recorder.isStuck = true));
  await attempt((recorder) => (recorder.stop = () => recorder.end('')));
  await attempt((recorder) => {
    recorder.onerror?.({ error: new Error('out of memory') });
    recorder.end('half');
  });
  await attempt(() => Object.assign(URL, { createObjectURL: () => {
    throw new Error('refused');
  } }));
  expect(codes).toEqual([
    ErrorCode.ERR_FAILED_TO_STOP_RECORDING,
    ErrorCode.ERR_FAILED_TO_STOP_RECORDING,
    ErrorCode.ERR_FAILED_TO_STOP_RECORDING,
    ErrorCode.ERR_FAILED_TO_OPEN_FILE,
  ]);
  expect(heard).toHaveLength(4);
});
