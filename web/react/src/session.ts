/** Who is signed in: the top of an application says it once. */

import * as offhook from 'offhook';
import type { ConnectionState, User } from 'offhook';
import { useEffect } from 'react';

import { Store, useStore } from './store';

/** What signing in takes. */
export interface SessionOptions {
  readonly appId: string;
  readonly userId: string;
  readonly accessToken?: string;
  /** The server, where the SDK cannot know it by itself. */
  readonly apiHost?: string;
}

export interface CallSession {
  /** Null until signed in. */
  readonly user: User | null;
  /** Calls come and go while it is `connected`. */
  readonly connection: ConnectionState;
  /** Why signing in failed. */
  readonly error: Error | null;
}

const SIGNED_OUT: CallSession = { user: null, connection: 'closed', error: null };
const LISTENER = 'offhook-react-session';
const session = new Store<CallSession>(SIGNED_OUT);

/** Whose session it is, and how many components hold it. */
let holders = 0;
let entered = '';

/** Signs in while a component that uses this is there; null means: nobody yet. */
export function useCallSession(options: SessionOptions | null): CallSession {
  const key = options === null ? '' : JSON.stringify([options.appId, options.userId, options.accessToken, options.apiHost]);
  useEffect(() => {
    if (key === '') return;
    holders += 1;
    enter(key);
    return () => {
      holders -= 1;
      // Strict mode takes a component away and puts it back at once: the session stays.
      queueMicrotask(() => {
        if (holders === 0) leave();
      });
    };
  }, [key]);
  return useStore(session);
}

function enter(key: string): void {
  if (key === entered) return;
  entered = key;
  const change = (to: Partial<CallSession>) => {
    // A later session may have taken the place of this one.
    if (entered === key) session.set({ ...session.get(), ...to });
  };
  session.set({ ...SIGNED_OUT, connection: 'connecting' });
  offhook.addListener(LISTENER, { onConnectionStateChanged: (connection) => change({ connection }) });
  signIn(key, change).catch((error: unknown) => change({ error: error as Error, connection: 'closed' }));
}

async function signIn(key: string, change: (to: Partial<CallSession>) => void): Promise<void> {
  const [appId, userId, accessToken, apiHost] = JSON.parse(key) as [string, string, string | null, string | null];
  offhook.init(appId, apiHost ?? undefined);
  const user = await offhook.authenticate(accessToken === null ? { userId } : { userId, accessToken });
  change({ user });
  if (entered === key) await offhook.connectWebSocket();
  change({ connection: offhook.connectionState });
}

function leave(): void {
  if (entered === '') return;
  entered = '';
  offhook.removeListener(LISTENER);
  offhook.deauthenticate();
  session.set(SIGNED_OUT);
}
