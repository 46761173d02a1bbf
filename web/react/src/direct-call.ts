/** The call that goes on: dialled here, or answered. */

import * as offhook from 'offhook';
import type { DirectCall, DirectCallOption } from 'offhook';
import { useEffect, useMemo, useState } from 'react';

import { Store, useStore } from './store';
import { type CallSnapshot, type CallWatch, watchOf } from './watch';

/** How to dial. */
export interface DialOptions {
  /** With picture; true if left out. */
  readonly video?: boolean;
  readonly customItems?: Record<string, string>;
  /** Puts the call that goes on on hold. */
  readonly holdActiveCall?: boolean;
}

/** A call and what can be done with it. The functions are the same ones in every rendering. */
export interface DirectCallHook {
  /** Null before the first call, and after `clear`. */
  readonly call: CallSnapshot | null;
  /** For `<video ref={…} autoPlay playsInline muted />`. */
  readonly localView: (view: HTMLMediaElement | null) => void;
  /** For `<video ref={…} autoPlay playsInline />`; for an audio call an `<audio>` will do. */
  readonly remoteView: (view: HTMLMediaElement | null) => void;
  dial(userId: string, options?: DialOptions): void;
  end(): void;
  /** Forgets a call that is over; one that was put on hold for it comes back to the front. */
  clear(): void;
  setMicrophone(isOn: boolean): void;
  setCamera(isOn: boolean): void;
  hold(): Promise<void>;
  unhold(): Promise<void>;
  startScreenShare(): Promise<void>;
  stopScreenShare(): void;
}

/** One, whoever reads it: a page has one call in front. */
const current = new Store<CallWatch | null>(null);
/** The calls that go on, the one in front last: each is watched to its end, whether a component reads it or not. */
let going: CallWatch[] = [];
const nothing = new Store<CallSnapshot | null>(null);

/** Which views components have given for the call in front. */
const views: { local: HTMLMediaElement | null; remote: HTMLMediaElement | null } = { local: null, remote: null };

/** The call that was dialled or answered last. Every component that uses this sees the same one. */
export function useDirectCall(): DirectCallHook {
  const watch = useStore(current);
  const call = useStore<CallSnapshot | null>(watch?.store ?? nothing);
  return useMemo(() => ({ call, ...verbs }), [call]);
}

/** How long a call has lasted, in milliseconds; a component that uses this is rendered `everyMs`. */
export function useCallDuration(call: CallSnapshot | null, everyMs = 1000): number {
  const isGoing = call?.state === 'talking' || call?.state === 'reconnecting';
  const [, setTick] = useState(0);
  useEffect(() => {
    if (!isGoing) return;
    const timer = setInterval(() => setTick((tick) => tick + 1), everyMs);
    return () => clearInterval(timer);
  }, [isGoing, everyMs]);
  return call?.call.getDuration() ?? 0;
}

/** Accepts a call that rings, and brings it to the front. */
export function answer(call: DirectCall, isVideo: boolean, holdActiveCall: boolean): void {
  const watch = watchOf(call);
  call.accept({ callOption: options(isVideo), ...(holdActiveCall ? { holdActiveCall } : {}) });
  bring(watch);
  watch.move('connecting');
}

const verbs: Omit<DirectCallHook, 'call'> = {
  localView: (view) => {
    views.local = view;
    void inFront()?.setLocalMediaView(view);
  },
  remoteView: (view) => {
    views.remote = view;
    void inFront()?.setRemoteMediaView(view);
  },
  dial(userId, { video = true, customItems, holdActiveCall = false } = {}) {
    const watch = watchOf(
      offhook.dial(
        {
          userId,
          isVideoCall: video,
          callOption: options(video),
          ...(customItems === undefined ? {} : { customItems }),
          ...(holdActiveCall ? { holdActiveCall } : {}),
        },
        (call, error) => {
          if (call !== undefined && error !== undefined) watchOf(call).fail(error);
        },
      ),
    );
    bring(watch);
  },
  end: () => inFront()?.end(),
  clear() {
    if (current.get()?.store.get().state !== 'ended') return;
    current.set(going.at(-1) ?? null);
    void inFront()?.setLocalMediaView(views.local);
    void inFront()?.setRemoteMediaView(views.remote);
  },
  setMicrophone: (isOn) => change((call) => (isOn ? call.unmuteMicrophone() : call.muteMicrophone())),
  setCamera: (isOn) => change((call) => (isOn ? call.startVideo() : call.stopVideo())),
  hold: () => inTime((call) => call.hold()),
  unhold: () => inTime((call) => call.unhold(true)),
  startScreenShare: () => inTime((call) => call.startScreenShare()),
  stopScreenShare: () => change((call) => call.stopScreenShare()),
};

/** Brings a call to the front. */
function bring(watch: CallWatch): void {
  const { store } = watch;
  let stop: (() => void) | undefined;
  const look = () => {
    if (store.get().state === 'ended') {
      going = going.filter((other) => other !== watch);
      stop?.();
    }
  };
  going.push(watch);
  current.set(watch);
  stop = store.subscribe(look);
  // What the SDK refuses at once has ended already.
  look();
}

function inFront(): DirectCall | undefined {
  return current.get()?.store.get().call;
}

function change(how: (call: DirectCall) => void): void {
  const watch = current.get();
  if (watch !== null) {
    how(watch.store.get().call);
    watch.refresh();
  }
}

async function inTime(how: (call: DirectCall) => Promise<void>): Promise<void> {
  const watch = current.get();
  if (watch === null) {
    throw new Error('There is no call.');
  }
  await how(watch.store.get().call);
  watch.refresh();
}

function options(isVideo: boolean): DirectCallOption {
  return { localMediaView: views.local, remoteMediaView: views.remote, audioEnabled: true, videoEnabled: isVideo };
}
