import type { DirectCallEndResult } from '../enums';
import type { CallError } from '../errors';
import type { CallRole } from '../generated/CallRole';
import { Party } from '../session/user';
import type { CustomItems, DirectCall, DirectCallLog, DirectCallUser } from '../surface';
import { CallMedia } from './call-media';
import { Items } from './custom-items';
import type { CallHost } from './host';
import { LogEntry } from './log';
import { Progress } from './progress';

/** What a call starts with. */
export interface CallStart {
  readonly callId: string;
  readonly role: CallRole;
  readonly isVideoCall: boolean;
  readonly caller: Party;
  readonly callee: Party;
  readonly customItems: CustomItems;
}

/** How a call ended here. */
export interface Ending {
  readonly result: DirectCallEndResult;
  readonly by: Party | undefined;
  readonly at: number;
  readonly durationMs: number;
}

/** What an application reads of a call, and the handlers it sets. */
export abstract class CallProperties {
  onEstablished: DirectCall['onEstablished'] = null;
  onConnected: DirectCall['onConnected'] = null;
  onReconnecting: DirectCall['onReconnecting'] = null;
  onReconnected: DirectCall['onReconnected'] = null;
  onEnded: DirectCall['onEnded'] = null;
  onCalleeDialReceived: DirectCall['onCalleeDialReceived'] = null;
  onRemoteAudioSettingsChanged: DirectCall['onRemoteAudioSettingsChanged'] = null;
  onRemoteVideoSettingsChanged: DirectCall['onRemoteVideoSettingsChanged'] = null;
  onCustomItemsUpdated: DirectCall['onCustomItemsUpdated'] = null;
  onCustomItemsDeleted: DirectCall['onCustomItemsDeleted'] = null;
  onRemoteRecordingStatusChanged: DirectCall['onRemoteRecordingStatusChanged'] = null;
  onUserHoldStatusChanged: DirectCall['onUserHoldStatusChanged'] = null;
  onScreenShareStopped: DirectCall['onScreenShareStopped'] = null;

  readonly callId: string;
  readonly myRole: CallRole;
  readonly isVideoCall: boolean;

  protected parties: Record<CallRole, Party>;
  protected readonly items: Items;
  protected readonly progress: Progress;
  protected readonly media: CallMedia;
  /** How long it had lasted, and when that was learnt. */
  protected clock: { durationMs: number; at: number } | undefined;
  protected ending: Ending | undefined;
  private readonly createdAt = Date.now();

  constructor(
    protected readonly host: CallHost,
    start: CallStart,
  ) {
    this.callId = start.callId;
    this.myRole = start.role;
    this.isVideoCall = start.isVideoCall;
    this.parties = { dc_caller: start.caller, dc_callee: start.callee };
    this.items = new Items(start.customItems);
    this.progress = new Progress(start.role, start.isVideoCall);
    this.media = new CallMedia(host, start.callId, start.role, start.isVideoCall, {
      handleLink: (isUp) => this.handleLink(isUp),
      handlePath: () => this.handlePath(),
      handleSwitchedOff: () => this.handleSwitchedOff(),
      handleRefused: (error) => this.handleRefused(error),
      handleClosing: () => this.handleClosing(),
    });
  }

  /** Hands an error of the application's own code to its tools. */
  protected abstract report(thrown: unknown): void;

  /** Media flows, or has stopped. */
  protected abstract handleLink(isUp: boolean): void;

  /** The path that media takes has become known, or another. */
  protected abstract handlePath(): void;

  /** Microphone or camera cannot be used any more, or not yet: they are off. */
  protected abstract handleSwitchedOff(): void;

  /** None of the devices that the call was to start with can be used. */
  protected abstract handleRefused(error: CallError): void;

  /** The media is about to be closed. */
  protected abstract handleClosing(): void;

  get caller(): DirectCallUser {
    return this.parties.dc_caller;
  }

  get callee(): DirectCallUser {
    return this.parties.dc_callee;
  }

  get localUser(): DirectCallUser {
    return this.parties[this.myRole];
  }

  get remoteUser(): DirectCallUser {
    return this.parties[this.remoteRole];
  }

  get isLocalAudioEnabled(): boolean {
    return this.media.isAudioOn;
  }

  get isRemoteAudioEnabled(): boolean {
    return this.progress.mediaOf(this.remoteRole).audio_enabled;
  }

  get isLocalVideoEnabled(): boolean {
    return this.isVideoCall && this.media.isVideoOn;
  }

  get isRemoteVideoEnabled(): boolean {
    return this.isVideoCall && this.progress.mediaOf(this.remoteRole).video_enabled;
  }

  get isOngoing(): boolean {
    return !this.progress.isEnded;
  }

  get isOnHold(): boolean {
    return Boolean(this.progress.mediaOf('dc_caller').is_on_hold || this.progress.mediaOf('dc_callee').is_on_hold);
  }

  get isEnded(): boolean {
    return this.progress.isEnded;
  }

  get endedBy(): DirectCallUser {
    return absent(this.ending?.by);
  }

  get endResult(): DirectCallEndResult {
    return absent(this.ending?.result);
  }

  get callLog(): DirectCallLog {
    const { ending } = this;
    if (!ending) return absent<DirectCallLog>(undefined);
    return new LogEntry({
      callId: this.callId,
      userRole: this.myRole,
      caller: this.caller,
      callee: this.callee,
      startedAt: new Date(this.progress.latest?.started_at ?? this.createdAt),
      endedAt: new Date(ending.at),
      endedBy: absent(ending.by),
      duration: ending.durationMs,
      endResult: ending.result,
      isVideoCall: this.isVideoCall,
      customItems: this.customItems,
      isFromServer: false,
    });
  }

  get customItems(): CustomItems {
    return this.items.copy();
  }

  get localMediaView(): HTMLMediaElement {
    return absent(this.media.localView.element);
  }

  get remoteMediaView(): HTMLMediaElement {
    return absent(this.media.remoteView.element);
  }

  getDuration(): number {
    if (this.ending) return this.ending.durationMs;
    if (!this.clock || this.progress.state === 'ringing') return 0;
    return Math.round(this.clock.durationMs + this.host.platform.now() - this.clock.at);
  }

  protected get remoteRole(): CallRole {
    return this.myRole === 'dc_caller' ? 'dc_callee' : 'dc_caller';
  }
}

/** The published types know no absence here, while applications test for it. */
function absent<T>(value: T | null | undefined): T {
  return (value ?? null) as T;
}
