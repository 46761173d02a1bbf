import { vi } from 'vitest';
import { Client, type Shown } from '../src/client';
import type { CallSnapshot } from '../src/generated/CallSnapshot';
import type { IceConfiguration } from '../src/generated/IceConfiguration';
import type { DirectCall, DialParams } from '../src/surface';
import { FakeBrowser, type FakeSocket } from './fakes';

export const PEER = '99999999-9999-4999-8999-999999999999';

const STUN = { urls: ['stun:calls.example'] };

/** Lets everything that is due happen. */
export const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** A browser, the SDK in it, and the server's side of both its HTTP and its socket. */
export class World {
  readonly browser = new FakeBrowser();
  shown: Shown = { appId: undefined, currentUser: undefined, connectionState: 'closed' };
  readonly client = new Client(this.browser.platform, (shown) => {
    this.shown = { ...shown };
  });
  readonly told: string[] = [];
  /** How long the server may be silent: it says nothing by itself here. */
  silenceMs = 1e9;
  /** What the server hands out with its welcome: without a relay, so without a ticket. */
  iceConfiguration: IceConfiguration = { ice_servers: [STUN], ice_transport_policy: 'all' };

  get socket(): FakeSocket {
    return this.browser.socket;
  }

  /** A user signed in and connected. */
  static async connected(userId = 'alice', prepare: (world: World) => void = () => undefined): Promise<World> {
    const world = new World();
    prepare(world);
    world.client.logger.setLevel('NONE');
    world.client.init('APP', 'calls.example');
    const done = world.client.authenticate({ userId });
    await world.answerSignIn(userId);
    await done;
    await world.connect();
    return world;
  }

  async answerSignIn(userId: string, more: object = {}): Promise<void> {
    await settle();
    this.browser.fetched.at(-1)?.answer(signedIn(userId, more));
    await settle();
  }

  async connect(): Promise<void> {
    const done = this.client.connectWebSocket();
    await settle();
    await this.welcome();
    await done;
  }

  async welcome(calls: CallSnapshot[] = [], unknown: string[] = []): Promise<void> {
    this.socket.onopen?.();
    this.socket.receive({
      type: 'welcome',
      id: this.socket.ofType('hello').at(-1)?.['id'],
      protocol: 1,
      calls,
      unknown_calls: unknown,
      silence_ms: this.silenceMs,
      ice_configuration: this.iceConfiguration,
    });
    await settle();
  }

  /** Notes every event of a call, with what it shows then. */
  follow(call: DirectCall): DirectCall {
    call.onCalleeDialReceived = () => this.told.push('dial received');
    call.onEstablished = () => this.told.push('established');
    call.onConnected = () => this.told.push('connected');
    call.onReconnecting = () => this.told.push('reconnecting');
    call.onReconnected = () => this.told.push('reconnected');
    call.onRemoteAudioSettingsChanged = () => this.told.push(`audio ${call.isRemoteAudioEnabled}`);
    call.onRemoteVideoSettingsChanged = () => this.told.push(`video ${call.isRemoteVideoEnabled}`);
    call.onCustomItemsUpdated = (_, keys) => this.told.push(`updated ${keys}`);
    call.onCustomItemsDeleted = (_, keys) => this.told.push(`deleted ${keys}`);
    call.onEnded = () => this.told.push(`ended ${call.endResult}`);
    return call;
  }

  /** Dials bob; the server has not answered. */
  dial(params: Partial<DialParams> = {}): DirectCall {
    return this.follow(
      this.client.dial({ userId: 'bob', isVideoCall: false, callOption: {}, ...params }, (call, error) => {
        this.told.push(error ? `callback ${(error as Error & { code: number }).code}` : `callback ${call?.callId ? 'call' : ''}`);
      }),
    );
  }

  /** A call of bob's that rings here. */
  async ring(more: Partial<CallSnapshot> = {}): Promise<DirectCall> {
    let rung: DirectCall | undefined;
    this.client.listeners.add('ring', {
      onRinging: (call) => {
        rung = call;
        this.told.push('ringing');
        this.follow(call);
      },
    });
    this.tell({ role: 'dc_callee', caller: party('bob'), callee: party('alice'), ...more });
    await settle();
    if (!rung) throw new Error('nothing rang');
    return rung;
  }

  /** The server tells of a call. */
  tell(more: Partial<CallSnapshot>): void {
    this.socket.receive({ type: 'call', call: snapshot(more) });
  }

  /** The server answers the last request of a type. */
  async reply(type: string, more: Partial<CallSnapshot>): Promise<void> {
    const id = this.socket.ofType(type).at(-1)?.['id'];
    if (id === undefined) throw new Error(`no ${type} was sent`);
    this.socket.receive({ type: 'reply', id, call: snapshot(more) });
    await settle();
  }

  /** The server has changed custom items as it was last asked to. */
  async answerItems(type: string, items: Record<string, string>, affected: string[]): Promise<void> {
    const id = this.socket.ofType(type).at(-1)?.['id'];
    if (id === undefined) throw new Error(`no ${type} was sent`);
    this.socket.receive({ type: 'custom_items', id, custom_items: items, affected_keys: affected });
    await settle();
  }

  async refuse(type: string, code: number): Promise<void> {
    const id = this.socket.ofType(type).at(-1)?.['id'];
    if (id === undefined) throw new Error(`no ${type} was sent`);
    this.socket.receive({ type: 'refused', id, code, message: 'no' });
    await settle();
  }

  /** The server hands out the next ticket. */
  async handOut(ticket: string): Promise<void> {
    this.socket.receive({ type: 'ice_configuration', ice_configuration: relayed(ticket) });
    await settle();
  }

  async signal(callId: string, body: object, from = PEER): Promise<void> {
    this.socket.receive({ type: 'signal', call_id: callId, from_device: from, body: JSON.stringify(body) });
    await settle();
  }
}

/** A configuration with a relay, to be used with this ticket. */
export function relayed(ticket: string, policy: IceConfiguration['ice_transport_policy'] = 'all'): IceConfiguration {
  const turn = { urls: ['turn:calls.example'], username: `99:${ticket}`, credential: `secret of ${ticket}` };
  return { ticket, ice_servers: [STUN, turn], ice_transport_policy: policy, expires_in_ms: 86_400_000 };
}

export function signedIn(userId: string, more: object = {}) {
  return {
    user: { user_id: userId, nickname: userId.toUpperCase(), profile_url: '', metadata: { a: 'b' }, is_active: true },
    session_key: `key of ${userId}`,
    session_expires_in_ms: 1_000_000,
    ...more,
  };
}

export function party(userId: string, media: Partial<CallSnapshot['caller']['media']> = {}): CallSnapshot['caller'] {
  return {
    user_id: userId,
    nickname: '',
    profile_url: '',
    metadata: {},
    media: { audio_enabled: true, video_enabled: false, revision: 0, ...media },
  };
}

export function snapshot(more: Partial<CallSnapshot>): CallSnapshot {
  return {
    call_id: '00000000-0000-4000-8000-000000000000',
    version: 1,
    state: 'ringing',
    is_video_call: false,
    role: 'dc_caller',
    caller: party('alice'),
    callee: party('bob'),
    custom_items: {},
    is_dial_received: false,
    started_at: 1_000,
    duration_ms: 0,
    ...more,
  };
}
