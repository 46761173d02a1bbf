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
