/** A call from dialling to its end: connecting, talking, reconnecting, ended. The picture stays where it is between them. */

import { Controls } from './controls';
import { element, face, icon } from './element';
import { LevelMeter } from './level-meter';
import type { DirectCall } from './sdk';
import { clock, ending, endingOf, initials, nameOf } from './words';

export interface CallActions {
  onEnded(): void;
  onClose(): void;
  onAgain(userId: string): void;
}

type CallFace = 'ringing' | 'connecting' | 'talking' | 'reconnecting' | 'ended';

export class CallScreen {
  readonly element: HTMLElement;
  private readonly isVideoCall: boolean;
  private readonly actions: CallActions;
  private readonly remote: HTMLMediaElement;
  private readonly local: HTMLVideoElement;
  private readonly name = element('h1', { class: 'call-name' });
  private readonly status = element('p', { class: 'call-status', role: 'status' });
  private readonly time = element('p', { class: 'call-time', role: 'timer', 'aria-label': 'Duration' });
  private readonly path = element('p', { class: 'call-path' });
  private readonly banner = element('p', { class: 'banner', role: 'status', hidden: true });
  private readonly figure = element('div', { class: 'figure' });
  private readonly foot = element('footer', {});
  private readonly meter: LevelMeter;
  private controls: Controls | null = null;
  private call: DirectCall | null = null;
  private ticking = 0;
  private explanation = '';

  constructor(peer: string, isVideoCall: boolean, actions: CallActions) {
    this.isVideoCall = isVideoCall;
    this.actions = actions;
    this.remote = isVideoCall
      ? element('video', { class: 'remote', autoplay: true, playsinline: true })
      : element('audio', { class: 'remote', autoplay: true });
    this.local = element('video', { class: 'local', autoplay: true, playsinline: true, muted: true, hidden: !isVideoCall });
    this.local.muted = true;
    this.meter = new LevelMeter();
    this.name.textContent = peer;
    this.figure.append(face(initials(peer), true), this.meter.element);
    this.element = element(
      'section',
      { class: `call ${isVideoCall ? 'call-video' : 'call-audio'}`, 'aria-label': `Call with ${peer}` },
      this.remote,
      element(
        'div',
        { class: 'middle-of-call' },
        this.figure,
        element('div', { class: 'call-title' }, this.name, this.time, this.path),
        this.status,
      ),
      this.banner,
      this.local,
      this.foot,
    );
    this.remote.addEventListener('offhook-path', (event) => {
      this.path.textContent = (event as CustomEvent<string>).detail === 'relayed' ? 'Relayed' : 'Direct';
    });
    this.element.addEventListener('keydown', (event) => this.controls?.handleKey(event));
    this.show('ringing');
  }

  /** What dial and accept want to know. */
  callOption() {
    return {
      localMediaView: this.local,
      remoteMediaView: this.remote,
      audioEnabled: true,
      videoEnabled: this.isVideoCall,
    };
  }

  /** Shows this call from here on. */
  follow(call: DirectCall): void {
    this.call = call;
    this.controls = new Controls(call, (isOn) => {
      this.local.hidden = !isOn;
    });
    this.foot.replaceChildren(this.controls.element);
    this.show(call.myRole === 'dc_callee' ? 'connecting' : 'ringing');
    call.onCalleeDialReceived = () => {
      this.status.textContent = 'Ringing…';
    };
    call.onEstablished = () => {
      this.name.textContent = nameOf(call.remoteUser);
      this.show('connecting');
    };
    call.onConnected = () => this.talk();
    call.onReconnecting = () => this.show('reconnecting');
    call.onReconnected = () => this.show('talking');
    call.onRemoteAudioSettingsChanged = () => this.showRemote();
    call.onRemoteVideoSettingsChanged = () => this.showRemote();
    call.onEnded = () => this.end();
    this.controls.takeFocus();
    if (call.isEnded) {
      this.end();
    }
  }

  /** Says why the call could not be made. */
  explain(why: string): void {
    this.explanation = why;
    if (this.element.dataset['face'] === 'ended') {
      this.status.textContent = why;
    }
  }

  hangUp(): void {
    this.call?.end();
  }

  private show(next: CallFace): void {
    this.element.dataset['face'] = next;
    const words: Partial<Record<CallFace, string>> = { ringing: 'Calling…', connecting: 'Connecting…' };
    this.status.textContent = words[next] ?? '';
    this.say(next === 'reconnecting' ? 'Reconnecting. The call goes on when the network is back.' : '');
    this.figure.classList.toggle('pulse', next === 'ringing');
  }

  private say(words: string): void {
    this.banner.textContent = words;
    this.banner.hidden = words === '';
  }

  private talk(): void {
    this.show('talking');
    this.meter.listenTo(this.remote.srcObject as MediaStream | null);
    this.showRemote();
    this.tick();
    this.ticking = window.setInterval(() => this.tick(), 250);
    const mine = this.local.srcObject as MediaStream | null;
    if (this.isVideoCall && mine !== null && mine.getVideoTracks().length === 0) {
      this.local.hidden = true;
      this.say('No camera was found. The call goes on with sound.');
    }
  }

  private tick(): void {
    this.time.textContent = clock(this.call?.getDuration() ?? 0);
  }

  /** The other side's microphone and camera. Without a picture there is a face, never a black rectangle. */
  private showRemote(): void {
    if (this.call === null) {
      return;
    }
    const { isRemoteAudioEnabled, isRemoteVideoEnabled, remoteUser } = this.call;
    const hasPicture = this.isVideoCall && isRemoteVideoEnabled;
    this.element.classList.toggle('no-picture', !hasPicture);
    const off = [isRemoteAudioEnabled ? '' : 'microphone', this.isVideoCall && !isRemoteVideoEnabled ? 'camera' : ''];
    const named = off.filter((word) => word !== '').join(' and ');
    this.status.textContent = named === '' ? '' : `${nameOf(remoteUser)} has turned off the ${named}.`;
  }

  private end(): void {
    window.clearInterval(this.ticking);
    this.meter.stop();
    const call = this.call;
    if (call === null) {
      return;
    }
    this.show('ended');
    this.path.textContent = '';
    const told = endingOf(call);
    this.status.textContent = this.explanation || ending(told);
    const duration = call.getDuration();
    this.time.textContent = duration > 0 ? clock(duration) : '';
    const again = element(
      'button',
      { class: 'button accent', type: 'button', onclick: () => this.actions.onAgain((told.isCaller ? call.callee : call.caller).userId) },
      icon(this.isVideoCall ? 'video' : 'phone'),
      'Call again',
    );
    const close = element('button', { class: 'button', type: 'button', onclick: () => this.actions.onClose() }, 'Close');
    this.foot.replaceChildren(element('div', { class: 'pair' }, close, again));
    close.focus();
    this.actions.onEnded();
  }
}
