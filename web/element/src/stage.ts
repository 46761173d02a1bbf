/** A call from dialling to its end: ringing, connecting, talking, reconnecting, ended. The picture stays where it is between them. */

import type * as Sdk from 'offhook';

import { element, face, icon } from '../../look/element';
import { PHONE, VIDEO } from '../../look/icons';
import { Controls } from './controls';
import { LevelMeter } from './level-meter';
import { banners } from './banners';
import { clock, ending, endingOf, initials, nameOf, sentenceOf } from './words';

export interface StageOwner {
  /** Another face, or another state that others show. */
  handleChange(): void;
  handleConnected(): void;
  handleEnded(call: Sdk.DirectCall): void;
  handleClose(): void;
  handleAgain(userId: string): void;
}

export type StageFace = 'ringing' | 'connecting' | 'talking' | 'reconnecting' | 'ended';

/** How long a remark stays that is about a moment. */
const REMARK_MS = 8_000;
const TICK_MS = 250;

export class Stage {
  readonly element: HTMLElement;
  call: Sdk.DirectCall | null = null;
  face: StageFace = 'ringing';
  private readonly isVideoCall: boolean;
  private readonly owner: StageOwner;
  private readonly remote: HTMLMediaElement;
  private readonly local: HTMLVideoElement;
  private readonly name = element('h1', { class: 'call-name', part: 'name' });
  private readonly status = element('p', { class: 'call-status', part: 'status', role: 'status' });
  private readonly time = element('p', { class: 'call-time', part: 'time', role: 'timer', 'aria-label': 'Duration' });
  private readonly path = element('p', { class: 'call-path', part: 'path' });
  private readonly banner = element('div', { class: 'banner', part: 'banner', role: 'status', hidden: true });
  private readonly disc = face('');
  private readonly figure = element('div', { class: 'figure' });
  private readonly foot = element('footer', { part: 'foot' });
  private readonly meter = new LevelMeter();
  private readonly controls: Controls;
  private ticking = 0;
  private explanation = '';
  private remark = '';
  private remarkTimer = 0;
  private isRemoteRinging = false;
  private isHeldHere = false;
  private isHeldThere = false;
  /** Whether the user has hung up; the server may not have heard it yet. */
  private isLeft = false;
  private recordingId: string | null = null;
  /** What the user has asked for: if it is off nevertheless, it was not found or not allowed. */
  private wantsMicrophone = true;
  private wantsCamera: boolean;
  /** Of whom the level is shown. */
  private heard: MediaStream | null = null;

  constructor(peer: string, isVideoCall: boolean, sdk: typeof Sdk, owner: StageOwner) {
    this.isVideoCall = this.wantsCamera = isVideoCall;
    this.owner = owner;
    this.remote = isVideoCall
      ? element('video', { class: 'remote', part: 'remote', autoplay: true, playsinline: true })
      : element('audio', { class: 'remote', autoplay: true });
    this.local = element('video', { class: 'local', part: 'local', autoplay: true, playsinline: true, muted: true, hidden: true });
    this.local.muted = true;
    this.controls = new Controls(sdk, isVideoCall, {
      toggleMicrophone: () => this.setMicrophone(!this.call?.isLocalAudioEnabled),
      toggleCamera: () => this.setCamera(!this.call?.isLocalVideoEnabled),
      toggleScreen: () => this.toggleScreen(),
      toggleHold: () => (this.isHeldHere ? this.unhold() : this.hold()),
      toggleRecording: () => this.toggleRecording(),
      end: () => this.hangUp(),
    });
    this.name.textContent = peer;
    this.figure.append(this.disc, this.meter.element);
    this.element = element(
      'section',
      { class: `call ${isVideoCall ? 'call-video' : 'call-audio'}`, part: 'call', role: 'dialog', 'aria-label': `Call with ${peer}` },
      this.remote,
      element(
        'div',
        { class: 'middle' },
        this.figure,
        element('div', { class: 'call-title' }, this.name, this.time, this.path),
        this.status,
      ),
      this.banner,
      this.local,
      this.foot,
    );
    this.foot.append(this.controls.element);
    this.remote.addEventListener('offhook-path', (event) => {
      this.path.textContent = (event as CustomEvent<string>).detail === 'relayed' ? 'Relayed' : 'Direct';
    });
    this.element.addEventListener('keydown', (event) => this.controls.handleKey(event));
    this.ticking = window.setInterval(() => this.refresh(), TICK_MS);
  }

  /** Whether the call goes on, or may. */
  get isLive(): boolean {
    return this.call !== null && !this.call.isEnded && !this.isLeft;
  }

  /** What is said of it where it is not shown. */
  get waiting(): string {
    if (this.isHeldHere) return `${this.peer} is on hold`;
    if (this.face === 'ringing') return `Calling ${this.peer}…`;
    return this.face === 'connecting' ? `Connecting to ${this.peer}…` : `${this.peer} is on the line`;
  }

