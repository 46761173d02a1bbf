import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ErrorCode, RecordingType } from '../src/enums';
import { DirectCallRecordOption } from '../src/options';
import type { DirectCall } from '../src/surface';
import { FakeStream, FakeTrack } from './fakes';
import { party, settle, World } from './world';

type Name = keyof typeof ErrorCode;

/** Each answers with the code that an application met. */
const PROVOKED: Partial<Record<Name, () => Promise<unknown>>> = {
  DIAL_CANCELED: async () => {
    const world = await World.connected();
    const code = dialCode(world);
    world.client.getOngoingCalls()[0]?.end();
    await world.refuse('end', 1400102);
    return code;
  },
  MY_USER_ID_NOT_ALLOWED: async () => dialCode(await World.connected(), 'alice'),
  ERR_REQUEST_FAILED: () => signInCode((request) => request?.fail()),
  WS_NOT_CONNECTED: async () => {
    const world = await signedInOnly();
    return codeOf(world.client.changeItems(() => ({ type: 'delete_custom_items', call_id: 'x' })));
  },
  WS_CONNECTION_FAILED: async () => {
    const world = await signedInOnly();
    const code = codeOf(world.client.connectWebSocket());
    await settle();
    world.socket.onerror?.();
    return code;
  },
  ERR_NO_RESPONSE_DUE_TO_TIMEOUT: () => signInCode(() => settle(10_000)),
  ERR_REQUEST_FAILED_DUE_TO_WEBSOCKET_CONNECTION_LOST: async () => {
    const world = await World.connected();
    const code = dialCode(world);
    world.socket.lose();
    await settle(10_000);
    return code;
  },
  ERR_WRONG_RESPONSE: () => signInCode((request) => request?.answer({})),
  ERR_QUERY_IN_PROGRESS: async () => {
    const query = (await World.connected()).client.createLogQuery();
    void query.next();
    return codeOf(query.next());
  },
  INTERNAL_SERVER_ERROR: async () => {
    const world = await World.connected();
    let code: unknown;
    world.client.renewal.setHandler({
      onSessionTokenRequired: (_, reject) => reject(new Error('of the application')),
      onSessionError: (error) => (code = (error as { code?: number }).code),
    });
    void world.client.authenticate({ userId: 'alice', accessToken: 'token' });
    await world.answerSignIn('alice', { token_expires_in_ms: 61_000 });
    await settle(1_000);
    return code;
  },
  ERR_MALFORMED_DATA: () => signInCode((request) => request?.answer('<html>')),
  INVALID_PARAMETER_VALUE: async () => thrownBy(() => new World().client.init('')),
  INVALID_PARAMETER_TYPE: async () => thrownBy(() => new World().client.init(7 as never)),
  INSTANCE_NOT_INITIALIZED: () => codeOf(new World().client.connectWebSocket()),
  USER_NOT_AUTHENTICATED: async () => {
    const { client } = new World();
    client.init('APP', 'calls.example');
    return codeOf(client.connectWebSocket());
  },

  ERR_CAPTURE_NOT_ALLOWED_ON_AUDIO_CALL: async () => codeOf((await talking(false)).call.captureLocalVideoView()),
  ERR_VIDEO_VIEW_NOT_READY: async () => {
    const { call } = await talking();
    stubBrowser();
    const code = codeOf(call.captureRemoteVideoView());
    await settle(4_000);
    return code;
  },
  ERR_VIDEO_CALL_NOT_CONNECTED_YET: async () =>
    codeOf((await World.connected()).dial({ isVideoCall: true }).captureLocalVideoView()),
  ERR_FAILED_TO_GET_IMAGE_FROM_VIDEO_STREAM: async () => {
    const { world, call } = await talking();
    world.socket.receive({
      type: 'party_media',
      call_id: call.callId,
      role: 'dc_callee',
      media: { audio_enabled: true, video_enabled: false, revision: 9 },
    });
    return codeOf(call.captureRemoteVideoView());
  },

  ERR_CALL_NOT_CONNECTED_YET: async () => {
    const call = (await World.connected()).dial({ isVideoCall: true });
    return thrownBy(() => call.startRecording(record()));
  },
  ERR_WRONG_RECORDING_TYPE_FOR_AUDIO_CALL: async () => {
    const { call } = await talking(false);
    return thrownBy(() => call.startRecording(record(RecordingType.REMOTE_AUDIO_AND_VIDEO)));
  },
  ERR_RECORDING_ALREADY_IN_PROGRESS: async () => {
    const { call } = await talking();
    stubBrowser();
    call.startRecording(record());
    return thrownBy(() => call.startRecording(record()));
  },
  ERR_FAILED_TO_OPEN_FILE: () => recordingFailure({ link: { click: () => fail('no file') } }),
  ERR_FAILED_TO_START_RECORDING: async () => {
    const { call } = await talking();
    stubBrowser({ recorder: { start: () => fail('no encoder') } });
    return thrownBy(() => call.startRecording(record()));
  },
  ERR_FAILED_TO_STOP_RECORDING: () => recordingFailure({ recorder: { stop: () => fail('no end') } }),
  ERR_NOT_SUPPORTED_BROWSER_FOR_RECORDING: async () => {
    const { call } = await talking();
    return thrownBy(() => call.startRecording(record()));
  },
  ERR_INVALID_RECORDING_TYPE: async () => {
    const { call } = await talking();
    return thrownBy(() => call.startRecording(record('everything' as never)));
  },

  ERR_SCREEN_SHARE_RESTRICTED_FROM_AUDIO_CALL: async () => codeOf((await talking(false)).call.startScreenShare()),
  ERR_SCREEN_SHARE_REQUEST_BEFORE_CALL_IS_CONNECTED: async () =>
    codeOf((await World.connected()).dial({ isVideoCall: true }).startScreenShare()),
  ERR_SCREEN_SHARE_ALREADY_IN_PROGRESS: async () => {
    const { world, call } = await talking();
    world.browser.display = async () => new FakeStream([new FakeTrack('video')]);
    await call.startScreenShare();
    return codeOf(call.startScreenShare());
  },
  ERR_NO_SCREEN_SHARE_EXISTS: async () => {
    const { call } = await talking();
    return thrownBy(() => call.stopScreenShare());
  },
  ERR_NOT_SUPPORTED_BROWSER_FOR_SCREEN_SHARE: async () => codeOf((await talking()).call.startScreenShare()),
  ERR_SCREEN_SHARE_FAILED_DUE_TO_UNKNOWN_REASON: () => screenCode('TypeError'),
  ERR_NOT_SUPPORTED_APP_STATE_FOR_SCREEN_SHARE: () => screenCode('InvalidStateError'),
  ERR_PERMISSION_DENIED_FOR_SCREEN_SHARE: () => screenCode('NotAllowedError'),
  ERR_SELECTED_CONTENT_NOT_EXIST: () => screenCode('NotFoundError'),
  ERR_SELECTED_CONTENT_INACCESSIBLE: () => screenCode('NotReadableError'),
};

