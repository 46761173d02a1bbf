import { expect, test } from 'vitest';
import { FakeBrowser } from '../test/fakes';
import { Logger } from './logger';
import { Sounds } from './sounds';

class FakeAudio {
  preload = '';
  loop = false;
  paused = true;
  currentTime = 0;
  plays = 0;
  private readonly handlers = new Map<string, () => void>();
  constructor(readonly url: string) {}
  addEventListener(name: string, handler: () => void): void {
    this.handlers.set(name, handler);
  }
  load(): void {
    this.handlers.get(this.url === 'missing' ? 'error' : 'canplaythrough')?.();
  }
  async play(): Promise<void> {
    this.paused = false;
    this.plays += 1;
  }
  pause(): void {
    this.paused = true;
  }
}

function sounds() {
  const browser = new FakeBrowser();
  const made: FakeAudio[] = [];
  browser.platform.createAudio = (url) => {
    made.push(new FakeAudio(url));
    return made.at(-1) as unknown as HTMLAudioElement;
  };
  const logger = new Logger();
  logger.setLevel('NONE');
  return { sounds: new Sounds(browser.platform, logger), made };
}

test('adding says whether the sound can be played, removing whether there was one', async () => {
  const { sounds: all } = sounds();
  expect(await all.add('RINGING', 'here')).toBe(true);
  expect(await all.add('DIALING', 'missing')).toBe(false);
  expect(all.remove('RINGING')).toBe(true);
  expect(all.remove('RINGING')).toBe(false);
});

test.each<[unknown, unknown, number]>([
  ['toString', 'here', 1800300],
  [undefined, 'here', 1800300],
  ['RINGING', '', 1800300],
  ['RINGING', 7, 1800301],
])('a sound %j at %j is refused', async (type, url, code) => {
  await expect(sounds().sounds.add(type as never, url as never)).rejects.toMatchObject({ code });
});

test('two calls that ring make one sound, which ends with the last of them', async () => {
  const { sounds: all, made } = sounds();
  await all.add('RINGING', 'here');
  all.start('RINGING', 'first');
  all.start('RINGING', 'second');
  expect(made[0]).toMatchObject({ plays: 1, loop: true });
  all.stop('RINGING', 'first');
  expect(made[0]?.paused).toBe(false);
  all.stopAll('second');
  expect(made[0]?.paused).toBe(true);
});
