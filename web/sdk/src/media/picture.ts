/** Plays a picture where nobody sees or hears it, for its frames to be drawn elsewhere. */
export class Picture {
  private readonly element = document.createElement('video');
  private track: MediaStreamTrack | undefined;

  constructor() {
    this.element.muted = this.element.playsInline = true;
  }

  /** Shows this track from now on, or nothing. */
  show(track: MediaStreamTrack | undefined): void {
    if (track === this.track) return;
    this.track = track;
    this.element.srcObject = track ? new MediaStream([track]) : null;
    if (track) this.element.play()?.catch(() => undefined);
  }

  get width(): number {
    return this.element.videoWidth;
  }

  get height(): number {
    return this.element.videoHeight;
  }

  /** Whether there is a frame to draw. */
  get isReady(): boolean {
    return this.track !== undefined && this.width > 0 && this.element.readyState >= 2;
  }

  /** Draws the newest frame as large as it fits, in the middle of a canvas. */
  drawOn(canvas: HTMLCanvasElement): void {
    const { width, height } = this;
    const scale = Math.min(canvas.width / width, canvas.height / height);
    const [w, h] = [width * scale, height * scale];
    canvas.getContext('2d')?.drawImage(this.element, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
  }
}
