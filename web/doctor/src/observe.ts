/** Looking: a socket, devices, STUN, TURN. What is seen is judged elsewhere. */

import type { DeviceFacts, PageFacts, SocketFacts, StunFacts, TurnFacts } from './judgement';
import type { IceServer } from './server';

/** How long a socket may take. */
const SOCKET_PATIENCE_MS = 8_000;
/** How long STUN and TURN may take: browsers themselves give up after ten seconds. */
const RELAY_PATIENCE_MS = 15_000;

export function observePage(): PageFacts {
  return { isSecure: window.isSecureContext, isHttps: location.protocol === 'https:' };
}

/** Opens a WebSocket and closes it. */
export function observeSocket(): Promise<SocketFacts> {
  const started = performance.now();
  const socket = new WebSocket(new URL('/client/v1/socket', location.href.replace(/^http/, 'ws')));
  return new Promise((resolve) => {
    const done = (isOpen: boolean) => {
      clearTimeout(timer);
      resolve({ isOpen, tookMs: performance.now() - started });
      socket.close();
    };
    const timer = setTimeout(() => done(false), SOCKET_PATIENCE_MS);
    socket.onopen = () => done(true);
    socket.onerror = () => done(false);
  });
}

/** Counts devices. Nobody is asked for permission. */
export async function observeDevices(): Promise<DeviceFacts> {
  // Browsers leave it out where a page is not secure, whatever their types say.
  const media = navigator.mediaDevices as MediaDevices | undefined;
  if (media === undefined) {
    return { canAsk: false, microphones: 0, cameras: 0, refused: [] };
  }
  const devices = await media.enumerateDevices();
  const names = ['microphone', 'camera'] as const;
  const isRefused = await Promise.all(names.map(wasRefused));
  return {
    canAsk: true,
    microphones: devices.filter(({ kind }) => kind === 'audioinput').length,
    cameras: devices.filter(({ kind }) => kind === 'videoinput').length,
    refused: names.filter((_, index) => isRefused[index]),
  };
}

/** Not every browser tells; then nothing is known to be refused. */
async function wasRefused(name: 'microphone' | 'camera'): Promise<boolean> {
  try {
    const { state } = await navigator.permissions.query({ name: name as PermissionName });
    return state === 'denied';
  } catch {
    return false;
  }
}

/** Gathers candidates by STUN. */
export async function observeStun(server: IceServer): Promise<StunFacts> {
  const started = performance.now();
  const connection = new RTCPeerConnection({ iceServers: [server] });
  const outside = new Set<string>();
  let hasFailed = false;
  try {
    await within(
      RELAY_PATIENCE_MS,
      new Promise<void>((resolve, reject) => {
        connection.onicecandidateerror = () => {
          hasFailed = true;
        };
        connection.onicecandidate = ({ candidate }) => {
          if (candidate === null) {
            resolve();
          } else if (candidate.type === 'srflx' && candidate.address !== null) {
            outside.add(candidate.address);
          }
        };
        connection.createDataChannel('doctor');
        connection.setLocalDescription().catch(reject);
      }),
    );
  } catch {
    hasFailed = true;
  } finally {
    connection.close();
  }
  return { outside: [...outside], hasFailed, tookMs: performance.now() - started };
}

/** Two connections of this page meet at the relay, and a message goes there and back. */
export async function observeTurn(server: IceServer): Promise<TurnFacts> {
  const started = performance.now();
  const configuration: RTCConfiguration = { iceServers: [server], iceTransportPolicy: 'relay' };
  const [here, there] = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)];
  const errors: { code: number; text: string }[] = [];
  let hasAddress = false;
  try {
    const echoed = new Promise<void>((resolve, reject) => {
      const unanswered = () => reject(new Error('no address'));
      for (const [from, to] of [[here, there], [there, here]] as const) {
        from.onicecandidateerror = ({ errorCode, errorText }) => errors.push({ code: errorCode, text: errorText });
        from.onicecandidate = ({ candidate }) => {
          if (candidate !== null) {
            hasAddress = true;
            // Refused only once a connection is closed, when nobody waits any more.
            to.addIceCandidate(candidate).catch(() => undefined);
          } else if (!hasAddress) {
            unanswered();
          }
        };
      }
      there.ondatachannel = ({ channel }) => {
        channel.onmessage = ({ data }) => channel.send(data as string);
      };
      const sent = crypto.getRandomValues(new Uint8Array(16)).join('.');
      const channel = here.createDataChannel('doctor');
      channel.onopen = () => channel.send(sent);
      channel.onmessage = ({ data }) => (data === sent ? resolve() : reject(new Error('other data')));
    });
    await within(RELAY_PATIENCE_MS, Promise.all([echoed, introduce(here, there)]));
    return { hasAddress, errors, isEchoed: true, tookMs: performance.now() - started };
  } catch {
    return { hasAddress, errors, isEchoed: false, tookMs: performance.now() - started };
  } finally {
    here.close();
    there.close();
  }
}

async function introduce(here: RTCPeerConnection, there: RTCPeerConnection): Promise<void> {
  const offer = await here.createOffer();
  // Before either gathers: a candidate must find the other's description there.
  await there.setRemoteDescription(offer);
  await here.setLocalDescription(offer);
  const answer = await there.createAnswer();
  await here.setRemoteDescription(answer);
  await there.setLocalDescription(answer);
}

async function within<T>(patienceMs: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
