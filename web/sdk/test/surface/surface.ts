/**
 * Every name of the public interface, used as an application would: what compiles against the published names must
 * compile against ours. Nothing here runs.
 */

import SendBirdCall from 'offhook';
import * as Namespace from 'offhook';
import {
  appId,
  authenticate,
  type Room as NamedRoom,
  connectionState,
  currentUser,
  LoggerLevel,
  RoomType,
  SoundType,
  sdkVersion,
  setSessionHandler,
} from 'offhook';

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<_T extends true>(): void {}
declare const input: InputDeviceInfo;
declare const output: MediaDeviceInfo;
declare const element: HTMLVideoElement;
declare const audio: HTMLAudioElement;

export async function modules(): Promise<void> {
  SendBirdCall.init('app');
  SendBirdCall.init('app', 'api.example', 'wss://ws.example');
  const user: SendBirdCall.User = await SendBirdCall.authenticate({ userId: 'a', accessToken: 'b' }, (u, e) => {
    const name: string | undefined = u?.nickname ?? e?.message;
    return name;
  });
  await authenticate({ userId: user.userId });
  SendBirdCall.deauthenticate();
  await SendBirdCall.connectWebSocket();
  const listener: SendBirdCall.SendBirdCallListener = {
    onRinging: (call: SendBirdCall.DirectCall) => call.end(),
    onInvitationReceived: (invitation: SendBirdCall.RoomInvitation) => void invitation.accept(),
    onAudioInputDeviceChanged: (current: InputDeviceInfo, available: InputDeviceInfo[]) => [current, ...available],
    onAudioOutputDeviceChanged: (current: MediaDeviceInfo, available: MediaDeviceInfo[]) => [current, ...available],
    onVideoInputDeviceChanged: null,
  };
  SendBirdCall.addListener('id', listener);
  SendBirdCall.addListener('empty', {});
  SendBirdCall.removeListener('id');
  SendBirdCall.removeAllListeners();
  const recordingListener: SendBirdCall.SendBirdCallRecordingListener = {
    onRecordingSucceeded: (callId: string, recordingId: string, options: SendBirdCall.RecordOption, fileName?: string) =>
      [callId, recordingId, options.recordingType, fileName],
    onRecordingFailed: (callId: string, recordingId: string, error: Error) => [callId, recordingId, error.message],
  };
  SendBirdCall.addRecordingListener('id', recordingListener);
  SendBirdCall.removeRecordingListener('id');
  SendBirdCall.removeAllRecordingListeners();

  const found: SendBirdCall.DirectCall = SendBirdCall.getCall('id');
  const ongoing: SendBirdCall.DirectCall[] = [...SendBirdCall.getOngoingCalls(), found];
  const count: number = SendBirdCall.getOngoingCallCount() + ongoing.length;
  const query: SendBirdCall.DirectCallLogListQuery = SendBirdCall.createDirectCallLogListQuery();
  SendBirdCall.createDirectCallLogListQuery({
    myRole: SendBirdCall.DirectCallUserRole.CALLER,
    endResults: [SendBirdCall.DirectCallEndResult.DECLINED],
    startedAt: 1,
    endedAt: 2,
    limit: count,
  } satisfies SendBirdCall.DirectCallLogListQueryParams);
  if (query.hasNext && !query.isLoading) {
    const logs = await query.next((page?: SendBirdCall.DirectCallLog[], error?: Error) => [page, error]);
    logs.map((log) => {
      same<Same<typeof log, SendBirdCall.DirectCallLog>>();
      return [
        log.callId, log.userRole, log.startedAt.getTime(), log.endedAt.getTime(), log.endedBy.userId, log.duration + 1,
        log.endResult, log.isVideoCall, log.customItems['a'], log.isFromServer, log.caller.userId, log.callee.userId,
      ];
    });
  }

  same<Same<ReturnType<typeof SendBirdCall.getCurrentAudioInputDevice>, InputDeviceInfo>>();
  same<Same<ReturnType<typeof SendBirdCall.getAvailableAudioInputDevices>, InputDeviceInfo[]>>();
  SendBirdCall.selectAudioInputDevice(input);
  same<Same<ReturnType<typeof SendBirdCall.getCurrentAudioOutputDevice>, MediaDeviceInfo>>();
  same<Same<ReturnType<typeof SendBirdCall.getAvailableAudioOutputDevices>, MediaDeviceInfo[]>>();
  SendBirdCall.selectAudioOutputDevice(output);
  same<Same<ReturnType<typeof SendBirdCall.getCurrentVideoInputDevice>, InputDeviceInfo>>();
  same<Same<ReturnType<typeof SendBirdCall.getAvailableVideoInputDevices>, InputDeviceInfo[]>>();
  SendBirdCall.selectVideoInputDevice(input);
  SendBirdCall.updateMediaDevices({ audio: true, video: true });
  const access: SendBirdCall.MediaAccess | undefined = SendBirdCall.useMedia({ audio: true, video: false });
  access?.dispose();

  const items: SendBirdCall.CustomItems = { key: 'value' };
  const changed: SendBirdCall.CustomItemsResult = await SendBirdCall.updateCustomItems('id', items, (result, error) => [
    result?.affectedKeys,
    error,
  ]);
  await SendBirdCall.deleteCustomItems('id', changed.affectedKeys, (result, error) => [result?.customItems, error]);
  await SendBirdCall.deleteAllCustomItems('id', (result, error) => [result, error]);
  const level: SendBirdCall.LoggerLevel = SendBirdCall.setLoggerLevel(LoggerLevel.NONE);
  SendBirdCall.setLoggerLevel(level);
  SendBirdCall.setRingingTimeout(30);
  SendBirdCall.setCallConnectionTimeout(30);
  const data: SendBirdCall.WebhookData = {
    category: 'direct_call:dial',
    occured_at: 1,
    application_id: 'app',
    sendbird_call: { version: 1, message_id: 'm', cmd: 'c', type: 't', payload: {} },
    more: true,
  };
  SendBirdCall.handleWebhookData(data);
  const isAdded: boolean = await SendBirdCall.addDirectCallSound(SoundType.DIALING, '/dialing.mp3');
  const isRemoved: boolean = SendBirdCall.removeDirectCallSound(SendBirdCall.SoundType.RINGING);
  await rooms(isAdded && isRemoved);
  await SendBirdCall.registerPushToken('t', SendBirdCall.TokenType.FCM);
  await SendBirdCall.unregisterPushToken('t', SendBirdCall.TokenType.APNS);
  await SendBirdCall.unregisterAllPushTokens(SendBirdCall.TokenType.APNS);
  const values: string[] = [sdkVersion, appId, currentUser.userId, SendBirdCall.sdkVersion, SendBirdCall.appId];
  const me: SendBirdCall.User = SendBirdCall.currentUser;
  void [values, me.userId, me.nickname, me.profileUrl, me.metaData, me.isActive];
}

