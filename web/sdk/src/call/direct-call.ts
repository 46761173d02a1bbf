import { DirectCallEndResult, ErrorCode } from '../enums';
import { asCallError, CallError } from '../errors';
import type { CallSnapshot } from '../generated/CallSnapshot';
import type { CallRole } from '../generated/CallRole';
import type { MediaPath } from '../generated/MediaPath';
import type { PartyMedia } from '../generated/PartyMedia';
import { Party } from '../session/user';
import type { CallWebhook } from '../generated/CallWebhook';
import type { AcceptParams, CustomItems, CustomItemsHandler, CustomItemsResult, DialHandler, DirectCall } from '../surface';
import { deleting, deletingAll, type ItemsNews, type ItemsRequest, setting } from './custom-items';
import { HoldVerbs } from './hold';
import type { CallHost } from './host';
import type { Happening } from './progress';
import type { CallStart } from './properties';

/** What `dial` asks the server. */
export interface DialRequest {
  readonly userId: string;
  readonly ringingTimeoutS: number | undefined;
  readonly connectionTimeoutS: number | undefined;
  readonly chatChannelUrl: string | undefined;
  readonly webhook: CallWebhook | undefined;
}

type DialOption = AcceptParams['callOption'] | null | undefined;

/**
 * A call, as the application sees it. What the server says of it goes through [`Progress`], what is heard and seen
 * through [`CallMedia`]; this class turns verbs into requests, and news into events.
 */
export class Call extends HoldVerbs implements DirectCall {
  private revision = 0;
  /** Whether the server knows the call: a caller's does once `dial` is answered. */
  private isKnown: boolean;
  private isAccepting = false;
  private isEnding = false;
  /** How media was when it was last told, and whether the server has that, and the last settings. */
  private hasReported = false;
  private isReportTold = true;
  private toldPath: MediaPath | undefined;
  private isMediaTold = true;
  /** What this side does with the call: told together with what it sends. */
  private doings: Pick<PartyMedia, 'is_on_hold' | 'is_recording'> = {};
  /** Whether the user here ended it, heard by the server or not. */
  private isLeft = false;
  private isReconnecting = false;
  private dialCallback: DialHandler | null | undefined;
  private itemsVersion = 0;

  constructor(host: CallHost, start: CallStart) {
    super(host, start);
    this.isKnown = start.role === 'dc_callee';
    bindMethods(this);
  }

  accept(params: AcceptParams): void {
    if (this.myRole !== 'dc_callee' || this.progress.state !== 'ringing' || this.isAccepting || this.isEnding) {
      this.host.logger.error('accept: the call is not ringing here.');
      return;
    }
    if (params?.holdActiveCall) void this.holdOthers();
    this.isAccepting = true;
    this.applyOption(params?.callOption);
    this.host.sounds.stop('RINGING', this.callId);
    const answer = this.host.request({ type: 'accept', call_id: this.callId, media: this.myMedia() });
    this.media.accept();
    answer.then(
      (snapshot) => this.handleSnapshot(snapshot),
      (error) => this.handleAcceptFailed(error),
    );
  }

  end(): void {
    if (this.isEnded || this.isEnding) return;
    this.isEnding = this.isLeft = true;
    const answer = this.host.request({ type: 'end', call_id: this.callId });
    const isNoticedLater = this.isKnown && this.host.isConnected;
    // What the server says counts, if it says something.
    answer.then(
      (snapshot) => this.handleSnapshot(snapshot),
      () => undefined,
    ).then(() => this.endHere());
    if (isNoticedLater) this.media.close();
    else this.endHere();
  }

  async setLocalMediaView(view: HTMLMediaElement | null): Promise<void> {
    this.media.localView.setElement(view ?? null);
  }

  async setRemoteMediaView(view: HTMLMediaElement | null): Promise<void> {
    this.media.remoteView.setElement(view ?? null);
  }

  muteMicrophone(): void {
    this.setMedia('audio', false);
  }

  unmuteMicrophone(): void {
    this.setMedia('audio', true);
  }

  startVideo(): void {
    this.setMedia('video', true);
  }

  stopVideo(): void {
    this.setMedia('video', false);
  }

  updateCustomItems(customItems: CustomItems, callback?: CustomItemsHandler | null): Promise<CustomItemsResult> {
    return this.host.changeItems(() => setting(this.callId, customItems), callback);
  }

