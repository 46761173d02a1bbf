import { SoundType } from './enums';
import { invalidValue, textOf } from './errors';
import type { Logger } from './logger';
import type { Platform } from './platform';

/** How long loading a sound may take. */
const LOAD_TIMEOUT_MS = 10_000;

/** The sounds that the application chose, and which calls want them played. */
export class Sounds {
  private readonly sounds = new Map<SoundType, HTMLAudioElement>();
  private readonly wanted = new Map<SoundType, Set<string>>();

  constructor(
    private readonly platform: Platform,
    private readonly logger: Logger,
  ) {}

  /** Loads a sound; resolves with whether it can be played. One that cannot be loaded is not kept. */
  async add(type: SoundType, url: string): Promise<boolean> {
    if (!Object.hasOwn(SoundType, type)) throw invalidValue(`${type} is no SoundType.`);
    textOf(url, 'url');
    return new Promise((resolve) => {
      try {
        const sound = this.platform.createAudio(url);
        sound.preload = 'auto';
        sound.loop = type !== 'RECONNECTED';
        sound.addEventListener('canplaythrough', () => resolve(true), { once: true });
        sound.addEventListener(
          'error',
          () => {
            if (this.sounds.get(type) === sound) this.sounds.delete(type);
            resolve(false);
          },
          { once: true },
        );
        this.remove(type);
        this.sounds.set(type, sound);
        sound.load();
        // Safari loads nothing outside a gesture, and says nothing about it.
        setTimeout(() => resolve(false), LOAD_TIMEOUT_MS);
      } catch (thrown) {
        this.logger.error('A sound cannot be loaded.', thrown);
        resolve(false);
      }
    });
  }

  remove(type: SoundType): boolean {
    this.sounds.get(type)?.pause();
    return this.sounds.delete(type);
  }

  start(type: SoundType, callId: string): void {
    const callers = this.wanted.get(type) ?? new Set();
    this.wanted.set(type, callers.add(callId));
    this.play(type);
  }

  /** Plays it once. */
  play(type: SoundType): void {
    const sound = this.sounds.get(type);
    if (!sound || (sound.loop && !sound.paused)) return;
    sound.currentTime = 0;
    sound.play()?.catch(() => this.logger.warn(`The browser plays ${type} only after a click or tap.`));
  }

  stop(type: SoundType, callId: string): void {
    const callers = this.wanted.get(type);
    if (callers?.delete(callId) && callers.size === 0) this.sounds.get(type)?.pause();
  }

  stopAll(callId: string): void {
    for (const type of [...this.wanted.keys()]) this.stop(type, callId);
  }
}
