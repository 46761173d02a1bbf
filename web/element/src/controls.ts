/** The buttons along the bottom of a call. */

import type * as Sdk from 'offhook';

import { element, icon } from '../../look/element';
import * as icons from '../../look/icons';
import { DeviceList } from './device-list';

/** What the buttons do. */
export interface ControlActions {
  toggleMicrophone(): void;
  toggleCamera(): void;
  toggleScreen(): void;
  toggleHold(): void;
  toggleRecording(): void;
  end(): void;
}

/** What the buttons show. */
export interface ControlStates {
  readonly isMicrophoneOn: boolean;
  readonly isCameraOn: boolean;
  readonly isSharing: boolean;
  readonly isHeldHere: boolean;
  readonly isRecording: boolean;
  /** Whether media flows: what works in the middle of a call only is off before. */
  readonly isConnected: boolean;
}

export class Controls {
  readonly element: HTMLElement;
  private readonly isVideoCall: boolean;
  private readonly microphone: HTMLButtonElement;
  private readonly camera: HTMLButtonElement;
  private readonly screen: HTMLButtonElement;
  private readonly hold: HTMLButtonElement;
  private readonly record: HTMLButtonElement;
  private readonly hangUp: HTMLButtonElement;
  private readonly devices: DeviceList;

  constructor(sdk: typeof Sdk, isVideoCall: boolean, actions: ControlActions) {
    this.isVideoCall = isVideoCall;
    this.microphone = control('microphone', 'M', () => actions.toggleMicrophone());
    this.camera = control('camera', 'V', () => actions.toggleCamera());
    this.screen = control('screen', null, () => actions.toggleScreen());
    this.hold = control('hold', 'H', () => actions.toggleHold());
    this.record = control('record', null, () => actions.toggleRecording());
    this.hangUp = control('end', null, () => actions.end());
    draw(this.hangUp, icons.END, 'End');
    this.devices = new DeviceList(sdk, isVideoCall, control('devices', null, () => this.devices.toggle()));
    draw(this.devices.button, icons.DEVICES, 'Devices');
    // Phones cannot share their screen.
    const canShare = isVideoCall && navigator.mediaDevices?.getDisplayMedia !== undefined;
    this.element = element(
      'div',
      { class: `controls ${isVideoCall ? 'many' : ''}`, part: 'controls', role: 'group', 'aria-label': 'Call' },
      element('div', { class: 'row' }, canShare ? this.screen : null, this.hold, this.record, this.devices.button),
      element('div', { class: 'row main' }, this.microphone, isVideoCall ? this.camera : null, this.hangUp),
      this.devices.panel,
    );
  }

  takeFocus(): void {
    this.hangUp.focus();
  }

  show(states: ControlStates): void {
    press(this.microphone, !states.isMicrophoneOn, states.isMicrophoneOn ? icons.MICROPHONE : icons.MICROPHONE_OFF, 'Microphone', states.isMicrophoneOn);
    press(this.camera, !states.isCameraOn, states.isCameraOn ? icons.VIDEO : icons.VIDEO_OFF, 'Camera', states.isCameraOn);
    press(this.screen, states.isSharing, icons.SCREEN, states.isSharing ? 'Stop' : 'Screen');
    press(this.hold, states.isHeldHere, states.isHeldHere ? icons.RESUME : icons.HOLD, states.isHeldHere ? 'Resume' : 'Hold');
    press(this.record, states.isRecording, icons.RECORD, states.isRecording ? 'Stop' : 'Record');
    for (const button of [this.screen, this.hold, this.record]) {
      button.disabled = !states.isConnected;
    }
    // Nothing is sent on hold.
    this.microphone.disabled = this.camera.disabled = states.isHeldHere;
    this.screen.disabled ||= states.isHeldHere;
  }

  /** The letters that the buttons name. */
  handleKey(event: KeyboardEvent): void {
    const [target] = event.composedPath();
    if (event.ctrlKey || event.metaKey || event.altKey || target instanceof HTMLSelectElement) {
      return;
    }
    const button = { m: this.microphone, v: this.isVideoCall ? this.camera : undefined, h: this.hold }[event.key.toLowerCase()];
    if (button !== undefined && !button.disabled) {
      button.click();
    }
  }
}

function control(name: string, key: string | null, onPress: () => void): HTMLButtonElement {
  return element('button', { class: `control ${name}`, part: `control ${name}`, type: 'button', 'aria-keyshortcuts': key, click: onPress });
}

/** A disc with its word below: colour and shape never speak alone. */
function draw(button: HTMLButtonElement, strokes: string, word: string): void {
  button.replaceChildren(element('span', { class: 'disc' }, icon(strokes)), element('span', { class: 'control-word' }, word));
}

/** `isMarked` is how it looks; `isPressed`, where it differs, what a screen reader hears. */
function press(button: HTMLButtonElement, isMarked: boolean, strokes: string, word: string, isPressed?: boolean): void {
  const state = `${strokes}${word}`;
  if (button.dataset['state'] !== state) {
    button.dataset['state'] = state;
    draw(button, strokes, word);
  }
  button.classList.toggle('marked', isMarked);
  if (isPressed !== undefined) {
    button.setAttribute('aria-pressed', String(isPressed));
  }
}
