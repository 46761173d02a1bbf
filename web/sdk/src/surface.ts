/** The types of the public interface: what an application is handed and what it hands over. */

import type {
  ConnectionQualityMonitoringMode,
  ConnectionQualityState,
  DirectCallEndResult,
  DirectCallUserRole,
  ParticipantState,
  RecordingStatus,
  RoomState,
  RoomType,
} from './enums';
import type { DirectCallOption, DirectCallRecordOption, RecordOption } from './options';

/** Attached to calls and rooms by the application. */
export type CustomItems = Record<string, string>;

/** What changing custom items came to. */
export interface CustomItemsResult {
  readonly customItems: CustomItems;
  readonly affectedKeys: string[];
}

export type CustomItemsHandler = (result?: CustomItemsResult, error?: Error) => void;
export type AuthHandler = (user?: User, error?: Error) => void;
export type DialHandler = (call?: DirectCall, error?: Error) => void;
export type CaptureHandler = (result?: CaptureResult, error?: Error) => void;
export type DirectCallLogListQueryResultHandler = (logs?: DirectCallLog[], error?: Error) => void;

/** Who signs in, and with which access token or session token. */
export interface AuthOption {
  userId: string;
  accessToken?: string | null;
}

/** A user. */
export interface User {
  readonly userId: string;
  readonly nickname: string;
  readonly profileUrl: string;
  readonly metaData: Record<string, string>;
  readonly isActive: boolean;
}

/** A party of a direct call. */
export interface DirectCallUser extends User {
  readonly role: DirectCallUserRole;
}

/** Where the server reports on one call. */
export interface Webhook {
  url: string;
  enabledEvents: string[];
  headers?: Record<string, string>;
}

export interface DialParams {
  userId: string;
  isVideoCall: boolean;
  callOption: DirectCallOption;
  customItems?: CustomItems;
  sendBirdChatOptions?: { channelUrl: string };
  holdActiveCall?: boolean;
  webhook?: Webhook;
}

export interface AcceptParams {
  callOption: DirectCallOption;
  holdActiveCall?: boolean;
}

/** A webhook's body, as the application's server passed it on. */
export interface WebhookData {
  category: string;
  occured_at: number;
  application_id: string;
  sendbird_call?: {
    version: number;
    message_id: string;
    cmd: string;
    type: string;
    payload: unknown;
  };
  [key: string]: unknown;
}

/** Keeps microphone and camera open until it is disposed of. */
export interface MediaAccess {
  dispose(): void;
}

/** Where the socket stands. */
export type ConnectionState = 'closed' | 'connecting' | 'connected' | 'reconnecting';

export interface SendBirdCallListener {
  onRinging?: ((call: DirectCall) => void) | null;
  onInvitationReceived?: ((invitation: RoomInvitation) => void) | null;
  onAudioInputDeviceChanged?: ((current: InputDeviceInfo, available: InputDeviceInfo[]) => void) | null;
  onAudioOutputDeviceChanged?: ((current: MediaDeviceInfo, available: MediaDeviceInfo[]) => void) | null;
  onVideoInputDeviceChanged?: ((current: InputDeviceInfo, available: InputDeviceInfo[]) => void) | null;
  /** Ours: the socket came or went. */
  onConnectionStateChanged?: ((state: ConnectionState) => void) | null;
}

export interface SendBirdCallRecordingListener {
  onRecordingSucceeded(callId: string, recordingId: string, options: RecordOption, fileName?: string): void;
  onRecordingFailed(callId: string, recordingId: string, error: Error): void;
}

/** Ours: keeps a session alive whose token expires. */
export interface SessionHandler {
  /** A session token is about to expire: give `resolve` a new one. */
  onSessionTokenRequired?: ((resolve: (token: string) => void, reject: (error?: unknown) => void) => void) | null;
  onSessionRefreshed?: (() => void) | null;
  onSessionError?: ((error: Error) => void) | null;
  /** The session is over: authenticate again. */
  onSessionClosed?: (() => void) | null;
}

/** A picture from a video view; `data` is a data URL. */
export interface CaptureResult {
  readonly width: number;
  readonly height: number;
  readonly data: string;
}

export interface ConnectionMetrics {
  readonly mos?: number;
  readonly packetsLostRate?: number;
  readonly rtt?: number;
  readonly jitter?: number;
  readonly connectionQuality: ConnectionQualityState;
}

