import { act, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, test } from 'vitest';

import readme from '../README.md?raw';
import example from '../example/src/app.tsx?raw';
import * as sdk from './fake-sdk';
import {
  type CallSession,
  type DirectCallHook,
  type IncomingCall,
  type MediaDevicesState,
  useCallSession,
  useDirectCall,
  useIncomingCall,
  useMediaDevices,
} from './offhook-react';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const ALICE = { appId: 'A1', userId: 'alice' };
let root: Root | undefined;

beforeEach(() => sdk.reset());
afterEach(async () => {
  await act(async () => {
    seen.direct?.end();
  });
  await act(async () => seen.direct?.clear());
  await unmount();
});

test('a component that strict mode mounts twice signs in once and listens once', async () => {
  await mount();
  expect(sdk.asked.filter((what) => /init|authenticate|connect/.test(what))).toEqual(['init A1', 'authenticate alice', 'connect']);
  expect([...sdk.listeners.keys()].sort()).toEqual(['offhook-react-devices', 'offhook-react-incoming', 'offhook-react-session']);
  expect(seen.session).toEqual({ user: { userId: 'alice' }, connection: 'connected', error: null });
});

test('unmounting takes every listener away, closes the devices and signs out', async () => {
  await mount();
  await unmount();
  expect(sdk.listeners.size).toBe(0);
  expect(sdk.asked.slice(-2).sort()).toEqual(['close devices', 'deauthenticate']);
  expect(count('open devices')).toBe(count('close devices'));
});

test('a failed sign-in is an error and not an exception', async () => {
  await mount({ appId: 'A1', userId: 'nobody' });
  expect(seen.session?.error?.message).toBe('The user is unknown.');
  expect(seen.session?.connection).toBe('closed');
});

test('a call goes through its states, each a snapshot of its own that does not change', async () => {
  await mount();
  await act(async () => seen.direct?.dial('bob'));
  const call = lastCall();
  const ringing = seen.direct?.call;
  expect(ringing?.state).toBe('ringing');
  await act(async () => call.tell('onEstablished'));
  expect(seen.direct?.call?.state).toBe('connecting');
  await act(async () => call.tell('onConnected'));
  expect(seen.direct?.call?.state).toBe('talking');
  await act(async () => seen.direct?.setMicrophone(false));
  expect(seen.direct?.call?.isLocalAudioEnabled).toBe(false);
  await act(async () => seen.direct?.hold());
  expect(seen.direct?.call?.isHeldHere).toBe(true);
  await act(async () => call.finish('completed'));
  expect(seen.direct?.call).toMatchObject({ state: 'ended', endResult: 'completed' });
  expect(ringing).toMatchObject({ state: 'ringing', isLocalAudioEnabled: true, isHeldHere: false, endResult: null });
  expect(count('dial bob')).toBe(1);
});

test('a call that is refused at once is shown as ended, with the reason', async () => {
  await mount();
  sdk.close();
  await act(async () => seen.direct?.dial('bob'));
  expect(seen.direct?.call).toMatchObject({ state: 'ended', endResult: 'dial_failed', error: { message: 'There is no connection.' } });
  await act(async () => seen.direct?.clear());
  expect(seen.direct?.call).toBeNull();
});

test('a call that was over before a component heard of it does not ring', async () => {
  await mount();
  const call = new sdk.FakeCall('dc_callee');
  call.finish('canceled');
  await act(async () => sdk.listeners.get('offhook-react-incoming')?.onRinging?.(call.call));
  expect(seen.incoming).toBeNull();
});

test('a call that goes on before a component hears of it does not ring', async () => {
  const call = new sdk.FakeCall('dc_callee');
  call.duration = 1_000;
  await mount();
  expect(seen.incoming).toBeNull();
  await act(async () => sdk.listeners.get('offhook-react-incoming')?.onRinging?.(call.call));
  expect(seen.incoming).toBeNull();
});

