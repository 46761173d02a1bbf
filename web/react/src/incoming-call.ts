/** Who rings. */

import * as offhook from 'offhook';
import type { DirectCall } from 'offhook';
import { useMemo } from 'react';

import { answer } from './direct-call';
import { Store, useStore } from './store';
import { type CallSnapshot, watchOf } from './watch';

/** How to answer. */
export interface AnswerOptions {
  /** With one's own picture; true for a video call if left out. */
  readonly video?: boolean;
  /** Puts the call that goes on on hold. */
  readonly holdActiveCall?: boolean;
}

/** A call that rings here. */
export interface IncomingCall extends CallSnapshot {
  /** Answers; `useDirectCall` has the call from here on. */
  accept(options?: AnswerOptions): void;
  decline(): void;
}

/** The calls that ring, the one that has rung longest first. */
const ringing: Store<readonly DirectCall[]> = new Store<readonly DirectCall[]>([], () => {
  offhook.addListener('offhook-react-incoming', { onRinging: add });
  // Those that rang before a component asked.
  offhook.getOngoingCalls().filter(rings).forEach(add);
  return () => {
    offhook.removeListener('offhook-react-incoming');
    stops.forEach((stop) => stop());
    ringing.set([]);
  };
});
const stops = new Map<DirectCall, () => void>();
const nothing = new Store<CallSnapshot | null>(null);

/** The call that rings here, or null. With several, the next one follows when the first is answered or over. */
export function useIncomingCall(): IncomingCall | null {
  const call = useStore(ringing)[0];
  const snapshot = useStore<CallSnapshot | null>(call === undefined ? nothing : watchOf(call).store);
  return useMemo(
    () =>
      snapshot && {
        ...snapshot,
        accept({ video = snapshot.isVideoCall, holdActiveCall = false } = {}) {
          answer(snapshot.call, video, holdActiveCall);
        },
        decline: () => snapshot.call.end(),
      },
    [snapshot],
  );
}

function rings(call: DirectCall): boolean {
  return call.myRole === 'dc_callee' && watchOf(call).store.get().state === 'ringing';
}

function add(call: DirectCall): void {
  if (stops.has(call)) {
    return;
  }
  const { store } = watchOf(call);
  let stop: (() => void) | undefined;
  const leave = () => {
    stops.delete(call);
    stop?.();
  };
  const look = () => {
    if (store.get().state !== 'ringing') {
      leave();
      ringing.set(ringing.get().filter((other) => other !== call));
    }
  };
  stops.set(call, leave);
  ringing.set([...ringing.get(), call]);
  stop = store.subscribe(look);
  // It may be over before somebody looks.
  look();
}