/** A call between two users. */
export interface DirectCall {
  readonly callId: string;
  readonly caller: DirectCallUser;
  readonly callee: DirectCallUser;
  readonly localUser: DirectCallUser;
  readonly remoteUser: DirectCallUser;
  readonly myRole: DirectCallUserRole;
  readonly isVideoCall: boolean;
  readonly isLocalAudioEnabled: boolean;
  readonly isRemoteAudioEnabled: boolean;
  readonly isLocalVideoEnabled: boolean;
  readonly isRemoteVideoEnabled: boolean;
  readonly isOngoing: boolean;
  readonly isOnHold: boolean;
  readonly isEnded: boolean;
  readonly endedBy: DirectCallUser;
  readonly endResult: DirectCallEndResult;
  readonly callLog: DirectCallLog;
  readonly customItems: CustomItems;
  readonly localRecordingStatus: RecordingStatus;
  readonly remoteRecordingStatus: RecordingStatus;
  readonly localMediaView: HTMLMediaElement;
  readonly remoteMediaView: HTMLMediaElement;
  readonly isLocalScreenShareEnabled: boolean;

  onEstablished: ((call: DirectCall) => void) | null;
  onConnected: ((call: DirectCall) => void) | null;
  onReconnecting: ((call: DirectCall) => void) | null;
  onReconnected: ((call: DirectCall) => void) | null;
  onEnded: ((call: DirectCall) => void) | null;
  onCalleeDialReceived: ((call: DirectCall) => void) | null;
  onRemoteAudioSettingsChanged: ((call: DirectCall) => void) | null;
  onRemoteVideoSettingsChanged: ((call: DirectCall) => void) | null;
  onCustomItemsUpdated: ((call: DirectCall, updatedKeys: string[]) => void) | null;
  onCustomItemsDeleted: ((call: DirectCall, deletedKeys: string[]) => void) | null;
  onRemoteRecordingStatusChanged: ((call: DirectCall) => void) | null;
  onUserHoldStatusChanged: ((call: DirectCall, isLocalUser: boolean, isUserOnHold: boolean) => void) | null;
  onScreenShareStopped: (() => void) | null;

  accept(params: AcceptParams): void;
  end(): void;
  /** From accept to now or to the end, in milliseconds. */
  getDuration(): number;
  setLocalMediaView(view: HTMLMediaElement | null): Promise<void>;
  setRemoteMediaView(view: HTMLMediaElement | null): Promise<void>;
  muteMicrophone(): void;
  unmuteMicrophone(): void;
  startVideo(): void;
  stopVideo(): void;
  hold(): Promise<void>;
  unhold(force: boolean): Promise<void>;
  captureLocalVideoView(callback?: CaptureHandler): Promise<CaptureResult>;
  captureRemoteVideoView(callback?: CaptureHandler): Promise<CaptureResult>;
  updateCustomItems(customItems: CustomItems, callback?: CustomItemsHandler): Promise<CustomItemsResult>;
  deleteCustomItems(customItemKeys: string[], callback?: CustomItemsHandler): Promise<CustomItemsResult>;
  deleteAllCustomItems(callback?: CustomItemsHandler): Promise<CustomItemsResult>;
  startRecording(options: DirectCallRecordOption): string;
  stopRecording(recordingId: string): boolean;
  startScreenShare(): Promise<void>;
  stopScreenShare(): void;
  setConnectionQualityListener(
    mode: ConnectionQualityMonitoringMode,
    listener: (metrics: ConnectionMetrics) => void,
  ): void;
  removeConnectionQualityListener(): void;
}

/** An ended call in the user's call log. */
export interface DirectCallLog {
  readonly callId: string;
  readonly userRole: DirectCallUserRole;
  readonly caller: DirectCallUser;
  readonly callee: DirectCallUser;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly endedBy: DirectCallUser;
  /** From accept to the end, in milliseconds. */
  readonly duration: number;
  readonly endResult: DirectCallEndResult;
  readonly isVideoCall: boolean;
  readonly customItems: CustomItems;
  /** Whether it came from the server, rather than from a call of this page. */
  readonly isFromServer: boolean;
}

export interface DirectCallLogListQueryParams {
  myRole?: DirectCallUserRole;
  endResults?: DirectCallEndResult[];
  /** The earliest start, in UTC milliseconds. */
  startedAt?: number;
  /** The latest start, in UTC milliseconds. */
  endedAt?: number;
  /** Entries a page: 1 to 100, else 10. */
  limit?: number;
}

