// @vitest-environment happy-dom
import type * as Sdk from 'offhook';
import { afterEach, expect, test, vi } from 'vitest';

import { CallCenter } from './call-center';

let center: CallCenter | undefined;
afterEach(() => {
  center?.close();
  document.body.replaceChildren();
});

test('of two calls that ring, the first that was answered is held when the second is answered too', () => {
  const page = new Page();
  const [bob, carol] = [page.ring('Bob'), page.ring('Carol')];
  page.press('Answer', 0);
  bob.connect();
  expect(page.buttons()).toContain('Hold Bob and answer');
  page.press('Hold Bob and answer');
  expect(bob.accepted).toMatchObject([{}]);
  expect(bob.accepted[0]).not.toHaveProperty('holdActiveCall');
  expect(carol.accepted).toMatchObject([{ holdActiveCall: true }]);
});

test('who ends the call that goes on to answer another does not hold it first', () => {
  const page = new Page();
  const bob = page.ring('Bob');
  page.press('Answer');
  bob.connect();
  // The server has not heard it yet.
  bob.end = () => undefined;
  const carol = page.ring('Carol');
  page.press('End and answer');
  expect(carol.accepted[0]).not.toHaveProperty('holdActiveCall');
});

test('a call that connects behind another is held, and says what it is', () => {
  const page = new Page();
  const bob = page.dial('Bob');
  const carol = page.ring('Carol');
  page.press('Hold Bob and answer');
  expect(page.waiting()).toEqual(['Calling Bob…']);
  carol.connect();
  expect(carol.isHeld).toBe(false);
  bob.connect();
  expect(bob.isHeld).toBe(true);
  expect(carol.isHeld).toBe(false);
  expect(page.waiting()).toEqual(['Bob is on hold']);
  page.press('Switch');
  expect([bob.isHeld, carol.isHeld]).toEqual([false, true]);
  expect(page.waiting()).toEqual(['Carol is on hold']);
});

test('a call that still rings is brought back without an error, and holds the other', async () => {
  const page = new Page();
  const bob = page.dial('Bob');
  const carol = page.ring('Carol');
  page.press('Hold Bob and answer');
  carol.connect();
  page.press('Switch');
  expect([bob.isHeld, carol.isHeld]).toEqual([false, true]);
  bob.connect();
  expect(bob.isHeld).toBe(false);
  // A refusal is told a moment later.
  await Promise.resolve().then(() => undefined);
  expect(page.words()).not.toContain('not held');
});

test('a call that connects when the one before it is over comes to the front', () => {
  const page = new Page();
  const bob = page.dial('Bob');
  const carol = page.ring('Carol');
  page.press('Hold Bob and answer');
  carol.connect();
  carol.end();
  bob.connect();
  expect(bob.isHeld).toBe(false);
  expect(page.waiting()).toEqual([]);
  expect(page.buttons()).toContain('Hold');
});

test('the button of a held call leads to that call, even if another has the same name', () => {
  const page = new Page();
  const first = page.dial('Sam');
  first.connect();
  const second = page.ring('Sam');
  page.press('Hold Sam and answer');
  second.connect();
  expect(first.isHeld).toBe(true);
  page.press('Switch');
  expect([first.isHeld, second.isHeld]).toEqual([false, true]);
  page.press('Switch');
  expect([first.isHeld, second.isHeld]).toEqual([true, false]);
});

test('a recording that was begun while the one before is being saved can be stopped', () => {
  const page = new Page();
  const bob = page.dial('Bob');
  bob.connect();
  page.press('Record');
  page.press('Stop');
  page.press('Record');
  page.recording.onRecordingSucceeded?.(bob.callId, 'recording-1', {} as Sdk.RecordOption);
  page.press('Stop');
  expect(bob.stopped).toEqual(['recording-1', 'recording-2']);
});

/** An element's inside with an SDK that has no server. */
class Page {
  recording!: Sdk.SendBirdCallRecordingListener;
  calls: FakeCall[] = [];
  private listener!: Sdk.SendBirdCallListener;
  private readonly root: ShadowRoot;

