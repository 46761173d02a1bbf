/** What a call is like at one moment, and how components hear that it has changed. */

import type { DirectCall, DirectCallEndResult, DirectCallUser } from 'offhook';

import { Store } from './store';

/** The five faces of a call. */
export type CallState = 'ringing' | 'connecting' | 'talking' | 'reconnecting' | 'ended';

/** A call at one moment. It never changes: when the call does, there is another. */
export interface CallSnapshot {
  /** The call itself, for all that the hooks leave out. */
  readonly call: DirectCall;
  readonly callId: string;
  readonly state: CallState;
  readonly isIncoming: boolean;
  readonly isVideoCall: boolean;
  /** Whether a device of the callee has been reached; only of a call that was dialled here. */
  readonly isRemoteRinging: boolean;
  readonly remoteUser: DirectCallUser;
  readonly isLocalAudioEnabled: boolean;
  readonly isLocalVideoEnabled: boolean;
  readonly isRemoteAudioEnabled: boolean;
  readonly isRemoteVideoEnabled: boolean;
  readonly isScreenShared: boolean;
  readonly isHeldHere: boolean;
  readonly isHeldThere: boolean;
  readonly isRecordedThere: boolean;
  readonly customItems: Readonly<Record<string, string>>;
  readonly endResult: DirectCallEndResult | null;
  /** Why it could not be dialled. */
  readonly error: Error | null;
}

/** Watches one call: from the first component that reads it to the last. */
export class CallWatch {
  readonly store: Store<CallSnapshot>;
  private readonly call: DirectCall;
  private state: CallState;
  private isRemoteRinging = false;
  private isHeldHere = false;
  private isHeldThere = false;
  private error: Error | null = null;

  constructor(call: DirectCall) {
    this.call = call;
    // One that has been accepted before somebody looked is talked on, as far as it says.
    this.state = call.isEnded ? 'ended' : call.getDuration() > 0 ? 'talking' : 'ringing';
    this.store = new Store(this.take(), () => this.listen());
  }

  /** Something was done to the call that it tells nobody about, as turning the microphone off. */
  refresh(): void {
    this.store.set(this.take());
  }

  move(state: CallState): void {
    this.state = state;
    this.refresh();
  }

  fail(error: Error): void {
    this.error = error;
    this.refresh();
  }

  private listen(): () => void {
    const { call } = this;
    const before: Partial<DirectCall> = {};
    const own: Partial<DirectCall> = {};
    /** Hears what the call tells `name`, after who heard it before. */
    const hear = <N extends Handlers>(name: N, then: (...heard: Parameters<NonNullable<DirectCall[N]>>) => void) => {
      const earlier = call[name] as ((...heard: unknown[]) => void) | null;
      before[name] = call[name];
      own[name] = ((...heard: Parameters<NonNullable<DirectCall[N]>>) => {
        earlier?.(...heard);
        then(...heard);
      }) as DirectCall[N];
      call[name] = own[name] as DirectCall[N];
    };
    const refresh = () => this.refresh();
    hear('onCalleeDialReceived', () => {
      this.isRemoteRinging = true;
      this.refresh();
    });
    hear('onEstablished', () => this.move('connecting'));
    hear('onConnected', () => this.move('talking'));
    hear('onReconnecting', () => this.move('reconnecting'));
    hear('onReconnected', () => this.move('talking'));
    hear('onEnded', () => this.move('ended'));
    hear('onRemoteAudioSettingsChanged', refresh);
    hear('onRemoteVideoSettingsChanged', refresh);
    hear('onRemoteRecordingStatusChanged', refresh);
    hear('onCustomItemsUpdated', refresh);
    hear('onCustomItemsDeleted', refresh);
    hear('onScreenShareStopped', refresh);
    hear('onUserHoldStatusChanged', (_, isLocalUser, isHeld) => {
      if (isLocalUser) this.isHeldHere = isHeld;
      else this.isHeldThere = isHeld;
      this.refresh();
    });
    if (call.isEnded) this.move('ended');
    return () => {
      for (const name of Object.keys(own) as Handlers[]) {
        // Who has set another handler since then keeps it.
        if (call[name] === own[name]) Object.assign(call, { [name]: before[name] ?? null });
      }
    };
  }

  private take(): CallSnapshot {
    const { call } = this;
    return Object.freeze({
      call,
      callId: call.callId,
      state: this.state,
      isIncoming: call.myRole === 'dc_callee',
      isVideoCall: call.isVideoCall,
      isRemoteRinging: this.isRemoteRinging,
      remoteUser: call.remoteUser,
      isLocalAudioEnabled: call.isLocalAudioEnabled,
      isLocalVideoEnabled: call.isLocalVideoEnabled,
      isRemoteAudioEnabled: call.isRemoteAudioEnabled,
      isRemoteVideoEnabled: call.isRemoteVideoEnabled,
      isScreenShared: call.isLocalScreenShareEnabled,
      isHeldHere: this.isHeldHere,
      isHeldThere: this.isHeldThere,
      isRecordedThere: call.remoteRecordingStatus === 'recording',
      customItems: call.customItems,
      endResult: call.isEnded ? call.endResult : null,
      error: this.error,
    });
  }
}

type Handlers = Extract<keyof DirectCall, `on${string}`>;

const watches = new WeakMap<DirectCall, CallWatch>();

/** The watch of a call: one, however many components read it. */
export function watchOf(call: DirectCall): CallWatch {
  const known = watches.get(call) ?? new CallWatch(call);
  watches.set(call, known);
  return known;
}
