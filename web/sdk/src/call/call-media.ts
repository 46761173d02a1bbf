import type { CallRole } from '../generated/CallRole';
import type { MediaPath } from '../generated/MediaPath';
import type { CallError } from '../errors';
import { capture, type Kind } from '../media/capture';
import { PeerMedia } from '../media/peer-media';
import { View } from '../media/view';
import type { CallHost } from './host';
import { PeerLink } from './peer-link';

/** What the media of a call tells the call. */
export interface CallMediaOwner {
  /** Media flows, or has stopped. */
  handleLink(isUp: boolean): void;
  /** The path that media takes has become known, or another. */
  handlePath(): void;
  /** What was to be sent cannot be: it is off. */
  handleSwitchedOff(): void;
  /** None of what the call was to start with can be sent. */
  handleRefused(error: CallError): void;
  /** It is about to be closed. */
  handleClosing(): void;
}

/** The media of one call: what is sent and shown, and the connection that carries it. */
export class CallMedia {
  readonly localView: View;
  readonly remoteView: View;
  isLinkUp = false;
  /** Whether this device dialled or accepts: others of its user only ring. */
  isCarried = false;
  /** Which path media takes, once that is known, while it flows. */
  path: MediaPath | undefined;
  private readonly link: PeerLink;
  private peer: PeerMedia | undefined;
  private ticket: string | undefined;
  private isIntroduced = false;
  private readonly tracks: Partial<Record<Kind, MediaStreamTrack>> = {};
  private readonly isOn: Record<Kind, boolean>;
  /** Whether the picture is of a screen, whatever the camera is to do. */
  private hasScreen = false;
  private captures: Promise<void> = Promise.resolve();
  private isHeld = false;
  isClosed = false;

  constructor(
    private readonly host: CallHost,
    private readonly callId: string,
    private readonly role: CallRole,
    private readonly isVideo: boolean,
    private readonly owner: CallMediaOwner,
  ) {
    this.isOn = { audio: true, video: isVideo };
    this.localView = new View(host.platform, host.logger, true);
    this.remoteView = new View(host.platform, host.logger, false);
    this.remoteView.setOutput(host.chosen().output);
    this.link = new PeerLink(
      role === 'dc_callee',
      (body) => host.signal(callId, body),
      (message) => {
        this.prepare();
        this.peer?.handle(message);
      },
    );
  }

  get isAudioOn(): boolean {
    return this.isOn.audio;
  }

  get isVideoOn(): boolean {
    return this.isOn.video;
  }

  /** Makes the connection, which takes a ticket. Says whether this browser can carry media at all. */
  prepare(): boolean {
    if (this.peer || this.isClosed) return true;
    try {
      this.peer = new PeerMedia(this.host.platform, this.host.logger, this.host.tickets, this.role === 'dc_caller', this.isVideo, {
        post: (message) => this.link.post(message),
        canSignal: () => this.host.isConnected,
        handleWoken: () => this.host.handleWoken(),
        handleLink: (isUp) => {
          this.isLinkUp = isUp;
          this.owner.handleLink(isUp);
        },
        handlePath: (path) => {
          this.path = path;
          if (!path) return;
          this.remoteView.tellPath(path);
          this.owner.handlePath();
        },
        handleTicket: (ticket) => {
          this.ticket = ticket;
          this.tellTicket();
        },
      });
    } catch (thrown) {
      this.host.logger.error('This browser cannot make calls.', thrown);
      return false;
    }
    this.localView.setStream(this.peer.localStream);
    this.remoteView.setStream(this.peer.remoteStream);
    return true;
  }

  /** The server has been told of this device's part in the call, and may be told its ticket. */
  introduce(): void {
    this.isIntroduced = true;
    this.tellTicket();
  }

  /** What to start with, before anything has started. */
  choose(audio: boolean | undefined, video: boolean | undefined): void {
    if (audio !== undefined) this.isOn.audio = audio;
    if (this.isVideo && video !== undefined) this.isOn.video = video;
  }

  /** The caller's `dial` is on its way. */
  offer(): void {
    this.isCarried = true;
    this.peer?.offer();
    this.open(['audio', 'video'], true);
  }

  /** The callee's `accept` is on its way: the answer goes right behind it. */
  accept(): void {
    this.isCarried = true;
    this.prepare();
    this.link.open();
    this.peer?.accept();
    this.open(['audio', 'video'], true);
  }

  /** The server has accepted. */
  handleEstablished(): void {
    this.link.open();
  }

  /** A ring that this device found when it connected: its offer has passed already. */
  askForOffer(): void {
    this.link.need();
  }

  handleSignal(fromDevice: string, body: string): void {
    this.link.handle(fromDevice, body);
  }

  handleResumed(): void {
    this.tellTicket();
    this.link.resume();
    this.peer?.handleResumed();
  }

  handleNetworkChange(): void {
    this.peer?.handleNetworkChange();
  }