export interface DirectCallLogListQuery {
  readonly isLoading: boolean;
  readonly hasNext: boolean;
  next(callback?: DirectCallLogListQueryResultHandler): Promise<DirectCallLog[]>;
}

export interface RoomParams {
  roomType: RoomType;
  customItems?: CustomItems;
}

export interface EnterParams {
  audioEnabled: boolean;
  videoEnabled: boolean;
  kickSiblings?: boolean;
}

/** The events of a room and what their handlers are given. */
export interface RoomEvents {
  remoteParticipantEntered: (participant: RemoteParticipant) => void;
  remoteParticipantConnected: (participant: RemoteParticipant) => void;
  remoteParticipantExited: (participant: RemoteParticipant) => void;
  remoteParticipantStreamStarted: (participant: RemoteParticipant) => void;
  remoteAudioSettingsChanged: (participant: RemoteParticipant) => void;
  remoteVideoSettingsChanged: (participant: RemoteParticipant) => void;
  localParticipantDisconnected: (participant: LocalParticipant) => void;
  localParticipantReconnected: (participant: LocalParticipant) => void;
  customItemsUpdated: (customItems: CustomItems, updatedKeys: string[]) => void;
  customItemsDeleted: (customItems: CustomItems, deletedKeys: string[]) => void;
  invitationAccepted: (invitation: RoomInvitation) => void;
  invitationDeclined: (invitation: RoomInvitation) => void;
  invitationCanceled: (invitation: RoomInvitation) => void;
  deleted: () => void;
  error: (error: Error, participant?: Participant) => void;
}

/** A call of many. */
export interface Room {
  readonly roomId: string;
  readonly state: RoomState;
  readonly roomType: RoomType;
  readonly customItems: CustomItems;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly participants: Participant[];
  readonly localParticipant: LocalParticipant;
  readonly remoteParticipants: RemoteParticipant[];
  enter(params?: EnterParams): Promise<void>;
  exit(): void;
  setAudioForLargeRoom(view: HTMLAudioElement): Promise<void>;
  fetchCustomItems(): Promise<CustomItemsResult>;
  updateCustomItems(customItems: CustomItems): Promise<CustomItemsResult>;
  deleteCustomItems(customItemKeys: string[]): Promise<CustomItemsResult>;
  sendInvitation(userId: string): Promise<RoomInvitation>;
  delete(): Promise<void>;
  addEventListener<E extends keyof RoomEvents>(event: E, handler: RoomEvents[E]): void;
  on<E extends keyof RoomEvents>(event: E, handler: RoomEvents[E]): void;
  once<E extends keyof RoomEvents>(event: E, handler: RoomEvents[E]): void;
  removeEventListener<E extends keyof RoomEvents>(event: E, handler: RoomEvents[E]): void;
  off<E extends keyof RoomEvents>(event: E, handler: RoomEvents[E]): void;
  removeAllEventListeners(): void;
}

export interface Participant {
  readonly participantId: string;
  readonly enteredAt: number;
  readonly updatedAt: number;
  readonly exitedAt?: number;
  readonly duration?: number;
  readonly state: ParticipantState;
  readonly user: User;
  readonly isAudioEnabled: boolean;
  readonly isVideoEnabled: boolean;
  setMediaView(view: HTMLMediaElement | null): Promise<void>;
}

export interface LocalParticipant extends Participant {
  readonly isLocalParticipant: true;
  setLocalMediaView(view: HTMLMediaElement | null): Promise<void>;
  muteMicrophone(): void;
  unmuteMicrophone(): void;
  startVideo(): void;
  stopVideo(): void;
}

export interface RemoteParticipant extends Participant {
  readonly isLocalParticipant: false;
}

export interface RoomInvitation {
  readonly room: Room;
  readonly inviter: User;
  readonly invitee: User;
  accept(): Promise<void>;
  decline(): Promise<void>;
  cancel(): Promise<void>;
}

export interface RoomListQueryParams {
  type?: RoomType | 'all';
  limit?: number;
  state?: RoomState;
  currentParticipantCount?: [min?: number, max?: number];
  createdByUserIds?: string[];
  roomIds?: string[];
  createdAt?: [from?: number, to?: number];
}

export interface RoomListQuery {
  readonly isLoading: boolean;
  readonly hasNext: boolean;
  readonly hasPrev: boolean;
  next(): Promise<Room[]>;
  prev(): Promise<Room[]>;
}