  deleteCustomItems(keys: string[], callback?: CustomItemsHandler | null): Promise<CustomItemsResult> {
    return this.host.changeItems(() => deleting(this.callId, keys), callback);
  }

  deleteAllCustomItems(callback?: CustomItemsHandler | null): Promise<CustomItemsResult> {
    return this.host.changeItems(() => deletingAll(this.callId), callback);
  }

  /** What this page asked for, of the call's functions or the module's, is right here once it is answered. */
  changeItems(request: ItemsRequest, work: Promise<CustomItemsResult>): Promise<CustomItemsResult> {
    return this.items.change(request, work, (news) => this.tellItems(news));
  }

  /** Rings the callee, unless there is an `obstacle`. The callback is told once, of the answer or of the error. */
  dial(request: DialRequest, option: DialOption, callback: DialHandler | null | undefined, obstacle?: CallError): void {
    this.dialCallback = callback;
    this.applyOption(option);
    if (obstacle || !this.media.prepare()) return this.failDial(obstacle ?? noWebRtc());
    const answer = this.host.request({
      type: 'dial',
      call_id: this.callId,
      user_id: request.userId,
      is_video_call: this.isVideoCall,
      media: this.myMedia(),
      custom_items: this.customItems,
      ringing_timeout_s: request.ringingTimeoutS,
      webhook: request.webhook,
      connection_timeout_s: request.connectionTimeoutS,
      chat_channel_url: request.chatChannelUrl,
    });
    this.media.introduce();
    this.host.sounds.start('DIALING', this.callId);
    this.media.offer();
    answer.then(
      (snapshot) => this.handleSnapshot(snapshot),
      (error) => this.failDial(asCallError(error)),
    );
  }

  /** The call does not come about. */
  failDial(error: CallError): void {
    if (this.isEnded) return;
    this.isKnown = true;
    this.tellDialer(error);
    this.finish(DirectCallEndResult.DIAL_FAILED, undefined);
  }

  /** A ring that has reached this device. */
  handleRing(snapshot: CallSnapshot, isLate: boolean): void {
    this.handleSnapshot(snapshot);
    if (this.isEnded) return;
    this.host.sounds.start('RINGING', this.callId);
    if (isLate) this.media.askForOffer();
  }

  /** It has been told here that it rings, which need not wait for a connection; the server may be told its ticket. */
  introduce(): void {
    this.media.introduce();
    this.media.prepare();
  }

  handleSnapshot(snapshot: CallSnapshot): void {
    if (!this.isKnown) {
      this.isKnown = true;
      this.tellDialer(undefined);
    }
    // Items change after the end, too.
    if (snapshot.version > this.itemsVersion) {
      this.itemsVersion = snapshot.version;
      this.tellItems(this.items.learn(snapshot.custom_items));
    }
    if (this.isEnded) return;
    const isFirst = !this.progress.latest;
    const happenings = this.progress.apply(snapshot);
    if (this.progress.latest === snapshot) {
      if (isFirst) {
        this.parties = { dc_caller: new Party(snapshot.caller, 'dc_caller'), dc_callee: new Party(snapshot.callee, 'dc_callee') };
      }
      this.clock = { durationMs: snapshot.duration_ms, at: this.host.platform.now() };
    }
    for (const happening of happenings) this.handle(happening, snapshot);
  }

  /** Whether this device carries the call, rather than being rung by it. */
  get isCarried(): boolean {
    return this.media.isCarried;
  }

  handlePartyMedia(role: CallRole, media: PartyMedia): void {
    if (this.isEnded) return;
    for (const happening of this.progress.applyMedia(role, media)) this.handle(happening);
  }

  handleSignal(fromDevice: string, body: string): void {
    if (!this.isEnded) this.media.handleSignal(fromDevice, body);
  }

  /** The server knows nothing of this call. */
  handleUnknown(): void {
    if (this.isKnown) this.finish(DirectCallEndResult.UNKNOWN, undefined);
  }

  handleResumed(): void {
    if (this.isEnded || this.isEnding) return;
    this.media.handleResumed();
    if (!this.isReportTold) this.reportLink();
    if (!this.isMediaTold) this.tellMedia().catch(() => undefined);
  }

  /** The server, met again, still has it alive: it has not heard that it was ended here. */
  handleStillAlive(): void {
    if (this.isLeft) this.host.request({ type: 'end', call_id: this.callId }).catch(() => undefined);
  }

  handleNetworkChange(): void {
    if (this.progress.state !== 'ringing' && !this.isEnded) this.media.handleNetworkChange();
  }