  /** Mutes, or stops the camera. Says whether that changed anything. */
  set(kind: Kind, isOn: boolean): boolean {
    if (this.isOn[kind] === isOn || (kind === 'video' && !this.isVideo)) return false;
    this.isOn[kind] = isOn;
    if (kind === 'audio') {
      if (this.tracks.audio) this.tracks.audio.enabled = isOn;
    } else if (!isOn && !this.hasScreen) {
      // Stopped, not only blackened: the camera's light goes out.
      this.put('video', undefined);
    }
    if (isOn && this.isCarried) this.open([kind]);
    return true;
  }

  /** Lets go of the devices and sends nothing, or sends again what is on. */
  setHold(isHeld: boolean): void {
    this.isHeld = isHeld;
    if (!isHeld) return this.open(['audio', 'video']);
    this.put('audio', undefined);
    this.put('video', undefined);
  }

  /** Whether the other side is heard and seen. */
  setListening(isListening: boolean): void {
    this.peer?.setListening(isListening);
  }

  /** Shows a screen in place of the camera, whose light goes out; without one the camera comes back as it was. */
  setScreen(track: MediaStreamTrack | undefined): void {
    this.hasScreen = track !== undefined;
    this.put('video', track);
    if (!track) this.open(['video']);
  }

  /** What this side sends, and what the other side does. */
  get streams(): readonly [MediaStream, MediaStream] | undefined {
    return this.peer && [this.peer.localStream, this.peer.remoteStream];
  }

  readStats(): Promise<RTCStatsReport> | undefined {
    return this.peer?.readStats();
  }

  /** The application selected another microphone or camera, or the selected one is gone. */
  switchDevice(kind: Kind): void {
    this.inTurn(async () => {
      const track = this.tracks[kind];
      // One that was unplugged has been replaced already.
      const isSettled = this.host.chosen()[kind] === undefined && track?.readyState === 'live';
      if (track && !isSettled && this.wants(kind)) await this.take([kind]);
    });
  }

  close(): void {
    if (this.isClosed) return;
    this.owner.handleClosing();
    this.isClosed = true;
    this.link.close();
    this.peer?.close();
    for (const track of Object.values(this.tracks)) stop(track);
    this.localView.close();
    this.remoteView.close();
  }

  private tellTicket(): void {
    if (this.ticket !== undefined && this.isIntroduced) this.host.useTicket(this.callId, this.ticket);
  }

  /** Opens the devices that are wanted and not open. */
  private open(kinds: Kind[], isStart = false): void {
    this.inTurn(() => this.take(kinds.filter((kind) => this.wants(kind) && !this.tracks[kind]), isStart));
  }

  /** A microphone that is muted stays open; one that never was on is not asked for. */
  private wants(kind: Kind): boolean {
    if (this.isHeld || (kind === 'video' && this.hasScreen)) return false;
    return this.isOn[kind] || (kind === 'audio' && this.tracks.audio !== undefined);
  }

  private async take(kinds: Kind[], isStart = false): Promise<void> {
    const { platform, logger } = this.host;
    const { tracks, error } = await capture(platform, kinds, this.host.chosen());
    for (const track of tracks) {
      const kind: Kind = track.kind === 'video' ? 'video' : 'audio';
      if (this.isClosed || !this.wants(kind)) stop(track);
      else this.put(kind, track);
    }
    if (this.isClosed) return;
    if (tracks.length > 0) {
      this.peer?.handlePermission();
      this.host.handleCaptured();
    }
    if (!error) return;
    logger.error(error.message);
    if (isStart && tracks.length === 0) return this.owner.handleRefused(error);
    const missing = kinds.filter((kind) => this.wants(kind) && !this.tracks[kind]);
    for (const kind of missing) this.isOn[kind] = false;
    if (missing.length > 0) this.owner.handleSwitchedOff();
  }

  private put(kind: Kind, track: MediaStreamTrack | undefined): void {
    const old = this.tracks[kind];
    if (track) {
      this.tracks[kind] = track;
      if (kind === 'audio') track.enabled = this.isOn.audio;
      track.onended = () => this.handleUnplugged(kind, track);
    } else {
      delete this.tracks[kind];
    }
    this.peer?.setTrack(kind, track ?? null);
    if (old) stop(old);
  }

  private handleUnplugged(kind: Kind, track: MediaStreamTrack): void {
    if (this.tracks[kind] !== track || this.isClosed) return;
    this.put(kind, undefined);
    this.open([kind]);
  }

  private inTurn(work: () => Promise<void>): void {
    this.captures = this.captures.then(async () => {
      if (this.isClosed) return;
      try {
        await work();
      } catch (thrown) {
        this.host.logger.error('Microphone or camera could not be used.', thrown);
      }
    });
  }
}

function stop(track: MediaStreamTrack): void {
  track.onended = null;
  track.stop();
}
