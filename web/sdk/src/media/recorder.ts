import { browser } from '../platform';
import { Picture } from './picture';

/** One side of a call, as a recording takes it. What it lacks at the time is recorded as silence and black. */
export interface Side {
  readonly stream: MediaStream;
  /** Whether its picture is worth drawing: what a camera showed last is not. */
  hasPicture(): boolean;
}

/** How often a picture is drawn, and what changed is looked for: that of the codec's facts, 24 a second. */
const FRAME_MS = 1_000 / 24;
/**
 * How much is recorded before it leaves the encoder, for a browser that keeps all of it in memory until then. Firefox puts it on disk by itself, and
 * may lose a slice that is due just when the recording is stopped.
 */
const SLICE_MS = 5_000;
const LONG_EDGE = 1280;
const SHORT_EDGE = 720;

/** The container that this browser records in; nothing where it records none. */
export function containerOf(hasVideo: boolean): string | undefined {
  const { MediaRecorder, AudioContext } = globalThis;
  if (!MediaRecorder || !AudioContext) return undefined;
  const [kind, codecs] = hasVideo ? ['video', 'vp8,opus'] : ['audio', 'opus'];
  return [`webm;codecs=${codecs}`, 'webm', 'mp4'].map((type) => `${kind}/${type}`).find((type) => MediaRecorder.isTypeSupported(type));
}

/**
 * Writes one file: the sound of some sides mixed into one track, and the picture of at most one. A recorder ends when its
 * tracks do, so it is given tracks of its own, onto which those of the call are played and drawn, whichever they are.
 */
export class Recorder {
  /** Heard by nobody: where the browser can do without, no loudspeaker is waited for. */
  private readonly context = new AudioContext({ sinkId: { type: 'none' } } as AudioContextOptions);
  private readonly mix = this.context.createMediaStreamDestination();
  private readonly heard = new Map<Side, { track: MediaStreamTrack; source: MediaStreamAudioSourceNode; player: HTMLAudioElement }>();
  private readonly picture: Picture | undefined;
  private readonly canvas: HTMLCanvasElement | undefined;
  private readonly recorder: MediaRecorder;
  private readonly parts: Blob[] = [];
  private readonly timer: ReturnType<typeof setInterval>;
  private error: unknown;

  constructor(
    mimeType: string,
    private readonly sides: Side[],
    private readonly seen: Side | undefined,
    /** The file is whole, or is none. */
    private readonly handleStopped: (file: Blob, error: unknown) => void,
  ) {
    try {
      const tracks = this.mix.stream.getAudioTracks();
      if (seen) {
        this.picture = new Picture();
        this.canvas = document.createElement('canvas');
        const { width = LONG_EDGE, height = SHORT_EDGE } = trackOf(seen, 'video')?.getSettings() ?? {};
        [this.canvas.width, this.canvas.height] = width < height ? [SHORT_EDGE, LONG_EDGE] : [LONG_EDGE, SHORT_EDGE];
        this.draw();
        tracks.push(...this.canvas.captureStream(24).getVideoTracks());
      }
      this.recorder = new MediaRecorder(new MediaStream(tracks), { mimeType });
      this.recorder.ondataavailable = ({ data }) => this.parts.push(data);
      this.recorder.onerror = (event) => {
        this.error ??= (event as Event & { error?: unknown }).error ?? event;
      };
      this.recorder.onstop = () => {
        this.release();
        this.handleStopped(new Blob(this.parts, { type: mimeType }), this.error);
      };
      this.recorder.start(browser.isChromium() ? SLICE_MS : undefined);
      void this.context.resume();
      this.follow();
      this.timer = setInterval(() => this.follow(), FRAME_MS);
    } catch (thrown) {
      this.release();
      throw thrown;
    }
  }

  stop(): void {
    try {
      this.recorder.stop();
    } catch (thrown) {
      this.release();
      throw thrown;
    }
  }

  /** Takes what is there now. */
  private follow(): void {
    for (const side of this.sides) {
      const track = trackOf(side, 'audio');
      const heard = this.heard.get(side);
      if (track === heard?.track) continue;
      if (heard) mute(heard);
      this.heard.delete(side);
      if (track) this.heard.set(side, this.hear(track));
    }
    this.draw();
  }

  private hear(track: MediaStreamTrack) {
    const stream = new MediaStream([track]);
    const source = this.context.createMediaStreamSource(stream);
    source.connect(this.mix);
    // Chromium decodes what the other side says only while an element plays it, be it unheard.
    const player = new Audio();
    player.muted = true;
    player.srcObject = stream;
    player.play()?.catch(() => undefined);
    return { track, source, player };
  }

  private draw(): void {
    const { seen, picture, canvas } = this;
    if (!seen || !picture || !canvas) return;
    picture.show(seen.hasPicture() ? trackOf(seen, 'video') : undefined);
    canvas.getContext('2d')?.fillRect(0, 0, canvas.width, canvas.height);
    if (picture.isReady) picture.drawOn(canvas);
  }

  private release(): void {
    clearInterval(this.timer);
    for (const heard of this.heard.values()) mute(heard);
    this.picture?.show(undefined);
    this.context.close().catch(() => undefined);
  }
}

function mute({ source, player }: { source: AudioNode; player: HTMLAudioElement }): void {
  source.disconnect();
  player.srcObject = null;
}

function trackOf(side: Side, kind: string): MediaStreamTrack | undefined {
  return side.stream.getTracks().find((track) => track.kind === kind && track.readyState !== 'ended');
}