  get isOver(): boolean {
    return this.face === 'ended';
  }

  get peer(): string {
    return this.name.textContent ?? '';
  }

  /** What dial and accept want to know. */
  callOption(): Sdk.DirectCallOption {
    return { localMediaView: this.local, remoteMediaView: this.remote, audioEnabled: true, videoEnabled: this.isVideoCall };
  }

  /** Shows this call from here on. */
  follow(call: Sdk.DirectCall): void {
    this.call = call;
    this.show(call.myRole === 'dc_callee' ? 'connecting' : 'ringing');
    call.onCalleeDialReceived = () => {
      this.isRemoteRinging = true;
      this.refresh();
    };
    call.onEstablished = () => this.show('connecting');
    call.onConnected = () => {
      this.show('talking');
      this.owner.handleConnected();
    };
    call.onReconnecting = () => this.show('reconnecting');
    call.onReconnected = () => this.show('talking');
    call.onRemoteAudioSettingsChanged = () => this.refresh();
    call.onRemoteVideoSettingsChanged = () => this.refresh();
    call.onRemoteRecordingStatusChanged = () => this.refresh();
    call.onScreenShareStopped = () => this.refresh();
    call.onUserHoldStatusChanged = (_, isLocalUser, isHeld) => {
      if (isLocalUser) this.isHeldHere = isHeld;
      else this.isHeldThere = isHeld;
      this.refresh();
      this.owner.handleChange();
    };
    call.onEnded = () => this.end();
    this.takeFocus();
    if (call.isEnded) {
      this.end();
    }
  }

  /** Says why the call could not be made. */
  explain(why: string): void {
    this.explanation = why;
    this.refresh();
  }

  /** What was recorded is saved, or is not. */
  handleRecorded(recordingId: string, error?: Error): void {
    // Another recording may have begun meanwhile.
    if (recordingId === this.recordingId) this.recordingId = null;
    this.say(error ? `The recording was not saved: ${sentenceOf(error)}` : 'The recording is in your downloads.');
  }

  takeFocus(): void {
    if (this.isOver) this.foot.querySelector('button')?.focus();
    else this.controls.takeFocus();
  }

  hold(): void {
    this.call?.hold().catch((error: unknown) => this.say(sentenceOf(error)));
  }

  /** Holds it if it is talked on: before, there is nothing to hold. */
  holdIfTalking(): void {
    const isTalking = this.face === 'talking' || this.face === 'reconnecting';
    if (isTalking && this.isLive && !this.isHeldHere) this.hold();
  }

  /** Goes on with this call, if it is held; another that goes on is held. */
  unhold(): void {
    if (this.isHeldHere) this.call?.unhold(true).catch((error: unknown) => this.say(sentenceOf(error)));
  }

  hangUp(): void {
    this.isLeft = true;
    this.call?.end();
  }

  /** Takes it away. */
  close(): void {
    window.clearInterval(this.ticking);
    window.clearTimeout(this.remarkTimer);
    this.meter.stop();
    this.element.remove();
  }

  private setMicrophone(isOn: boolean): void {
    this.wantsMicrophone = isOn;
    if (isOn) this.call?.unmuteMicrophone();
    else this.call?.muteMicrophone();
    this.refresh();
  }

  private setCamera(isOn: boolean): void {
    this.wantsCamera = isOn;
    if (isOn) this.call?.startVideo();
    else this.call?.stopVideo();
    this.refresh();
  }

  private toggleScreen(): void {
    const { call } = this;
    if (call === null) {
      return;
    }
    if (call.isLocalScreenShareEnabled) {
      call.stopScreenShare();
      this.refresh();
    } else {
      call.startScreenShare().then(
        () => this.refresh(),
        (error: unknown) => this.say(sentenceOf(error)),
      );
    }
  }

  private toggleRecording(): void {
    const { call } = this;
    if (call === null) {
      return;
    }
    if (this.recordingId !== null) {
      call.stopRecording(this.recordingId);
      this.recordingId = null;
    } else {
      const recordingType = this.isVideoCall ? 'local_audio_remote_audio_and_video' : 'local_remote_audios';
      try {
        this.recordingId = call.startRecording({ callId: call.callId, recordingType });
      } catch (error) {
        this.say(sentenceOf(error));
      }
    }
    this.refresh();
  }

  private show(next: StageFace): void {
    this.face = next;
    this.refresh();
    this.owner.handleChange();
  }

  private say(remark: string): void {
    this.remark = remark;
    window.clearTimeout(this.remarkTimer);
    this.remarkTimer = window.setTimeout(() => this.say(''), REMARK_MS);
    this.refresh();
  }