  switchDevice(kind: 'audio' | 'video'): void {
    if (!this.isEnded) this.media.switchDevice(kind);
  }

  setOutput(deviceId: string | undefined): void {
    this.media.remoteView.setOutput(deviceId);
  }

  /** Ends it now, and tells the server on the way out. */
  leave(): void {
    if (this.isEnded) return;
    this.host.request({ type: 'end', call_id: this.callId }).catch(() => undefined);
    this.endHere();
  }

  /** Ends it now, as `end` would; whoever calls this tells the server. */
  endHere(result: DirectCallEndResult = this.resultOfEnding()): void {
    if (this.isEnded) return;
    if (!this.isKnown) {
      this.isKnown = true;
      this.tellDialer(new CallError(ErrorCode.DIAL_CANCELED));
    }
    this.finish(result, this.parties[this.myRole]);
  }

  protected report(thrown: unknown): void {
    this.host.platform.reportError(thrown);
  }

  private handle(happening: Happening, snapshot?: CallSnapshot): void {
    switch (happening) {
      case 'dial_received':
        return this.tell(() => this.onCalleeDialReceived?.(this));
      case 'established':
        this.host.sounds.stopAll(this.callId);
        this.media.handleEstablished();
        return this.tell(() => this.onEstablished?.(this));
      case 'connected':
        this.tell(() => this.onConnected?.(this));
        // It may have gone down before the server had told that it was up.
        if (!this.media.isLinkUp && this.hasReported) this.startReconnecting();
        return;
      case 'remote_audio_changed':
        return this.tell(() => this.onRemoteAudioSettingsChanged?.(this));
      case 'remote_video_changed':
        return this.tell(() => this.onRemoteVideoSettingsChanged?.(this));
      case 'remote_recording_changed':
        return this.tell(() => this.onRemoteRecordingStatusChanged?.(this));
      case 'remote_hold_changed': {
        const isHeld = this.progress.mediaOf(this.remoteRole).is_on_hold ?? false;
        this.media.setListening(!this.isOnHold);
        return this.tell(() => this.onUserHoldStatusChanged?.(this, false, isHeld));
      }
      case 'ended':
        return this.finish(
          snapshot?.end_result ?? DirectCallEndResult.UNKNOWN,
          snapshot?.ended_by && this.parties[snapshot.ended_by],
          snapshot,
        );
    }
  }

  protected override handleLink(isUp: boolean): void {
    if (this.isEnded || this.isEnding) return;
    super.handleLink(isUp);
    this.hasReported = true;
    this.reportLink();
    if (!isUp && this.progress.state === 'connected') this.startReconnecting();
    if (isUp && this.isReconnecting) {
      this.isReconnecting = false;
      this.host.sounds.stop('RECONNECTING', this.callId);
      this.host.sounds.play('RECONNECTED');
      this.tell(() => this.onReconnected?.(this));
    }
  }

  protected handlePath(): void {
    if (!this.isEnded && !this.isEnding && this.media.path !== this.toldPath) this.reportLink();
  }

  protected handleSwitchedOff(): void {
    if (!this.isEnded && !this.isEnding) this.announceSettings();
  }

  /** Nothing of what the application wanted to send can be sent: the call fails, and the other side does not wait. */
  protected handleRefused(error: CallError): void {
    if (this.isEnded || this.isEnding) return;
    this.isLeft = true;
    this.host.request({ type: 'end', call_id: this.callId }).catch(() => undefined);
    if (this.myRole === 'dc_caller') this.failDial(error);
    else this.finish(DirectCallEndResult.ACCEPT_FAILED, undefined);
  }

  private reportLink(): void {
    const media = this.media.isLinkUp ? 'connected' : 'lost';
    const { path } = this.media;
    this.isReportTold = false;
    if (path) this.toldPath = path;
    this.host.request({ type: 'report', call_id: this.callId, media, path }).then(
      (snapshot) => {
        this.isReportTold = this.media.isLinkUp === (media === 'connected');
        this.handleSnapshot(snapshot);
      },
      () => this.host.logger.warn('Told after a reconnect: how media is.'),
    );
  }

  private startReconnecting(): void {
    this.isReconnecting = true;
    this.host.sounds.start('RECONNECTING', this.callId);
    this.tell(() => this.onReconnecting?.(this));
  }