/** Provoked at a real server by `e2e/tests/error-codes.test.mjs`: a fake that says them shows nothing. */
const OF_THE_SERVER: Name[] = [
  'ERR_INVALID_CALL_STATUS', 'ERR_CALL_DOES_NOT_EXIST', 'ERR_CALLEE_DOES_NOT_EXIST', 'ERR_DIAL_MYSELF', 'ERR_NO_PERMISSION',
  'ERR_CALLEE_NEVER_AUTHENTICATE', 'ERR_SERVER_INTERNAL_ERROR',
];

const NEVER: Array<[reason: string, names: Name[]]> = [
  ['a page does not learn the version of its operating system', ['ERR_NOT_SUPPORTED_OS_VERSION_FOR_RECORDING']],
  ['there are no rooms yet', [
    'ERR_PARTICIPANT_ALREADY_IN_ROOM', 'ERR_ENTERING_ROOM_STILL_IN_PROGRESS', 'ERR_PARTICIPANT_NOT_IN_ROOM',
    'ERR_EXITING_ROOM_STILL_IN_PROGRESS', 'ERR_FAILED_TO_ESTABLISH_CONNECTION_TO_SEND_STREAM',
    'ERR_FAILED_TO_ESTABLISH_CONNECTION_TO_RECEIVE_STREAM', 'ERR_LOCAL_PARTICIPANT_LOST_CONNECTION',
  ]],
];

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('every code is either provoked or is on a list that says why not', () => {
  const all = Object.keys(ErrorCode).filter((name) => Number.isNaN(Number(name)));
  expect(all).toHaveLength(52);
  expect([...Object.keys(PROVOKED), ...OF_THE_SERVER, ...NEVER.flatMap(([, names]) => names)].sort()).toEqual(all.sort());
});