export async function directCall(): Promise<void> {
  const option: SendBirdCall.DirectCallOption = { localMediaView: element, remoteMediaView: element, audioEnabled: true, videoEnabled: true };
  const params: SendBirdCall.DialParams = {
    userId: 'bob',
    isVideoCall: true,
    callOption: option,
    customItems: { a: 'b' },
    sendBirdChatOptions: { channelUrl: 'c' },
    holdActiveCall: false,
    webhook: { url: 'https://x', enabledEvents: ['a'], headers: { b: 'c' } } satisfies SendBirdCall.Webhook,
  };
  const call: SendBirdCall.DirectCall = SendBirdCall.dial(params, (answered?: SendBirdCall.DirectCall, error?: Error) => [
    answered,
    error,
  ]);
  SendBirdCall.dial({ userId: 'bob', isVideoCall: false, callOption: new SendBirdCall.DirectCallOption({ audioEnabled: true }) });
  const texts: string[] = [call.callId, call.caller.userId, call.callee.nickname, call.localUser.profileUrl, call.endedBy.userId];
  const role: SendBirdCall.DirectCallUserRole = call.myRole;
  const isCaller = role === SendBirdCall.DirectCallUserRole.CALLER && call.remoteUser.role === 'dc_caller';
  const flags: boolean[] = [
    call.isVideoCall, call.isLocalAudioEnabled, call.isRemoteAudioEnabled, call.isLocalVideoEnabled, call.isRemoteVideoEnabled,
    call.isOngoing, call.isOnHold, call.isEnded, call.isLocalScreenShareEnabled, call.remoteUser.isActive, isCaller,
  ];
  const metaData: object = call.remoteUser.metaData;
  const result: SendBirdCall.DirectCallEndResult = call.endResult;
  if (result === SendBirdCall.DirectCallEndResult.COMPLETED || result === 'declined') void call.callLog.duration;
  const status: SendBirdCall.RecordingStatus[] = [call.localRecordingStatus, call.remoteRecordingStatus];
  const views: HTMLMediaElement[] = [call.localMediaView, call.remoteMediaView];
  const party: SendBirdCall.DirectCallUser = call.caller;
  const customItems: SendBirdCall.CustomItems = call.customItems;
  void [texts, flags, metaData, status, views, party, customItems];

  for (const name of ['onEstablished', 'onConnected', 'onReconnecting', 'onReconnected', 'onEnded', 'onCalleeDialReceived',
    'onRemoteAudioSettingsChanged', 'onRemoteVideoSettingsChanged', 'onRemoteRecordingStatusChanged'] as const) {
    call[name] = (other: SendBirdCall.DirectCall) => void other.callId;
    call[name] = null;
  }
  call.onCustomItemsUpdated = (other, keys: string[]) => void [other.callId, ...keys];
  call.onCustomItemsDeleted = (other, keys: string[]) => void [other.callId, ...keys];
  call.onUserHoldStatusChanged = (other, isLocalUser: boolean, isUserOnHold: boolean) => void [other, isLocalUser, isUserOnHold];
  call.onScreenShareStopped = () => undefined;

  call.accept({ callOption: option, holdActiveCall: true } satisfies SendBirdCall.AcceptParams);
  call.accept({ callOption: {} });
  call.end();
  const duration: number = call.getDuration();
  const shown: Array<Promise<void>> = [call.setLocalMediaView(element), call.setRemoteMediaView(audio)];
  call.muteMicrophone();
  call.unmuteMicrophone();
  call.startVideo();
  call.stopVideo();
  await call.hold();
  await call.unhold(true);
  const picture = await call.captureLocalVideoView((captured, error) => [captured?.data, error]);
  const { width, height, data }: { width: number; height: number; data: string } = await call.captureRemoteVideoView();
  await call.updateCustomItems({ a: 'b' }, (changed, error) => [changed?.customItems, error]);
  await call.deleteCustomItems(['a'], (changed, error) => [changed, error]);
  const all: SendBirdCall.CustomItemsResult = await call.deleteAllCustomItems();
  const record: SendBirdCall.RecordOption = new SendBirdCall.RecordOption({
    callId: 'id',
    recordingType: SendBirdCall.RecordingType.LOCAL_REMOTE_AUDIOS,
    fileName: 'f',
  });
  const recordingId: string = call.startRecording(new SendBirdCall.DirectCallRecordOption(record));
  const isStopped: boolean = call.stopRecording(recordingId);
  await call.startScreenShare();
  call.stopScreenShare();
  call.setConnectionQualityListener(
    SendBirdCall.ConnectionQualityMonitoringMode.FREQUENCY,
    ({ mos, packetsLostRate, rtt, jitter, connectionQuality }: SendBirdCall.ConnectionMetrics) => {
      const numbers: Array<number | undefined> = [mos, packetsLostRate, rtt, jitter];
      return [numbers, connectionQuality === SendBirdCall.ConnectionQualityState.POOR];
    },
  );
  call.removeConnectionQualityListener();
  void [duration, shown, picture, width, height, data, all, isStopped];
}