  constructor() {
    this.root = document.body.appendChild(document.createElement('div')).attachShadow({ mode: 'open' });
    const sdk = {
      connectionState: 'connected',
      addListener: (_: string, listener: Sdk.SendBirdCallListener) => (this.listener = listener),
      removeListener: () => undefined,
      addRecordingListener: (_: string, listener: Sdk.SendBirdCallRecordingListener) => (this.recording = listener),
      removeRecordingListener: () => undefined,
      dial: ({ userId }: { userId: string }) => new FakeCall(userId, 'dc_caller', this.calls),
    };
    const owner = { handleFace: vi.fn(), handleConnection: vi.fn(), handleEnded: vi.fn(), handleError: vi.fn() };
    center = new CallCenter(this.root, sdk as unknown as typeof Sdk, owner);
  }

  ring(name: string): FakeCall {
    const call = new FakeCall(name, 'dc_callee', this.calls);
    this.listener.onRinging?.(call as unknown as Sdk.DirectCall);
    return call;
  }

  dial(name: string): FakeCall {
    return center?.dial(name, false) as unknown as FakeCall;
  }

  buttons(): string[] {
    return this.shown().map((button) => button.textContent ?? '');
  }

  press(name: string, which = 0): void {
    const found = this.shown().filter((button) => button.textContent === name)[which];
    if (found === undefined) throw new Error(`There is no button ${name} among ${this.buttons().join()}`);
    found.click();
  }

  waiting(): string[] {
    return [...this.root.querySelectorAll('.held-call span')].map(({ textContent }) => textContent ?? '');
  }

  words(): string {
    return this.root.textContent ?? '';
  }

  private shown(): HTMLButtonElement[] {
    return [...this.root.querySelectorAll('button')].filter((button) => button.closest('[hidden]') === null);
  }
}

class FakeCall {
  readonly callId: string;
  readonly caller: object;
  readonly callee: object;
  readonly remoteUser: { userId: string; nickname: string };
  isVideoCall = true;
  isEnded = false;
  isHeld = false;
  isConnected = false;
  isLocalAudioEnabled = true;
  isRemoteAudioEnabled = true;
  accepted: object[] = [];
  stopped: string[] = [];
  onConnected: ((call: this) => void) | null = null;
  onEnded: ((call: this) => void) | null = null;
  onUserHoldStatusChanged: ((call: this, isLocalUser: boolean, isHeld: boolean) => void) | null = null;
  private recordings = 0;

  constructor(
    name: string,
    readonly myRole: string,
    private readonly all: FakeCall[],
  ) {
    this.callId = `call-${all.length}`;
    this.remoteUser = this.caller = this.callee = { userId: `${name}-${all.length}`, nickname: name };
    all.push(this);
  }

  connect(): void {
    this.isConnected = true;
    this.onConnected?.(this);
  }

  accept(params: object): void {
    this.accepted.push(params);
    if ('holdActiveCall' in params) this.holdOthers();
  }

  async hold(): Promise<void> {
    if (!this.isConnected || this.isHeld) throw new Error('It cannot be held.');
    this.setHold(true);
  }

  async unhold(): Promise<void> {
    if (!this.isHeld) throw new Error('It is not held.');
    this.holdOthers();
    this.setHold(false);
  }

  end(): void {
    this.isEnded = true;
    this.onEnded?.(this);
  }

  startRecording(): string {
    return `recording-${(this.recordings += 1)}`;
  }

  stopRecording(recordingId: string): void {
    this.stopped.push(recordingId);
  }

  getDuration(): number {
    return 0;
  }

  /** As the SDK does: what rings is not held. */
  private holdOthers(): void {
    for (const other of this.all) {
      if (other !== this && other.isConnected && !other.isHeld && !other.isEnded) other.setHold(true);
    }
  }

  private setHold(isHeld: boolean): void {
    this.isHeld = isHeld;
    this.onUserHoldStatusChanged?.(this, true, isHeld);
  }
}
