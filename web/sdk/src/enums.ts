/**
 * The enumerations of the public interface. Each is a value with the members that callers write, a type of all its
 * values, and a namespace of the type of each member.
 */

/** How much the SDK writes to the console. */
export const LoggerLevel = {
  NONE: 'NONE',
  ERROR: 'ERROR',
  WARNING: 'WARNING',
  INFO: 'INFO',
} as const;
export type LoggerLevel = (typeof LoggerLevel)[keyof typeof LoggerLevel];
export declare namespace LoggerLevel {
  type NONE = 'NONE';
  type ERROR = 'ERROR';
  type WARNING = 'WARNING';
  type INFO = 'INFO';
}

/** When a sound plays. */
export const SoundType = {
  DIALING: 'DIALING',
  RINGING: 'RINGING',
  RECONNECTING: 'RECONNECTING',
  RECONNECTED: 'RECONNECTED',
} as const;
export type SoundType = (typeof SoundType)[keyof typeof SoundType];
export declare namespace SoundType {
  type DIALING = 'DIALING';
  type RINGING = 'RINGING';
  type RECONNECTING = 'RECONNECTING';
  type RECONNECTED = 'RECONNECTED';
}

/** Which side of a direct call. */
export const DirectCallUserRole = {
  CALLER: 'dc_caller',
  CALLEE: 'dc_callee',
} as const;
export type DirectCallUserRole = (typeof DirectCallUserRole)[keyof typeof DirectCallUserRole];
export declare namespace DirectCallUserRole {
  type CALLER = 'dc_caller';
  type CALLEE = 'dc_callee';
}

/** How a direct call ended. */
export const DirectCallEndResult = {
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
} as const;
export type DirectCallEndResult = (typeof DirectCallEndResult)[keyof typeof DirectCallEndResult];
export declare namespace DirectCallEndResult {
  type NO_ANSWER = 'no_answer';
  type CANCELED = 'canceled';
  type DECLINED = 'declined';
  type OTHER_DEVICE_ACCEPTED = 'other_device_accepted';
  type COMPLETED = 'completed';
  type CONNECTION_LOST = 'connection_lost';
  type TIMED_OUT = 'timed_out';
  type DIAL_FAILED = 'dial_failed';
  type ACCEPT_FAILED = 'accept_failed';
  type NOT_CONNECTED = 'not_connected';
  type UNKNOWN = 'unknown';
}

/** Whose push token. */
export const TokenType = {
  APNS: 'apns_voip',
  FCM: 'fcm_voip',
} as const;
export type TokenType = (typeof TokenType)[keyof typeof TokenType];
export declare namespace TokenType {
  type APNS = 'apns_voip';
  type FCM = 'fcm_voip';
}

/** How good a connection is. */
export const ConnectionQualityState = {
  UNAVAILABLE: 'unavailable',
  POOR: 'poor',
  FAIR: 'fair',
  AVERAGE: 'average',
  GOOD: 'good',
  EXCELLENT: 'excellent',
} as const;
export type ConnectionQualityState = (typeof ConnectionQualityState)[keyof typeof ConnectionQualityState];
export declare namespace ConnectionQualityState {
  type UNAVAILABLE = 'unavailable';
  type POOR = 'poor';
  type FAIR = 'fair';
  type AVERAGE = 'average';
  type GOOD = 'good';
  type EXCELLENT = 'excellent';
}

/** When a quality listener is told. */
export const ConnectionQualityMonitoringMode = {
  FREQUENCY: 'frequency',
  CONNECTION_QUALITY_CHANGE: 'connectionQualityChange',
} as const;
export type ConnectionQualityMonitoringMode = (typeof ConnectionQualityMonitoringMode)[keyof typeof ConnectionQualityMonitoringMode];
export declare namespace ConnectionQualityMonitoringMode {
  type FREQUENCY = 'frequency';
  type CONNECTION_QUALITY_CHANGE = 'connectionQualityChange';
}

/** What a recording holds. */
export const RecordingType = {
  REMOTE_AUDIO_AND_VIDEO: 'remote_audio_and_video',
  REMOTE_AUDIO_ONLY: 'remote_audio_only',
  LOCAL_REMOTE_AUDIOS: 'local_remote_audios',
  LOCAL_AUDIO_REMOTE_AUDIO_AND_VIDEO: 'local_audio_remote_audio_and_video',
  LOCAL_AUDIO_AND_VIDEO_REMOTE_AUDIO: 'local_audio_and_video_remote_audio',
} as const;
export type RecordingType = (typeof RecordingType)[keyof typeof RecordingType];
export declare namespace RecordingType {
  type REMOTE_AUDIO_AND_VIDEO = 'remote_audio_and_video';
  type REMOTE_AUDIO_ONLY = 'remote_audio_only';
  type LOCAL_REMOTE_AUDIOS = 'local_remote_audios';
  type LOCAL_AUDIO_REMOTE_AUDIO_AND_VIDEO = 'local_audio_remote_audio_and_video';
  type LOCAL_AUDIO_AND_VIDEO_REMOTE_AUDIO = 'local_audio_and_video_remote_audio';
}

/** Whether a party records. */
export const RecordingStatus = {
  NONE: 'none',
  RECORDING: 'recording',
} as const;
export type RecordingStatus = (typeof RecordingStatus)[keyof typeof RecordingStatus];
export declare namespace RecordingStatus {
  type NONE = 'none';
  type RECORDING = 'recording';
}

