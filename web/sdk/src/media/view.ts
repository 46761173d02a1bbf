import type { MediaPath } from '../generated/MediaPath';
import type { Logger } from '../logger';
import type { Platform } from '../platform';

/** Told to an element whose `play()` the browser refused until the user does something. */
export const PLAY_REFUSED = 'offhook-play-refused';

/** Told to the element of the other side when the path that media takes becomes known or is another: the `detail`. */
const PATH = 'offhook-path';

/** Shows a stream in an element of the application, which may come, go and come again. */
export class View {
  private shown: HTMLMediaElement | null = null;
  private stream: MediaStream | undefined;
  private outputId: string | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly logger: Logger,
    /** What the user would hear twice. */
    private readonly isMuted: boolean,
  ) {}

  get element(): HTMLMediaElement | null {
    return this.shown;
  }

  setElement(element: HTMLMediaElement | null): void {
    if (element === this.shown) return this.show();
    this.release();
    this.shown = element;
    this.show();
  }

  setStream(stream: MediaStream): void {
    this.stream = stream;
    this.show();
  }

  /** Where it is heard, where the browser lets a page choose. */
  setOutput(deviceId: string | undefined): void {
    this.outputId = deviceId;
    if (deviceId === undefined || this.isMuted) return;
    const element = this.shown as (HTMLMediaElement & { setSinkId?: (id: string) => Promise<void> }) | null;
    element?.setSinkId?.(deviceId).catch((thrown: unknown) => this.logger.error('The loudspeaker cannot be used.', thrown));
  }

  /** Tells the element which path media takes. */
  tellPath(path: MediaPath): void {
    this.shown?.dispatchEvent?.(new CustomEvent(PATH, { bubbles: true, detail: path }));
  }

  close(): void {
    this.release();
    this.stream = undefined;
  }

  private show(): void {
    const { shown, stream } = this;
    if (!shown || !stream || shown.srcObject === stream) return;
    if (this.isMuted) shown.muted = true;
    shown.setAttribute?.('playsinline', '');
    // Before there is something to play: Chromium aborts a change of the loudspeaker in the midst of loading.
    this.setOutput(this.outputId);
    shown.srcObject = stream;
    this.play(shown);
  }

  private play(element: HTMLMediaElement): void {
    element.play?.()?.catch((thrown: unknown) => {
      if ((thrown as { name?: string })?.name !== 'NotAllowedError') return;
      this.logger.warn('The browser plays this only after a click or tap.');
      element.dispatchEvent?.(new Event(PLAY_REFUSED, { bubbles: true }));
      this.platform.onNextGesture(() => {
        if (this.shown === element && element.srcObject === this.stream) this.play(element);
      });
    });
  }

  private release(): void {
    if (this.shown && this.stream && this.shown.srcObject === this.stream) this.shown.srcObject = null;
  }
}
