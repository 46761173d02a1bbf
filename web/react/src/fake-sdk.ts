/** An SDK without a server: tests make its calls ring and end. */

import type * as Sdk from 'offhook';

type Handler = ((...heard: never[]) => void) | null;

/** What the hooks have asked for, in order. */
export let asked: string[] = [];
/** Who listens. */
export const listeners = new Map<string, Sdk.SendBirdCallListener>();
export let connectionState: Sdk.ConnectionState = 'closed';

let calls: FakeCall[] = [];
const MICROPHONES = ['first', 'second'].map((deviceId) => ({ deviceId, label: deviceId, kind: 'audioinput' }) as InputDeviceInfo);
let microphone = MICROPHONES[0] as InputDeviceInfo;

export function reset(): void {
  asked = [];
  calls = [];
  listeners.clear();
  connectionState = 'closed';
}

export class FakeCall {
  callId = `call-${calls.length}`;
  isVideoCall = true;
  isEnded = false;
  isLocalAudioEnabled = true;
  isLocalVideoEnabled = true;
  isRemoteAudioEnabled = true;
  isRemoteVideoEnabled = true;
  isLocalScreenShareEnabled = false;
  remoteRecordingStatus = 'none';
  customItems = {};
  endResult: string | null = null;
  duration = 0;
  remoteUser = { userId: 'bob', nickname: 'Bob' };
  onConnected: Handler = null;
  onEstablished: Handler = null;
  onEnded: Handler = null;
  onUserHoldStatusChanged: Handler = null;

  constructor(readonly myRole: 'dc_caller' | 'dc_callee') {
    calls.push(this);
  }

  /** As the application sees it. */
  get call(): Sdk.DirectCall {
    return this as unknown as Sdk.DirectCall;
  }

  tell(name: 'onConnected' | 'onEstablished' | 'onEnded' | 'onUserHoldStatusChanged', ...more: unknown[]): void {
    (this[name] as ((...heard: unknown[]) => void) | null)?.(this, ...more);
  }

  finish(result: string): void {
    this.isEnded = true;
    this.endResult = result;
    this.tell('onEnded');
  }

  accept(): void {
    asked.push('accept');
  }

  end(): void {
    asked.push('end');
    this.finish('completed');
  }

  getDuration(): number {
    return this.duration;
  }

  muteMicrophone(): void {
    this.isLocalAudioEnabled = false;
  }

  async hold(): Promise<void> {
    this.tell('onUserHoldStatusChanged', true, true);
  }

  async setLocalMediaView(view: HTMLElement | null): Promise<void> {
    asked.push(`local view ${view === null ? 'gone' : view.id}`);
  }

  async setRemoteMediaView(): Promise<void> {}
}

export function ring(): FakeCall {
  const call = new FakeCall('dc_callee');
  for (const listener of listeners.values()) listener.onRinging?.(call.call);
  return call;
}

export function init(appId: string): void {
  asked.push(`init ${appId}`);
}

export async function authenticate({ userId }: Sdk.AuthOption): Promise<Sdk.User> {
  asked.push(`authenticate ${userId}`);
  if (userId === 'nobody') throw new Error('The user is unknown.');
  return { userId } as Sdk.User;
}

export async function connectWebSocket(): Promise<void> {
  asked.push('connect');
  connectionState = 'connected';
}

export function deauthenticate(): void {
  asked.push('deauthenticate');
}

export function addListener(id: string, listener: Sdk.SendBirdCallListener): void {
  listeners.set(id, listener);
}

export function removeListener(id: string): void {
  listeners.delete(id);
}

export function getOngoingCalls(): Sdk.DirectCall[] {
  return calls.filter(({ isEnded }) => !isEnded).map(({ call }) => call);
}

/** Refuses at once what the SDK does: without a connection there is a call, but it has ended. */
export function dial({ userId }: Sdk.DialParams, callback: Sdk.DialHandler): Sdk.DirectCall {
  asked.push(`dial ${userId}`);
  const made = new FakeCall('dc_caller');
  if (connectionState !== 'connected') {
    made.finish('dial_failed');
    queueMicrotask(() => callback?.(made.call, new Error('There is no connection.')));
  }
  return made.call;
}

/** The connection is lost for good. */
export function close(): void {
  connectionState = 'closed';
}

export const getAvailableAudioInputDevices = () => MICROPHONES;
export const getAvailableVideoInputDevices = () => [];
export const getAvailableAudioOutputDevices = () => [];
export const getCurrentAudioInputDevice = () => microphone;
export const getCurrentVideoInputDevice = () => null;
export const getCurrentAudioOutputDevice = () => null;

export function selectAudioInputDevice(device: InputDeviceInfo): void {
  microphone = device;
}

export function useMedia(): Sdk.MediaAccess {
  asked.push('open devices');
  return { dispose: () => asked.push('close devices') };
}
