/** Microphones, cameras and loudspeakers, and which of them calls use. */

import * as offhook from 'offhook';
import { useEffect, useMemo } from 'react';

import { Store, useStore } from './store';

export interface MediaDevicesState {
  readonly microphones: readonly InputDeviceInfo[];
  readonly cameras: readonly InputDeviceInfo[];
  /** Empty where the browser leaves the choice to the system. */
  readonly speakers: readonly MediaDeviceInfo[];
  readonly microphone: InputDeviceInfo | null;
  readonly camera: InputDeviceInfo | null;
  readonly speaker: MediaDeviceInfo | null;
  selectMicrophone(device: InputDeviceInfo): void;
  selectCamera(device: InputDeviceInfo): void;
  selectSpeaker(device: MediaDeviceInfo): void;
}

type Devices = Omit<MediaDevicesState, 'selectMicrophone' | 'selectCamera' | 'selectSpeaker'>;

const NONE: Devices = { microphones: [], cameras: [], speakers: [], microphone: null, camera: null, speaker: null };
const LISTENER = 'offhook-react-devices';

const devices: Store<Devices> = new Store<Devices>(NONE, () => {
  const look = () => devices.set(read());
  offhook.addListener(LISTENER, {
    onAudioInputDeviceChanged: look,
    onAudioOutputDeviceChanged: look,
    onVideoInputDeviceChanged: look,
  });
  look();
  return () => offhook.removeListener(LISTENER);
});

/**
 * The devices. Browsers name them only while, or after, a page may use them: `open` asks for that as long as the
 * component is there.
 */
export function useMediaDevices(open: { audio?: boolean; video?: boolean } = {}): MediaDevicesState {
  const { audio = false, video = false } = open;
  useEffect(() => {
    if (!audio && !video) return;
    const access = offhook.useMedia({ audio, video });
    return () => access?.dispose();
  }, [audio, video]);
  const state = useStore(devices);
  return useMemo(() => ({ ...state, ...verbs }), [state]);
}

const verbs = {
  selectMicrophone: (device: InputDeviceInfo) => select(offhook.selectAudioInputDevice, device),
  selectCamera: (device: InputDeviceInfo) => select(offhook.selectVideoInputDevice, device),
  selectSpeaker: (device: MediaDeviceInfo) => select(offhook.selectAudioOutputDevice, device),
};

function select<D>(how: (device: D) => void, device: D): void {
  how(device);
  devices.set(read());
}

function read(): Devices {
  return {
    microphones: offhook.getAvailableAudioInputDevices(),
    cameras: offhook.getAvailableVideoInputDevices(),
    speakers: offhook.getAvailableAudioOutputDevices(),
    microphone: offhook.getCurrentAudioInputDevice() ?? null,
    camera: offhook.getCurrentVideoInputDevice() ?? null,
    speaker: offhook.getCurrentAudioOutputDevice() ?? null,
  };
}
