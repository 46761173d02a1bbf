/** The buttons along the bottom of a call: microphone, camera, devices, end. */

import { DeviceList } from './device-list';
import { element, icon, type IconName } from './element';
import type { DirectCall } from './sdk';

interface Switch {
  readonly button: HTMLButtonElement;
  show(isOn: boolean): void;
}

export class Controls {
  readonly element: HTMLElement;
  private readonly call: DirectCall;
  private readonly onCamera: (isOn: boolean) => void;
  private readonly microphone: Switch;
  private readonly camera: Switch | null;
  private readonly hangUp: HTMLButtonElement;

  constructor(call: DirectCall, onCamera: (isOn: boolean) => void) {
    this.call = call;
    this.onCamera = onCamera;
    this.microphone = toggle('Microphone', 'M', ['microphone', 'microphoneOff'], () => this.switchMicrophone());
    this.camera = call.isVideoCall
      ? toggle('Camera', 'V', ['video', 'videoOff'], () => this.switchCamera())
      : null;
    this.microphone.show(call.isLocalAudioEnabled);
    this.camera?.show(call.isLocalVideoEnabled);
    const devices = new DeviceList(call.isVideoCall);
    this.hangUp = element('button', { class: 'round end', type: 'button', onclick: () => call.end() }, icon('end'));
    this.element = element(
      'div',
      { class: 'controls' },
      labelled(this.microphone.button, 'Microphone'),
      this.camera === null ? null : labelled(this.camera.button, 'Camera'),
      labelled(devices.button, 'Devices'),
      labelled(this.hangUp, 'End'),
      devices.panel,
    );
  }

  takeFocus(): void {
    this.hangUp.focus();
  }

  /** M and V, as their buttons say. */
  handleKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) {
      return;
    }
    if (event.key.toLowerCase() === 'm') {
      this.switchMicrophone();
    } else if (event.key.toLowerCase() === 'v') {
      this.switchCamera();
    }
  }

  private switchMicrophone(): void {
    if (this.call.isLocalAudioEnabled) {
      this.call.muteMicrophone();
    } else {
      this.call.unmuteMicrophone();
    }
    this.microphone.show(this.call.isLocalAudioEnabled);
  }

  private switchCamera(): void {
    if (this.camera === null) {
      return;
    }
    if (this.call.isLocalVideoEnabled) {
      this.call.stopVideo();
    } else {
      this.call.startVideo();
    }
    this.camera.show(this.call.isLocalVideoEnabled);
    this.onCamera(this.call.isLocalVideoEnabled);
  }
}

function toggle(what: string, key: string, [on, off]: [IconName, IconName], onToggle: () => void): Switch {
  const button = element('button', { class: 'round', type: 'button', 'aria-keyshortcuts': key, onclick: onToggle });
  return {
    button,
    show(isOn) {
      button.replaceChildren(icon(isOn ? on : off));
      button.classList.toggle('off', !isOn);
      button.setAttribute('aria-pressed', String(isOn));
      button.title = `Turn the ${what.toLowerCase()} ${isOn ? 'off' : 'on'} (${key})`;
    },
  };
}

/** A round button with its word below: colour and shape never speak alone. */
function labelled(button: HTMLButtonElement, word: string): HTMLElement {
  const id = `control-${word.toLowerCase()}`;
  button.setAttribute('aria-labelledby', id);
  return element('span', { class: 'control' }, button, element('span', { id, class: 'control-word' }, word));
}
