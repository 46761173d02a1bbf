/** The functions of the public interface. Each can be handed around bare; none needs `this`. */

import { deleting, deletingAll, setting } from './call/custom-items';
import { Client } from './client';
import type { LoggerLevel, SoundType, TokenType } from './enums';
import { notSupportedYet } from './errors';
import { browser } from './platform';
import type {
  AuthHandler,
  AuthOption,
  ConnectionState,
  CustomItems,
  CustomItemsHandler,
  CustomItemsResult,
  DialHandler,
  DialParams,
  DirectCall,
  DirectCallLogListQuery,
  DirectCallLogListQueryParams,
  MediaAccess,
  Room,
  RoomListQuery,
  RoomListQueryParams,
  RoomParams,
  SendBirdCallListener,
  SendBirdCallRecordingListener,
  SessionHandler,
  User,
  WebhookData,
} from './surface';
import { version } from '../package.json';

/** The version of this SDK. */
export const sdkVersion: string = version;
/** What `init` was given. */
export let appId: string;
/** Who is signed in. */
export let currentUser: User;
/** Ours: where the socket stands. */
export let connectionState: ConnectionState = 'closed';

const client = /* @__PURE__ */ new Client(browser, (shown) => {
  appId = shown.appId as string;
  currentUser = shown.currentUser as User;
  connectionState = shown.connectionState;
});

/** Names the application, and optionally the server; see the README for where the server is found otherwise. */
export function init(appId: string, apiHost?: string, websocketHost?: string): void {
  client.init(appId, apiHost, websocketHost);
}

/** Signs a user in. */
export function authenticate(option: AuthOption, handler?: AuthHandler | null): Promise<User> {
  return client.authenticate(option, handler);
}

/** Signs out: ends the calls, forgets the user, keeps listeners and settings. */
export function deauthenticate(): void {
  client.deauthenticate();
}

/** Opens the socket, without which no call comes or goes. It comes back by itself. */
export function connectWebSocket(): Promise<void> {
  return client.connectWebSocket();
}

/** Ours: keeps a session alive whose token expires. */
export function setSessionHandler(handler: SessionHandler | null): void {
  client.renewal.setHandler(handler);
}

export function addListener(id: string | number, listener: SendBirdCallListener): void {
  client.listeners.add(id, listener);
}

export function removeListener(id: string | number): void {
  client.listeners.remove(id);
}

export function removeAllListeners(): void {
  client.listeners.clear();
}

export function addRecordingListener(id: string | number, listener: SendBirdCallRecordingListener): void {
  client.recordings.add(id, listener);
}

export function removeRecordingListener(id: string | number): void {
  client.recordings.remove(id);
}

export function removeAllRecordingListeners(): void {
  client.recordings.clear();
}

/** Rings a user. The call is returned at once; the callback is told what the server answered. */
export function dial(params: DialParams, callback?: DialHandler | null): DirectCall {
  return client.dial(params, callback);
}

export function getCall(callId: string): DirectCall {
  return client.getCall(callId) as DirectCall;
}

export function getOngoingCalls(): DirectCall[] {
  return client.getOngoingCalls();
}

export function getOngoingCallCount(): number {
  return client.getOngoingCalls().length;
}

export function createDirectCallLogListQuery(params?: DirectCallLogListQueryParams): DirectCallLogListQuery {
  return client.createLogQuery(params);
}

export function getCurrentAudioInputDevice(): InputDeviceInfo {
  return client.devices.current('audioinput') as InputDeviceInfo;
}

export function getAvailableAudioInputDevices(): InputDeviceInfo[] {
  return client.devices.list('audioinput') as InputDeviceInfo[];
}

export function selectAudioInputDevice(device: InputDeviceInfo): void {
  client.devices.select('audioinput', device);
}

export function getCurrentAudioOutputDevice(): MediaDeviceInfo {
  return client.devices.current('audiooutput') as MediaDeviceInfo;
}

export function getAvailableAudioOutputDevices(): MediaDeviceInfo[] {
  return client.devices.list('audiooutput');
}

export function selectAudioOutputDevice(device: MediaDeviceInfo): void {
  client.devices.select('audiooutput', device);
}

export function getCurrentVideoInputDevice(): InputDeviceInfo {
  return client.devices.current('videoinput') as InputDeviceInfo;
}

export function getAvailableVideoInputDevices(): InputDeviceInfo[] {
  return client.devices.list('videoinput') as InputDeviceInfo[];
}

export function selectVideoInputDevice(device: InputDeviceInfo): void {
  client.devices.select('videoinput', device);
}

/** Looks again at which devices are there. */
export function updateMediaDevices(constraints: { audio: boolean; video: boolean }): void {
  client.devices.update(constraints);
}

/** Opens microphone or camera until it is disposed of, so that devices have names. */
export function useMedia(constraints: { audio: boolean; video: boolean }): MediaAccess | undefined {
  return client.devices.use(constraints);
}

export function setLoggerLevel(level: LoggerLevel): LoggerLevel {
  return client.logger.setLevel(level);
}

/** How long calls ring that are dialled from now on. */
export function setRingingTimeout(seconds: number): void {
  client.setRingingTimeout(seconds);
}

/** How long calls that are dialled from now on may take to connect once accepted. */
export function setCallConnectionTimeout(seconds: number): void {
  client.setCallConnectionTimeout(seconds);
}

export function addDirectCallSound(type: SoundType, url: string): Promise<boolean> {
  return client.sounds.add(type, url);
}

export function removeDirectCallSound(type: SoundType): boolean {
  return client.sounds.remove(type);
}

/** Sets custom items of any call of the user's, live or not; those not named stay. */
export function updateCustomItems(
  callId: string,
  customItems: CustomItems,
  callback?: CustomItemsHandler | null,
): Promise<CustomItemsResult> {
  return client.changeItems(() => setting(callId, customItems), callback);
}

export function deleteCustomItems(
  callId: string,
  customItemKeys: string[],
  callback?: CustomItemsHandler | null,
): Promise<CustomItemsResult> {
  return client.changeItems(() => deleting(callId, customItemKeys), callback);
}

export function deleteAllCustomItems(callId: string, callback?: CustomItemsHandler | null): Promise<CustomItemsResult> {
  return client.changeItems(() => deletingAll(callId), callback);
}

/** Looks for a call that the application's own server was told of; it rings here if it should. */
export function handleWebhookData(data: WebhookData): void {
  client.handleWebhookData(data);
}

/** Not supported yet. */
export function createRoom(_params: RoomParams): Promise<Room> {
  return Promise.reject(notSupportedYet('createRoom'));
}

/** Not supported yet. */
export function getCachedRoomById(_roomId: string): Room {
  throw notSupportedYet('getCachedRoomById');
}

/** Not supported yet. */
export function fetchRoomById(_roomId: string): Promise<Room> {
  return Promise.reject(notSupportedYet('fetchRoomById'));
}

/** Not supported yet. */
export function createRoomListQuery(_params: RoomListQueryParams): RoomListQuery {
  throw notSupportedYet('createRoomListQuery');
}

/** Rings the user by push where no page is open. Ours: `web_push` is a type, too, its token a subscription as JSON. */
export function registerPushToken(token: string, type: TokenType | 'web_push'): Promise<void> {
  return client.registerPushToken(token, type);
}

export function unregisterPushToken(token: string, type: TokenType | 'web_push'): Promise<void> {
  return client.unregisterPushToken(token, type);
}

export function unregisterAllPushTokens(type: TokenType | 'web_push'): Promise<void> {
  return client.unregisterAllPushTokens(type);
}