test.each(Object.entries(PROVOKED))('%s', async (name, provoke) => {
  expect(await provoke()).toBe(ErrorCode[name as Name]);
});

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(() => undefined, (thrown) => thrown);
  expect(error === undefined || (error instanceof Error && error.message.length > 0)).toBe(true);
  return error?.code ?? 'no error';
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return (thrown as { code?: number }).code;
  }
  return 'no error';
}

function fail(message: string): never {
  throw new Error(message);
}

function dialCode(world: World, userId = 'bob'): Promise<unknown> {
  return new Promise((resolve) => {
    world.client.dial({ userId, isVideoCall: false, callOption: {} }, (_, error) => resolve((error as { code?: number } | undefined)?.code));
  });
}

async function signedInOnly(): Promise<World> {
  const world = new World();
  world.client.init('APP', 'calls.example');
  void world.client.authenticate({ userId: 'alice' });
  await world.answerSignIn('alice');
  return world;
}

async function signInCode(happens: (request: World['browser']['fetched'][number] | undefined) => unknown): Promise<unknown> {
  const world = new World();
  world.client.init('APP', 'calls.example');
  const code = codeOf(world.client.authenticate({ userId: 'alice' }));
  await settle();
  await happens(world.browser.fetched[0]);
  return code;
}

/** Alice's call that bob has taken, with pictures if it is a video call. */
async function talking(isVideoCall = true): Promise<{ world: World; call: DirectCall }> {
  const world = await World.connected();
  const call = world.dial({ isVideoCall });
  const known = {
    call_id: call.callId,
    is_video_call: isVideoCall,
    callee: party('bob', { video_enabled: isVideoCall }),
  };
  await world.reply('dial', known);
  world.tell({ ...known, version: 2, state: 'established' });
  await world.signal(call.callId, { kind: 'answer', seq: 1, generation: 0, sdp: 'answer' });
  for (const { receiver } of world.browser.connection.getTransceivers()) world.browser.connection.ontrack?.(receiver);
  world.browser.connection.become('connected');
  world.tell({ ...known, version: 3, state: 'connected' });
  await settle();
  return { world, call };
}

const record = (recordingType: RecordingType = RecordingType.REMOTE_AUDIO_ONLY) =>
  new DirectCallRecordOption({ callId: 'ignored', recordingType });

/** What listeners are told of a recording in a browser with such faults. */
async function recordingFailure(faults: Parameters<typeof stubBrowser>[0]): Promise<unknown> {
  const { world, call } = await talking();
  stubBrowser(faults);
  let code: unknown;
  world.client.recordings.add('test', {
    onRecordingSucceeded: () => (code = 'succeeded'),
    onRecordingFailed: (_, __, error) => (code = (error as { code?: number }).code),
  });
  expect(call.stopRecording(call.startRecording(record()))).toBe(true);
  await settle();
  return code;
}

async function screenCode(name: string): Promise<unknown> {
  const { world, call } = await talking();
  world.browser.display = async () => {
    throw Object.assign(new Error('no'), { name });
  };
  return codeOf(call.startScreenShare());
}

/** Recorder, mixer and elements, as far as recording and capturing use them. */
function stubBrowser({ recorder = {}, link = {} }: { recorder?: object; link?: object } = {}): void {
  class Recorder {
    static isTypeSupported = () => true;
    state = 'recording';
    ondataavailable: ((event: { data: Blob }) => void) | undefined;
    onstop: (() => void) | undefined;
    constructor() {
      Object.assign(this, recorder);
    }
    start(): void {}
    stop(): void {
      this.ondataavailable?.({ data: new Blob(['x']) });
      this.onstop?.();
    }
  }
  class Mixer {
    createMediaStreamDestination = () => ({ stream: new FakeStream([new FakeTrack('audio')]) });
    createMediaStreamSource = () => ({ connect: () => undefined, disconnect: () => undefined });
    resume = async () => undefined;
    close = async () => undefined;
  }
  const element = { play: async () => undefined, readyState: 0, videoWidth: 0, videoHeight: 0, click: () => undefined, ...link };
  vi.stubGlobal('MediaRecorder', Recorder);
  vi.stubGlobal('AudioContext', Mixer);
  vi.stubGlobal('MediaStream', FakeStream);
  vi.stubGlobal('Audio', class { play = async () => undefined; });
  vi.stubGlobal('document', { createElement: () => ({ ...element }) });
}
