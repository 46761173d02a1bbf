/** The panel that chooses microphone, camera and speaker. */

import type * as Sdk from 'offhook';

import { element } from '../../look/element';

interface Kind {
  readonly label: string;
  available(): MediaDeviceInfo[];
  current(): MediaDeviceInfo | undefined;
  select(device: MediaDeviceInfo): void;
}

export class DeviceList {
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;
  private readonly sdk: typeof Sdk;
  private readonly hasCamera: boolean;

  constructor(sdk: typeof Sdk, hasCamera: boolean, button: HTMLButtonElement) {
    this.sdk = sdk;
    this.hasCamera = hasCamera;
    this.button = button;
    this.panel = element('div', {
      class: 'panel',
      part: 'panel',
      role: 'group',
      'aria-label': 'Devices',
      hidden: true,
      keydown: (event) => {
        if ((event as KeyboardEvent).key === 'Escape') {
          this.toggle();
          this.button.focus();
        }
      },
    });
    button.setAttribute('aria-expanded', 'false');
  }

  toggle(): void {
    const isOpening = this.panel.hidden;
    if (isOpening) {
      this.panel.replaceChildren(...this.kinds().map((kind) => choice(kind)));
    }
    this.panel.hidden = !isOpening;
    this.button.setAttribute('aria-expanded', String(isOpening));
    if (isOpening) {
      this.panel.querySelector('select')?.focus();
    }
  }

  private kinds(): Kind[] {
    const { sdk } = this;
    const microphone: Kind = {
      label: 'Microphone',
      available: sdk.getAvailableAudioInputDevices,
      current: sdk.getCurrentAudioInputDevice,
      select: (device) => sdk.selectAudioInputDevice(device as InputDeviceInfo),
    };
    const camera: Kind = {
      label: 'Camera',
      available: sdk.getAvailableVideoInputDevices,
      current: sdk.getCurrentVideoInputDevice,
      select: (device) => sdk.selectVideoInputDevice(device as InputDeviceInfo),
    };
    const speaker: Kind = {
      label: 'Speaker',
      available: sdk.getAvailableAudioOutputDevices,
      current: sdk.getCurrentAudioOutputDevice,
      select: sdk.selectAudioOutputDevice,
    };
    return this.hasCamera ? [microphone, camera, speaker] : [microphone, speaker];
  }
}

function choice(kind: Kind): HTMLElement {
  const devices = kind.available();
  if (devices.length === 0) {
    return element(
      'div',
      { class: 'field' },
      element('span', { class: 'label' }, kind.label),
      element('p', { class: 'quiet' }, 'The browser offers no choice.'),
    );
  }
  const current = kind.current()?.deviceId;
  const select = element(
    'select',
    {
      change: () => {
        const chosen = devices.find((device) => device.deviceId === select.value);
        if (chosen !== undefined) {
          kind.select(chosen);
        }
      },
    },
    ...devices.map((device, index) =>
      element('option', { value: device.deviceId, selected: device.deviceId === current }, device.label || `${kind.label} ${index + 1}`),
    ),
  );
  return element('label', { class: 'field' }, element('span', { class: 'label' }, kind.label), select);
}