test('a call that rings is answered and goes on as the direct call', async () => {
  await mount();
  let call!: sdk.FakeCall;
  await act(async () => {
    call = sdk.ring();
  });
  expect(seen.incoming?.remoteUser.userId).toBe('bob');
  await act(async () => seen.incoming?.accept());
  expect(seen.incoming).toBeNull();
  expect(count('accept')).toBe(1);
  expect(seen.direct?.call).toMatchObject({ state: 'connecting', isIncoming: true });
  await act(async () => call.tell('onConnected'));
  expect(seen.direct?.call?.state).toBe('talking');
});

test('a call that rang before the component came is shown, and declining ends it', async () => {
  sdk.ring();
  await mount();
  expect(seen.incoming?.remoteUser.userId).toBe('bob');
  await act(async () => seen.incoming?.decline());
  expect(seen.incoming).toBeNull();
  expect(count('end')).toBe(1);
  expect(seen.direct?.call).toBeNull();
});

test('a call on hold comes back when the one it made room for is over', async () => {
  await mount();
  await act(async () => seen.direct?.dial('bob'));
  const first = lastCall();
  await act(async () => first.tell('onConnected'));
  let second!: sdk.FakeCall;
  await act(async () => {
    second = sdk.ring();
  });
  await act(async () => seen.incoming?.accept({ holdActiveCall: true }));
  await act(async () => second.finish('completed'));
  expect(seen.direct?.call?.call).toBe(second);
  await act(async () => seen.direct?.clear());
  expect(seen.direct?.call?.call).toBe(first);
});

test('handlers of the application are called as before, and are there again afterwards', async () => {
  await mount();
  let call!: sdk.FakeCall;
  await act(async () => {
    call = sdk.ring();
  });
  await act(async () => seen.incoming?.decline());
  expect(call.onConnected).toBeNull();

  const heard: string[] = [];
  const own = () => heard.push('own');
  const other = new sdk.FakeCall('dc_callee');
  other.onEnded = own;
  await act(async () => sdk.listeners.get('offhook-react-incoming')?.onRinging?.(other.call));
  expect(other.onEnded).not.toBe(own);
  await act(async () => seen.incoming?.decline());
  expect(heard).toEqual(['own']);
  expect(other.onEnded).toBe(own);
});

test('another microphone is shown as soon as it is selected', async () => {
  await mount();
  const [, second] = seen.devices?.microphones ?? [];
  expect(seen.devices?.microphone?.deviceId).toBe('first');
  await act(async () => seen.devices?.selectMicrophone(second as InputDeviceInfo));
  expect(seen.devices?.microphone?.deviceId).toBe('second');
});

test('a view is handed to the call when it comes and taken back when it goes', async () => {
  await mount();
  await act(async () => seen.direct?.dial('bob'));
  await unmount();
  expect(sdk.asked).toContain('local view gone');
});

test('a server renders it without asking for anything', () => {
  expect(renderToString(<Probe account={ALICE} />)).toContain('closed');
  expect(sdk.asked).toEqual([]);
  expect(sdk.listeners.size).toBe(0);
});

test('the example in the README is the application that the browsers run', () => {
  const [, snippet] = /```tsx\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(snippet).toBe(example);
});

/** What the hooks gave at the last rendering. */
const seen: {
  session?: CallSession;
  incoming?: IncomingCall | null;
  direct?: DirectCallHook;
  devices?: MediaDevicesState;
} = {};

function Probe({ account }: { account: { appId: string; userId: string } }) {
  seen.session = useCallSession(account);
  seen.incoming = useIncomingCall();
  seen.direct = useDirectCall();
  seen.devices = useMediaDevices({ audio: true });
  return (
    <p>
      {seen.session.connection}
      <video id="mine" ref={seen.direct.localView} />
    </p>
  );
}

async function mount(account = ALICE): Promise<void> {
  const place = document.body.appendChild(document.createElement('div'));
  root = createRoot(place);
  await act(async () =>
    root?.render(
      <StrictMode>
        <Probe account={account} />
      </StrictMode>,
    ),
  );
}

async function unmount(): Promise<void> {
  await act(async () => root?.unmount());
  root = undefined;
}

function lastCall(): sdk.FakeCall {
  return seen.direct?.call?.call as unknown as sdk.FakeCall;
}

function count(what: string): number {
  return sdk.asked.filter((other) => other === what).length;
}