export async function rooms(isPrivate: boolean): Promise<void> {
  const params: SendBirdCall.RoomParams = { roomType: RoomType.SMALL_ROOM_FOR_VIDEO, customItems: {} };
  const room: SendBirdCall.Room = await SendBirdCall.createRoom(params);
  const others: NamedRoom[] = [SendBirdCall.getCachedRoomById('id'), await SendBirdCall.fetchRoomById('id')];
  const query: SendBirdCall.RoomListQuery = SendBirdCall.createRoomListQuery({
    type: 'all',
    limit: 10,
    state: SendBirdCall.RoomState.OPEN,
    currentParticipantCount: [1, undefined],
    createdByUserIds: ['a'],
    roomIds: ['b'],
    createdAt: [1, 2],
  } satisfies SendBirdCall.RoomListQueryParams);
  const pages: SendBirdCall.Room[] = [...(await query.next()), ...(await query.prev())];
  const enter: SendBirdCall.EnterParams = { audioEnabled: true, videoEnabled: isPrivate, kickSiblings: true };
  await room.enter(enter);
  room.exit();
  await room.setAudioForLargeRoom(audio);
  const results: SendBirdCall.CustomItemsResult[] = [
    await room.fetchCustomItems(), await room.updateCustomItems({ a: 'b' }), await room.deleteCustomItems(['a']),
  ];
  const invitation: SendBirdCall.RoomInvitation = await room.sendInvitation('bob');
  await invitation.accept();
  await invitation.decline();
  await invitation.cancel();
  await room.delete();
  for (const event of ['remoteParticipantEntered', 'remoteParticipantConnected', 'remoteParticipantExited',
    'remoteParticipantStreamStarted', 'remoteAudioSettingsChanged', 'remoteVideoSettingsChanged'] as const) {
    room.addEventListener(event, (participant: SendBirdCall.RemoteParticipant) => void participant.setMediaView(element));
  }
  for (const event of ['localParticipantDisconnected', 'localParticipantReconnected'] as const) {
    room.on(event, (participant: SendBirdCall.LocalParticipant) => participant.stopVideo());
  }
  for (const event of ['customItemsUpdated', 'customItemsDeleted'] as const) {
    room.once(event, (items: SendBirdCall.CustomItems, keys: string[]) => void [items, keys]);
  }
  for (const event of ['invitationAccepted', 'invitationDeclined', 'invitationCanceled'] as const) {
    room.on(event, (answered: SendBirdCall.RoomInvitation) => void [answered.room.roomId, answered.inviter.userId, answered.invitee.userId]);
  }
  const onDeleted = () => undefined;
  room.on('deleted', onDeleted);
  room.off('deleted', onDeleted);
  room.removeEventListener('deleted', onDeleted);
  room.on('error', (error: Error, participant?: SendBirdCall.Participant) => void [error.message, participant?.participantId]);
  room.removeAllEventListeners();
  const local: SendBirdCall.LocalParticipant = room.localParticipant;
  same<Same<(typeof local)['isLocalParticipant'], true>>();
  await local.setLocalMediaView(element);
  local.muteMicrophone();
  local.unmuteMicrophone();
  local.startVideo();
  const remote: SendBirdCall.RemoteParticipant[] = room.remoteParticipants;
  same<Same<(typeof remote)[number]['isLocalParticipant'], false>>();
  for (const participant of room.participants) {
    const times: Array<number | undefined> = [participant.enteredAt, participant.updatedAt, participant.exitedAt, participant.duration];
    const isConnected = participant.state === SendBirdCall.ParticipantState.CONNECTED;
    void [times, isConnected, participant.user.userId, participant.isAudioEnabled, participant.isVideoEnabled];
  }
  const flags: boolean[] = [query.isLoading, query.hasNext, query.hasPrev];
  const values: [string, SendBirdCall.RoomState, SendBirdCall.RoomType, SendBirdCall.CustomItems, number, string] = [
    room.roomId, room.state, room.roomType, room.customItems, room.createdAt, room.createdBy,
  ];
  void [others, pages, results, flags, values];
}