  /** Another device was faster, or the call is over: the server knows which. */
  private async handleAcceptFailed(error: unknown): Promise<void> {
    if (this.isEnded) return;
    this.host.logger.error('accept failed', error);
    try {
      this.handleSnapshot(await this.host.request({ type: 'read', call_id: this.callId }));
    } catch {
      // Told below.
    }
    if (this.progress.state === 'ringing') this.finish(DirectCallEndResult.ACCEPT_FAILED, undefined);
  }

  private setMedia(kind: 'audio' | 'video', isOn: boolean): void {
    if (this.isHeldHere) {
      this.host.logger.error('On hold: microphone and camera stay as they are.');
      return;
    }
    if (this.isEnded || !this.media.set(kind, isOn)) return;
    // Before accept, a callee's choice travels with the accept.
    if (this.myRole === 'dc_callee' && this.progress.state === 'ringing' && !this.isAccepting) return;
    this.announceSettings();
  }

  private announceSettings(): void {
    this.announceMedia().catch(() => {
      this.host.logger.warn('Told after a reconnect: microphone and camera.');
    });
  }

  /** Holds, records, or no longer: resolves once the server has it. What was not told is told after a reconnect. */
  protected announceDoing(doing: Pick<PartyMedia, 'is_on_hold' | 'is_recording'>): Promise<void> {
    if (this.isEnded || this.isEnding) return Promise.resolve();
    this.doings = { ...this.doings, ...doing };
    if (doing.is_on_hold) this.handleHeld();
    return this.announceMedia();
  }

  private announceMedia(): Promise<void> {
    this.revision += 1;
    return this.tellMedia();
  }

  private async tellMedia(): Promise<void> {
    const media = this.myMedia();
    this.isMediaTold = false;
    const snapshot = await this.host.request({ type: 'set_media', call_id: this.callId, media });
    if (media.revision === this.revision) this.isMediaTold = true;
    this.handleSnapshot(snapshot);
  }

  private myMedia(): PartyMedia {
    const media = {
      audio_enabled: this.media.isAudioOn,
      video_enabled: this.isLocalVideoEnabled || this.isLocalScreenShareEnabled,
      ...this.doings,
      revision: this.revision,
    };
    this.progress.setMyMedia(media);
    return media;
  }

  private applyOption(option: DialOption): void {
    if (!option) return;
    this.media.choose(option.audioEnabled, option.videoEnabled);
    if (option.localMediaView) this.media.localView.setElement(option.localMediaView);
    if (option.remoteMediaView) this.media.remoteView.setElement(option.remoteMediaView);
  }

  private tellDialer(error: CallError | undefined): void {
    const callback = this.dialCallback;
    this.dialCallback = undefined;
    // Without a callback it takes its turn as well: who awaits `dial` sets handlers meanwhile.
    this.tell(() => (error ? callback?.(this, error) : callback?.(this)));
  }

  private resultOfEnding(): DirectCallEndResult {
    switch (this.progress.state) {
      case 'ringing':
        return this.myRole === 'dc_caller' ? DirectCallEndResult.CANCELED : DirectCallEndResult.DECLINED;
      case 'established':
        return DirectCallEndResult.NOT_CONNECTED;
      default:
        return DirectCallEndResult.COMPLETED;
    }
  }

  private finish(result: DirectCallEndResult, by: Party | undefined, snapshot?: CallSnapshot): void {
    if (this.ending) return;
    const durationMs = snapshot?.duration_ms ?? this.getDuration();
    this.progress.endHere();
    this.ending = { result, by, at: snapshot?.ended_at ?? Date.now(), durationMs };
    this.media.close();
    this.host.sounds.stopAll(this.callId);
    this.host.handleEnded();
    this.tell(() => this.onEnded?.(this));
  }

  private tellItems({ updated, deleted }: ItemsNews): void {
    if (updated.length > 0) this.tell(() => this.onCustomItemsUpdated?.(this, updated));
    if (deleted.length > 0) this.tell(() => this.onCustomItemsDeleted?.(this, deleted));
  }

  protected tell(tell: () => void): void {
    this.host.events.push(tell);
  }
}

function noWebRtc(): CallError {
  return new CallError(ErrorCode.ERR_REQUEST_FAILED, 'This browser has no RTCPeerConnection.');
}

/** Applications hand methods around bare. */
function bindMethods(call: Call): void {
  for (let prototype = Call.prototype; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value === 'function' && name !== 'constructor' && !Object.hasOwn(call, name)) {
        Object.defineProperty(call, name, { value: value.bind(call), writable: true, configurable: true });
      }
    }
  }
}
