import { invalidType } from '../errors';
import type { Logger } from '../logger';
import type { Platform } from '../platform';
import type { MediaAccess } from '../surface';
import { capture, type Kind } from './capture';

export type DeviceKind = 'audioinput' | 'audiooutput' | 'videoinput';
const KINDS: DeviceKind[] = ['audioinput', 'audiooutput', 'videoinput'];

/** What the devices tell the rest of the SDK. */
export interface DevicesOwner {
  /** The list of a kind, or which of them is used, has changed. Where the last one has gone, none is. */
  handleDevices(kind: DeviceKind, current: MediaDeviceInfo | undefined, available: MediaDeviceInfo[]): void;
  /** The application selected another one: calls switch to it. */
  handleSelected(kind: DeviceKind, deviceId: string | undefined): void;
}

/**
 * Microphones, loudspeakers and cameras. Asking for them is synchronous, so the list is kept; before the user has
 * given permission it is empty or without names.
 */
export class Devices {
  private available: MediaDeviceInfo[] = [];
  private readonly selected: Partial<Record<DeviceKind, string>> = {};
  private isWatching = false;

  constructor(
    private readonly platform: Platform,
    private readonly logger: Logger,
    private readonly owner: DevicesOwner,
  ) {}

  /** Follows what is plugged in and out. */
  watch(): void {
    const devices = this.platform.mediaDevices();
    if (this.isWatching || !devices?.addEventListener) return;
    this.isWatching = true;
    devices.addEventListener('devicechange', () => void this.refresh(KINDS));
    void this.refresh(KINDS);
  }

  list(kind: DeviceKind): MediaDeviceInfo[] {
    return this.available.filter((device) => device.kind === kind && device.deviceId !== '');
  }

  current(kind: DeviceKind): MediaDeviceInfo | undefined {
    const list = this.list(kind);
    return (
      list.find((device) => device.deviceId === this.selected[kind]) ??
      list.find((device) => device.deviceId === 'default') ??
      list[0]
    );
  }

  /** The id that the application selected; nothing means the system's own. */
  chosen(kind: DeviceKind): string | undefined {
    return this.selected[kind];
  }

  select(kind: DeviceKind, device: MediaDeviceInfo): void {
    if (!device || typeof device.deviceId !== 'string') throw invalidType('Give one of the available devices.');
    if (this.selected[kind] === device.deviceId) return;
    this.selected[kind] = device.deviceId;
    this.owner.handleSelected(kind, device.deviceId);
    this.tell(kind);
  }

  /** Looks again at what is there. */
  update(constraints: { audio?: boolean; video?: boolean } | null | undefined): void {
    const { audio = true, video = true } = constraints ?? {};
    void this.refresh(KINDS.filter((kind) => (kind === 'videoinput' ? video : audio)));
  }

  /** Opens microphone or camera until it is disposed of: browsers name devices to a page only then. */
  use(constraints: { audio?: boolean; video?: boolean } | null | undefined): MediaAccess | undefined {
    const { audio = false, video = false } = constraints ?? {};
    if (!this.platform.mediaDevices()?.getUserMedia) {
      if (typeof window !== 'undefined') {
        this.logger.error('useMedia: browsers give microphone and camera to pages served over HTTPS or from localhost only.');
      }
      return undefined;
    }
    let isDisposed = false;
    let tracks: MediaStreamTrack[] = [];
    const dispose = () => {
      isDisposed = true;
      for (const track of tracks) track.stop();
      tracks = [];
    };
    const wanted: Kind[] = [...(audio ? ['audio' as const] : []), ...(video ? ['video' as const] : [])];
    void capture(this.platform, wanted, {}).then((captured) => {
      tracks = captured.tracks;
      if (captured.error) this.logger.error(`useMedia: ${captured.error.message}`);
      if (isDisposed) dispose();
      else if (tracks.length > 0) void this.refresh(KINDS);
    });
    return { dispose };
  }

  private async refresh(kinds: DeviceKind[]): Promise<void> {
    let found: MediaDeviceInfo[];
    try {
      found = (await this.platform.mediaDevices()?.enumerateDevices()) ?? [];
    } catch (thrown) {
      this.logger.warn('The devices cannot be listed.', thrown);
      return;
    }
    for (const kind of kinds) {
      const before = fingerprint(this.list(kind), this.current(kind));
      const others = this.available.filter((device) => device.kind !== kind);
      this.available = [...others, ...found.filter((device) => device.kind === kind)];
      this.forgetUnplugged(kind);
      if (fingerprint(this.list(kind), this.current(kind)) !== before) this.tell(kind);
    }
  }

  private forgetUnplugged(kind: DeviceKind): void {
    const selected = this.selected[kind];
    if (selected === undefined || this.list(kind).some((device) => device.deviceId === selected)) return;
    delete this.selected[kind];
    this.owner.handleSelected(kind, undefined);
  }

  private tell(kind: DeviceKind): void {
    this.owner.handleDevices(kind, this.current(kind), this.list(kind));
  }
}

function fingerprint(list: MediaDeviceInfo[], current: MediaDeviceInfo | undefined): string {
  return JSON.stringify([current?.deviceId, list.map((device) => [device.deviceId, device.label])]);
}