/** How large a room is. */
export const RoomType = {
  SMALL_ROOM_FOR_VIDEO: 'small_room_for_video',
  LARGE_ROOM_FOR_AUDIO_ONLY: 'large_room_for_audio_only',
} as const;
export type RoomType = (typeof RoomType)[keyof typeof RoomType];
export declare namespace RoomType {
  type SMALL_ROOM_FOR_VIDEO = 'small_room_for_video';
  type LARGE_ROOM_FOR_AUDIO_ONLY = 'large_room_for_audio_only';
}

/** Whether a room can be entered. */
export const RoomState = {
  OPEN: 'open',
  DELETED: 'deleted',
} as const;
export type RoomState = (typeof RoomState)[keyof typeof RoomState];
export declare namespace RoomState {
  type OPEN = 'open';
  type DELETED = 'deleted';
}

/** Where a participant stands. */
export const ParticipantState = {
  ENTERED: 'entered',
  CONNECTED: 'connected',
  EXITED: 'exited',
} as const;
export type ParticipantState = (typeof ParticipantState)[keyof typeof ParticipantState];
export declare namespace ParticipantState {
  type ENTERED = 'entered';
  type CONNECTED = 'connected';
  type EXITED = 'exited';
}

/** The `code` of errors. A server may answer with numbers beyond these. */
export enum ErrorCode {
  DIAL_CANCELED = 1800100,
  MY_USER_ID_NOT_ALLOWED = 1800101,
  ERR_REQUEST_FAILED = 1800200,
  WS_NOT_CONNECTED = 1800201,
  WS_CONNECTION_FAILED = 1800202,
  ERR_NO_RESPONSE_DUE_TO_TIMEOUT = 1800203,
  ERR_REQUEST_FAILED_DUE_TO_WEBSOCKET_CONNECTION_LOST = 1800204,
  ERR_WRONG_RESPONSE = 1800205,
  ERR_QUERY_IN_PROGRESS = 1800206,
  INTERNAL_SERVER_ERROR = 1800207,
  ERR_MALFORMED_DATA = 1800208,
  INVALID_PARAMETER_VALUE = 1800300,
  INVALID_PARAMETER_TYPE = 1800301,
  INSTANCE_NOT_INITIALIZED = 1800302,
  USER_NOT_AUTHENTICATED = 1800303,
  ERR_CAPTURE_NOT_ALLOWED_ON_AUDIO_CALL = 1800600,
  ERR_VIDEO_VIEW_NOT_READY = 1800601,
  ERR_VIDEO_CALL_NOT_CONNECTED_YET = 1800602,
  ERR_FAILED_TO_GET_IMAGE_FROM_VIDEO_STREAM = 1800603,
  ERR_CALL_NOT_CONNECTED_YET = 1800610,
  ERR_WRONG_RECORDING_TYPE_FOR_AUDIO_CALL = 1800611,
  ERR_RECORDING_ALREADY_IN_PROGRESS = 1800612,
  ERR_FAILED_TO_OPEN_FILE = 1800613,
  ERR_FAILED_TO_START_RECORDING = 1800614,
  ERR_FAILED_TO_STOP_RECORDING = 1800615,
  ERR_NOT_SUPPORTED_BROWSER_FOR_RECORDING = 1800616,
  ERR_INVALID_RECORDING_TYPE = 1800617,
  ERR_NOT_SUPPORTED_OS_VERSION_FOR_RECORDING = 1800618,
  ERR_SCREEN_SHARE_RESTRICTED_FROM_AUDIO_CALL = 1800620,
  ERR_SCREEN_SHARE_REQUEST_BEFORE_CALL_IS_CONNECTED = 1800621,
  ERR_SCREEN_SHARE_ALREADY_IN_PROGRESS = 1800622,
  ERR_NO_SCREEN_SHARE_EXISTS = 1800623,
  ERR_NOT_SUPPORTED_BROWSER_FOR_SCREEN_SHARE = 1800625,
  ERR_SCREEN_SHARE_FAILED_DUE_TO_UNKNOWN_REASON = 1800626,
  ERR_NOT_SUPPORTED_APP_STATE_FOR_SCREEN_SHARE = 1800627,
  ERR_PERMISSION_DENIED_FOR_SCREEN_SHARE = 1800628,
  ERR_SELECTED_CONTENT_NOT_EXIST = 1800629,
  ERR_SELECTED_CONTENT_INACCESSIBLE = 1800630,
  ERR_PARTICIPANT_ALREADY_IN_ROOM = 1800700,
  ERR_ENTERING_ROOM_STILL_IN_PROGRESS = 1800701,
  ERR_PARTICIPANT_NOT_IN_ROOM = 1800702,
  ERR_EXITING_ROOM_STILL_IN_PROGRESS = 1800703,
  ERR_FAILED_TO_ESTABLISH_CONNECTION_TO_SEND_STREAM = 1800704,
  ERR_FAILED_TO_ESTABLISH_CONNECTION_TO_RECEIVE_STREAM = 1800705,
  ERR_LOCAL_PARTICIPANT_LOST_CONNECTION = 1800706,
  ERR_INVALID_CALL_STATUS = 1400101,
  ERR_CALL_DOES_NOT_EXIST = 1400102,
  ERR_CALLEE_DOES_NOT_EXIST = 1400103,
  ERR_DIAL_MYSELF = 1400104,
  ERR_NO_PERMISSION = 1400105,
  ERR_CALLEE_NEVER_AUTHENTICATE = 1400106,
  ERR_SERVER_INTERNAL_ERROR = 1400999,
}
