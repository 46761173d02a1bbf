/** Shows that somebody speaks: five bars that follow the loudness of what arrives. */

import { element } from '../../look/element';

const BARS = [0.5, 0.8, 1, 0.8, 0.5];

export class LevelMeter {
  readonly element: HTMLElement;
  private readonly bars = BARS.map(() => element('i', {}));
  private context: AudioContext | null = null;
  private frame = 0;

  constructor() {
    this.element = element('span', { class: 'level', 'aria-hidden': 'true' }, ...this.bars);
  }

  /** Follows this stream until it is stopped. */
  listenTo(stream: MediaStream | null): void {
    this.stop();
    if (stream === null || stream.getAudioTracks().length === 0) {
      return;
    }
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 512;
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const draw = () => {
      analyser.getFloatTimeDomainData(samples);
      const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      this.show(Math.min(1, loudness * 4));
      this.frame = requestAnimationFrame(draw);
    };
    draw();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    void this.context?.close();
    this.context = null;
    this.show(0);
  }

  private show(level: number): void {
    this.bars.forEach((bar, index) => {
      bar.style.setProperty('--level', (0.15 + 0.85 * level * (BARS[index] ?? 1)).toFixed(2));
    });
  }
}
