import { expect, test, vi } from 'vitest';
import { FakeBrowser, FakeStream } from '../../test/fakes';
import { Logger } from '../logger';
import { PLAY_REFUSED, View } from './view';

class FakeElement {
  muted = false;
  private source: unknown = null;
  sets = 0;
  readonly events: string[] = [];
  refusals = 0;
  plays = 0;
  sink: string | undefined;
  get srcObject(): unknown {
    return this.source;
  }
  set srcObject(value: unknown) {
    this.sets += 1;
    this.source = value;
  }
  setAttribute = vi.fn();
  async play(): Promise<void> {
    this.plays += 1;
    if (this.refusals-- > 0) throw Object.assign(new Error(), { name: 'NotAllowedError' });
  }
  dispatchEvent(event: Event): boolean {
    this.events.push(event.type);
    return true;
  }
  async setSinkId(id: string): Promise<void> {
    this.sink = id;
  }
}

const STREAM = new FakeStream() as unknown as MediaStream;

function view(isMuted = false) {
  const browser = new FakeBrowser();
  const gestures: Array<() => void> = [];
  browser.platform.onNextGesture = (callback) => void gestures.push(callback);
  const logger = new Logger();
  logger.setLevel('NONE');
  return { view: new View(browser.platform, logger, isMuted), gestures };
}
const asMedia = (element: FakeElement) => element as unknown as HTMLMediaElement;

test('an element may come before the stream, come again, be replaced and be taken away', () => {
  const { view: shown } = view();
  const [first, second] = [new FakeElement(), new FakeElement()];
  shown.setElement(asMedia(first));
  shown.setStream(STREAM);
  shown.setElement(asMedia(first));
  expect([first.srcObject, first.sets, first.plays]).toEqual([STREAM, 1, 1]);
  shown.setElement(asMedia(second));
  expect([first.srcObject, second.srcObject]).toEqual([null, STREAM]);
  shown.setElement(null);
  expect(second.srcObject).toBeNull();
});

test('what the application has put into the element meanwhile stays', () => {
  const { view: shown } = view();
  const element = new FakeElement();
  shown.setElement(asMedia(element));
  shown.setStream(STREAM);
  element.srcObject = 'another';
  shown.close();
  expect(element.srcObject).toBe('another');
});

test('the local view is muted, the remote one is not', () => {
  for (const isMuted of [true, false]) {
    const element = new FakeElement();
    const { view: shown } = view(isMuted);
    shown.setElement(asMedia(element));
    shown.setStream(STREAM);
    expect(element.muted).toBe(isMuted);
  }
});

test('a refused play is told, and tried again at the next gesture', async () => {
  const { view: shown, gestures } = view();
  const element = new FakeElement();
  element.refusals = 1;
  shown.setElement(asMedia(element));
  shown.setStream(STREAM);
  await Promise.resolve().then();
  expect(element.events).toEqual([PLAY_REFUSED]);
  gestures[0]?.();
  expect(element.plays).toBe(2);
});

test('the chosen loudspeaker is used by elements that come later', () => {
  const { view: shown } = view();
  const element = new FakeElement();
  shown.setOutput('speaker');
  shown.setStream(STREAM);
  shown.setElement(asMedia(element));
  expect(element.sink).toBe('speaker');
});