/** Enumerations are values, types, and namespaces of the types of their members. */
export function enumerations(): void {
  same<Same<(typeof SendBirdCall.LoggerLevel)['NONE' | 'ERROR' | 'WARNING' | 'INFO'], SendBirdCall.LoggerLevel>>();
  same<Same<SendBirdCall.SoundType, 'DIALING' | 'RINGING' | 'RECONNECTING' | 'RECONNECTED'>>();
  same<Same<SendBirdCall.DirectCallUserRole, 'dc_caller' | 'dc_callee'>>();
  same<Same<SendBirdCall.TokenType, 'apns_voip' | 'fcm_voip'>>();
  same<Same<SendBirdCall.ConnectionQualityState, 'unavailable' | 'poor' | 'fair' | 'average' | 'good' | 'excellent'>>();
  same<Same<SendBirdCall.ConnectionQualityMonitoringMode, 'frequency' | 'connectionQualityChange'>>();
  same<Same<SendBirdCall.RecordingStatus, 'none' | 'recording'>>();
  same<Same<SendBirdCall.RoomType, 'small_room_for_video' | 'large_room_for_audio_only'>>();
  same<Same<SendBirdCall.RoomState, 'open' | 'deleted'>>();
  same<Same<SendBirdCall.ParticipantState, 'entered' | 'connected' | 'exited'>>();
  const member: SendBirdCall.DirectCallEndResult.NO_ANSWER = SendBirdCall.DirectCallEndResult.NO_ANSWER;
  const code: SendBirdCall.ErrorCode = SendBirdCall.ErrorCode.ERR_CALLEE_NEVER_AUTHENTICATE;
  const name: string | undefined = SendBirdCall.ErrorCode[1800100];
  void [member, code, name, Namespace.RoomType.LARGE_ROOM_FOR_AUDIO_ONLY, Namespace.default.init];
}

