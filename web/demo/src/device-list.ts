/** The panel that chooses microphone, camera and speaker. */

import { element, icon } from './element';
import { sdk } from './sdk';

interface Kind {
  readonly label: string;
  available(): MediaDeviceInfo[];
  current(): MediaDeviceInfo | undefined;
  select(device: MediaDeviceInfo): void;
}

export class DeviceList {
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;
  private readonly hasCamera: boolean;

  constructor(hasCamera: boolean) {
    this.hasCamera = hasCamera;
    this.panel = element('div', { class: 'devices', role: 'group', 'aria-label': 'Devices', hidden: true });
    this.button = element(
      'button',
      { class: 'round', type: 'button', 'aria-expanded': 'false', title: 'Choose microphone, camera and speaker', onclick: () => this.toggle() },
      icon('devices'),
    );
    this.panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        this.toggle();
        this.button.focus();
      }
    });
  }

  private toggle(): void {
    const isOpening = this.panel.hidden;
    if (isOpening) {
      this.panel.replaceChildren(...this.kinds().map((kind) => choice(kind)));
    }
    this.panel.hidden = !isOpening;
    this.button.setAttribute('aria-expanded', String(isOpening));
  }

  private kinds(): Kind[] {
    const calls = sdk();
    const microphone: Kind = {
      label: 'Microphone',
      available: calls.getAvailableAudioInputDevices,
      current: calls.getCurrentAudioInputDevice,
      select: (device) => calls.selectAudioInputDevice(device as InputDeviceInfo),
    };
    const camera: Kind = {
      label: 'Camera',
      available: calls.getAvailableVideoInputDevices,
      current: calls.getCurrentVideoInputDevice,
      select: (device) => calls.selectVideoInputDevice(device as InputDeviceInfo),
    };
    const speaker: Kind = {
      label: 'Speaker',
      available: calls.getAvailableAudioOutputDevices,
      current: calls.getCurrentAudioOutputDevice,
      select: calls.selectAudioOutputDevice,
    };
    return this.hasCamera ? [microphone, camera, speaker] : [microphone, speaker];
  }
}

function choice(kind: Kind): HTMLElement {
  const id = `device-${kind.label.toLowerCase()}`;
  const devices = kind.available();
  if (devices.length === 0) {
    return element('div', { class: 'field' }, element('span', { class: 'label' }, kind.label), element('p', { class: 'quiet' }, 'The browser offers no choice.'));
  }
  const current = kind.current()?.deviceId;
  const select = element(
    'select',
    {
      id,
      onchange: () => {
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
  return element('div', { class: 'field' }, element('label', { for: id }, kind.label), select);
}