  /** Draws what the call is like. Without a picture there is a face, never a black rectangle. */
  private refresh(): void {
    const { call, face: shown } = this;
    if (call === null) {
      return;
    }
    const isConnected = shown === 'talking' || shown === 'reconnecting';
    const isSharing = call.isLocalScreenShareEnabled;
    const hasPictureOfMe = ((this.local.srcObject as MediaStream | null)?.getVideoTracks().length ?? 0) > 0;
    const isHeld = this.isHeldHere || this.isHeldThere;
    const hasFrames = this.remote instanceof HTMLVideoElement && this.remote.videoWidth > 0;
    const hasPicture = hasFrames && call.isRemoteVideoEnabled && !isHeld;

    this.element.dataset['face'] = shown;
    write(this.name, nameOf(call.remoteUser) || this.peer);
    write(this.disc, initials(this.peer));
    this.element.classList.toggle('no-picture', !hasPicture);
    this.element.classList.toggle('sharing', isSharing);
    this.local.hidden = shown === 'ended' || isHeld || !hasPictureOfMe || !(call.isLocalVideoEnabled || isSharing);
    this.figure.classList.toggle('pulse', shown === 'ringing');
    const duration = call.getDuration();
    write(this.time, isConnected || (shown === 'ended' && duration > 0) ? clock(duration) : '');
    write(this.status, this.statusOf(call));
    this.showBanner(
      banners({
        peer: this.peer,
        isReconnecting: shown === 'reconnecting',
        isHeldHere: this.isHeldHere,
        isHeldThere: this.isHeldThere,
        isSharing,
        isRecording: isConnected && this.recordingId !== null,
        isRecordedThere: isConnected && call.remoteRecordingStatus === 'recording',
        lacksCamera: isConnected && this.wantsCamera && !call.isLocalVideoEnabled && !isSharing,
        lacksMicrophone: isConnected && this.wantsMicrophone && !call.isLocalAudioEnabled,
        remark: this.remark,
      }),
    );
    this.controls.show({
      isMicrophoneOn: call.isLocalAudioEnabled,
      isCameraOn: call.isLocalVideoEnabled,
      isSharing,
      isHeldHere: this.isHeldHere,
      isRecording: this.recordingId !== null,
      isConnected: shown === 'talking',
    });
    this.hear(isConnected ? (this.remote.srcObject as MediaStream | null) : null);
  }

  private hear(stream: MediaStream | null): void {
    // Its track may come after the stream.
    const next = stream !== null && stream.getAudioTracks().length > 0 ? stream : null;
    if (next !== this.heard && !this.isVideoCall) {
      this.heard = next;
      this.meter.listenTo(next);
    }
  }

  private statusOf(call: Sdk.DirectCall): string {
    switch (this.face) {
      case 'ringing':
        return this.isRemoteRinging ? 'Ringing…' : 'Calling…';
      case 'connecting':
        return 'Connecting…';
      case 'ended':
        return this.explanation || ending(endingOf(call));
      default: {
        const off = [call.isRemoteAudioEnabled ? '' : 'microphone', this.isVideoCall && !call.isRemoteVideoEnabled ? 'camera' : ''];
        const named = off.filter((word) => word !== '').join(' and ');
        return named === '' || this.isHeldThere ? '' : `${this.peer} has turned off the ${named}.`;
      }
    }
  }

  private showBanner(sentences: string[]): void {
    const words = sentences.join('\n');
    if (this.banner.dataset['words'] !== words) {
      this.banner.dataset['words'] = words;
      this.banner.hidden = words === '';
      this.banner.replaceChildren(...sentences.map((sentence) => element('p', {}, sentence)));
    }
  }

  private end(): void {
    const { call } = this;
    if (call === null || this.isOver) {
      return;
    }
    this.recordingId = null;
    this.isHeldHere = this.isHeldThere = false;
    this.path.textContent = '';
    const isWatched = this.element.contains((this.element.getRootNode() as ShadowRoot).activeElement);
    this.show('ended');
    window.clearInterval(this.ticking);
    const peer = call.remoteUser;
    const close = element('button', { class: 'button', part: 'close', type: 'button', click: () => this.owner.handleClose() }, 'Close');
    const again = element(
      'button',
      { class: 'button accent', part: 'again', type: 'button', click: () => this.owner.handleAgain(peer.userId) },
      icon(this.isVideoCall ? VIDEO : PHONE),
      'Call again',
    );
    this.foot.replaceChildren(element('div', { class: 'pair' }, close, again));
    if (isWatched) {
      close.focus();
    }
    this.owner.handleEnded(call);
  }
}

/** A screen reader hears a change of text, even if it is the same. */
function write(to: HTMLElement, words: string): void {
  if (to.textContent !== words) {
    to.textContent = words;
  }
}