/** Exactly these members, with exactly these values. */
export function members(): void {
  type Members<E> = { [Name in keyof E]: E[Name] };
  const ofLoggerLevel: Members<typeof SendBirdCall.LoggerLevel> = { NONE: 'NONE', ERROR: 'ERROR', WARNING: 'WARNING', INFO: 'INFO' };
  const ofSoundType: Members<typeof SendBirdCall.SoundType> = {
    DIALING: 'DIALING',
    RINGING: 'RINGING',
    RECONNECTING: 'RECONNECTING',
    RECONNECTED: 'RECONNECTED',
  };
  const ofDirectCallUserRole: Members<typeof SendBirdCall.DirectCallUserRole> = { CALLER: 'dc_caller', CALLEE: 'dc_callee' };
  const ofDirectCallEndResult: Members<typeof SendBirdCall.DirectCallEndResult> = {
    NO_ANSWER: 'no_answer',
    CANCELED: 'canceled',
    DECLINED: 'declined',
    OTHER_DEVICE_ACCEPTED: 'other_device_accepted',
    COMPLETED: 'completed',
    CONNECTION_LOST: 'connection_lost',
    TIMED_OUT: 'timed_out',
    DIAL_FAILED: 'dial_failed',
    ACCEPT_FAILED: 'accept_failed',
    NOT_CONNECTED: 'not_connected',
    UNKNOWN: 'unknown',
  };
  const ofTokenType: Members<typeof SendBirdCall.TokenType> = { APNS: 'apns_voip', FCM: 'fcm_voip' };
  const ofConnectionQualityState: Members<typeof SendBirdCall.ConnectionQualityState> = {
    UNAVAILABLE: 'unavailable',
    POOR: 'poor',
    FAIR: 'fair',
    AVERAGE: 'average',
    GOOD: 'good',
    EXCELLENT: 'excellent',
  };
  const ofConnectionQualityMonitoringMode: Members<typeof SendBirdCall.ConnectionQualityMonitoringMode> = { FREQUENCY: 'frequency', CONNECTION_QUALITY_CHANGE: 'connectionQualityChange' };
  const ofRecordingType: Members<typeof SendBirdCall.RecordingType> = {
    REMOTE_AUDIO_AND_VIDEO: 'remote_audio_and_video',
    REMOTE_AUDIO_ONLY: 'remote_audio_only',
    LOCAL_REMOTE_AUDIOS: 'local_remote_audios',
    LOCAL_AUDIO_REMOTE_AUDIO_AND_VIDEO: 'local_audio_remote_audio_and_video',
    LOCAL_AUDIO_AND_VIDEO_REMOTE_AUDIO: 'local_audio_and_video_remote_audio',
  };
  const ofRecordingStatus: Members<typeof SendBirdCall.RecordingStatus> = { NONE: 'none', RECORDING: 'recording' };
  const ofRoomType: Members<typeof SendBirdCall.RoomType> = {
    SMALL_ROOM_FOR_VIDEO: 'small_room_for_video',
    LARGE_ROOM_FOR_AUDIO_ONLY: 'large_room_for_audio_only',
  };
  const ofRoomState: Members<typeof SendBirdCall.RoomState> = { OPEN: 'open', DELETED: 'deleted' };
  const ofParticipantState: Members<typeof SendBirdCall.ParticipantState> = { ENTERED: 'entered', CONNECTED: 'connected', EXITED: 'exited' };
  const ofErrorCode: Members<typeof SendBirdCall.ErrorCode> = {
    DIAL_CANCELED: 1800100,
    MY_USER_ID_NOT_ALLOWED: 1800101,
    ERR_REQUEST_FAILED: 1800200,
    WS_NOT_CONNECTED: 1800201,
    WS_CONNECTION_FAILED: 1800202,
    ERR_NO_RESPONSE_DUE_TO_TIMEOUT: 1800203,
    ERR_REQUEST_FAILED_DUE_TO_WEBSOCKET_CONNECTION_LOST: 1800204,
    ERR_WRONG_RESPONSE: 1800205,
    ERR_QUERY_IN_PROGRESS: 1800206,
    INTERNAL_SERVER_ERROR: 1800207,
    ERR_MALFORMED_DATA: 1800208,
    INVALID_PARAMETER_VALUE: 1800300,
    INVALID_PARAMETER_TYPE: 1800301,
    INSTANCE_NOT_INITIALIZED: 1800302,
    USER_NOT_AUTHENTICATED: 1800303,
    ERR_CAPTURE_NOT_ALLOWED_ON_AUDIO_CALL: 1800600,
    ERR_VIDEO_VIEW_NOT_READY: 1800601,
    ERR_VIDEO_CALL_NOT_CONNECTED_YET: 1800602,
    ERR_FAILED_TO_GET_IMAGE_FROM_VIDEO_STREAM: 1800603,
    ERR_CALL_NOT_CONNECTED_YET: 1800610,
    ERR_WRONG_RECORDING_TYPE_FOR_AUDIO_CALL: 1800611,
    ERR_RECORDING_ALREADY_IN_PROGRESS: 1800612,
    ERR_FAILED_TO_OPEN_FILE: 1800613,
    ERR_FAILED_TO_START_RECORDING: 1800614,
    ERR_FAILED_TO_STOP_RECORDING: 1800615,
    ERR_NOT_SUPPORTED_BROWSER_FOR_RECORDING: 1800616,
    ERR_INVALID_RECORDING_TYPE: 1800617,
    ERR_NOT_SUPPORTED_OS_VERSION_FOR_RECORDING: 1800618,
    ERR_SCREEN_SHARE_RESTRICTED_FROM_AUDIO_CALL: 1800620,
    ERR_SCREEN_SHARE_REQUEST_BEFORE_CALL_IS_CONNECTED: 1800621,
    ERR_SCREEN_SHARE_ALREADY_IN_PROGRESS: 1800622,
    ERR_NO_SCREEN_SHARE_EXISTS: 1800623,
    ERR_NOT_SUPPORTED_BROWSER_FOR_SCREEN_SHARE: 1800625,
    ERR_SCREEN_SHARE_FAILED_DUE_TO_UNKNOWN_REASON: 1800626,
    ERR_NOT_SUPPORTED_APP_STATE_FOR_SCREEN_SHARE: 1800627,
    ERR_PERMISSION_DENIED_FOR_SCREEN_SHARE: 1800628,
    ERR_SELECTED_CONTENT_NOT_EXIST: 1800629,
    ERR_SELECTED_CONTENT_INACCESSIBLE: 1800630,
    ERR_PARTICIPANT_ALREADY_IN_ROOM: 1800700,
    ERR_ENTERING_ROOM_STILL_IN_PROGRESS: 1800701,
    ERR_PARTICIPANT_NOT_IN_ROOM: 1800702,
    ERR_EXITING_ROOM_STILL_IN_PROGRESS: 1800703,
    ERR_FAILED_TO_ESTABLISH_CONNECTION_TO_SEND_STREAM: 1800704,
    ERR_FAILED_TO_ESTABLISH_CONNECTION_TO_RECEIVE_STREAM: 1800705,
    ERR_LOCAL_PARTICIPANT_LOST_CONNECTION: 1800706,
    ERR_INVALID_CALL_STATUS: 1400101,
    ERR_CALL_DOES_NOT_EXIST: 1400102,
    ERR_CALLEE_DOES_NOT_EXIST: 1400103,
    ERR_DIAL_MYSELF: 1400104,
    ERR_NO_PERMISSION: 1400105,
    ERR_CALLEE_NEVER_AUTHENTICATE: 1400106,
    ERR_SERVER_INTERNAL_ERROR: 1400999,
  };
  void [ofLoggerLevel, ofSoundType, ofDirectCallUserRole, ofDirectCallEndResult, ofTokenType, ofConnectionQualityState, ofConnectionQualityMonitoringMode, ofRecordingType, ofRecordingStatus, ofRoomType, ofRoomState, ofParticipantState, ofErrorCode];
}

/** The types of what is handed over and back. */
export function handlers(): void {
  const option: SendBirdCall.AuthOption = { userId: 'a', accessToken: null };
  const picture: SendBirdCall.CaptureResult = { width: 1, height: 1, data: 'data:' };
  const onDeleted: SendBirdCall.RoomEvents['deleted'] = () => undefined;
  const all: [
    SendBirdCall.AuthHandler, SendBirdCall.DialHandler, SendBirdCall.CustomItemsHandler, SendBirdCall.CaptureHandler,
    SendBirdCall.DirectCallLogListQueryResultHandler,
  ] = [
    (user, error) => void [user?.userId, error?.message],
    (call, error) => void [call?.callId, error?.message],
    (result, error) => void [result?.affectedKeys, error?.message],
    (captured, error) => void [captured?.data, error?.message],
    (logs, error) => void [logs?.length, error?.message],
  ];
  void [option, picture, onDeleted, all];
}

export function ours(): void {
  const handler: SendBirdCall.SessionHandler = {
    onSessionTokenRequired: (resolve, reject) => (appId ? resolve('token') : reject(new Error('no'))),
    onSessionRefreshed: () => undefined,
    onSessionError: (error: Error) => void error.message,
    onSessionClosed: () => undefined,
  };
  setSessionHandler(handler);
  SendBirdCall.addListener('ours', {
    onConnectionStateChanged: (state) => same<Same<typeof state, 'closed' | 'connecting' | 'connected' | 'reconnecting'>>(),
  });
  const state: SendBirdCall.ConnectionState = connectionState;
  void state;
}
