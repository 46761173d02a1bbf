import { ErrorCode } from '../enums';
import { CallError, notConnected } from '../errors';
import type { CallSnapshot } from '../generated/CallSnapshot';
import type { ClientMessage } from '../generated/ClientMessage';
import type { IceConfiguration } from '../generated/IceConfiguration';
import type { QualitySample } from '../generated/QualitySample';
import type { ServerMessage } from '../generated/ServerMessage';
import type { Logger } from '../logger';
import type { Platform } from '../platform';
import type { ItemsRequest } from '../call/custom-items';
import type { Device } from '../session/device';
import type { ConnectionState, CustomItemsResult } from '../surface';
import { reconnectDelay } from './reconnect';
import { connectionLost, type Request, Requests } from './requests';

/** The version of the protocol that this SDK speaks. */
const PROTOCOL = 1;
/** How long opening and the welcome may take. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A hidden page's timers are late; checking for silence more often than this would only wake it. */
const SILENCE_CHECK_MS = 10_000;
/** How long a server that is there leaves a request without any word. */
const DEAF_MS = 5_000;
/** A hello names no more calls than this. */
const MAX_KNOWN_CALLS = 32;

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
type Pushed = Extract<ServerMessage, { type: 'call' | 'party_media' | 'signal' }>;

/** What the socket needs from, and tells, the rest of the SDK. */
export interface SocketOwner {
  /** Where to connect, and with which key. */
  address(): { url: string; key: string };
  knownCalls(): string[];
  handleWelcome(welcome: Welcome): void;
  handleIceConfiguration(configuration: IceConfiguration): void;
  /** Requests have been sent again; peer messages may follow. */
  handleResumed(): void;
  handleMessage(message: Pushed): void;
  /** The key is worth nothing any more; the socket has stopped. */
  handleSessionClosed(error: CallError): void;
  handleStateChange(state: ConnectionState): void;
  /** The network came back, or is another. */
  handleNetworkChange(): void;
}

/**
 * The socket: connects, says hello, comes back by itself, carries requests to their answers.
 *
 * ```text
 *            connect             welcome             lost
 *   closed ─────────▶ connecting ───────▶ connected ───────▶ reconnecting ──▶ connected …
 *      ▲                  │ failed            │ session over      │ session over
 *      └──────────────────┴───────────────────┴───────────────────┘
 * ```
 */
export class SignalSocket {
  private state: ConnectionState = 'closed';
  private socket: WebSocket | undefined;
  private helloId = 0;
  private failures = 0;
  private deviceDraws = 0;
  private silenceMs = 0;
  private lastFrameAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isWaiting = false;
  private connecting: { promise: Promise<void>; resolve: () => void; reject: (error: CallError) => void } | undefined;
  private stopWatching: (() => void) | undefined;
  private readonly requests = new Requests();

  constructor(
    private readonly platform: Platform,
    private readonly device: Device,
    private readonly logger: Logger,
    private readonly owner: SocketOwner,
  ) {}

  get isConnected(): boolean {
    return this.state === 'connected';
  }

  get isClosed(): boolean {
    return this.state === 'closed';
  }

  /** Connects; resolves once the server has said welcome. */
  connect(): Promise<void> {
    if (this.state === 'connected') return Promise.resolve();
    if (this.connecting) return this.connecting.promise;
    let resolve = (): void => undefined;
    let reject = (_error: CallError): void => undefined;
    const promise = new Promise<void>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    promise.catch(() => undefined);
    this.connecting = { promise, resolve, reject };
    if (this.state === 'closed') {
      this.setState('connecting');
      this.stopWatching = this.platform.watchNetwork(
        () => this.handleNetwork(),
        () => this.handleSeen(),
      );
      this.failures = 0;
      this.open();
    }
    return promise;
  }

  /** Lets go of the socket and of everything that waits for it. */
  close(error: CallError = connectionLost()): void {
    this.dropSocket();
    this.stopWatching?.();
    this.stopWatching = undefined;
    this.setState('closed');
    this.requests.failAll(error);
    this.connecting?.reject(error);
    this.connecting = undefined;
  }

  /** Connects anew, with the key that holds now. */
  renew(): void {
    if (this.state === 'closed') return;
    this.failures = 0;
    this.dropSocket();
    this.setState('reconnecting');
    this.open();
  }

  /** Asks the server to do something to a call; resolves with the call after it. */
  async request(request: Exclude<Request, { type: 'renew' } | ItemsRequest>): Promise<CallSnapshot> {
    const answer = await this.ask(request);
    if (answer.type !== 'reply') throw wrongAnswer();
    return answer.call;
  }

  /** Changes the custom items of a call. */
  async changeItems(request: ItemsRequest): Promise<CustomItemsResult> {
    const answer = await this.ask(request);
    if (answer.type !== 'custom_items') throw wrongAnswer();
    return { customItems: answer.custom_items, affectedKeys: answer.affected_keys };
  }

  /** Prolongs the session; resolves with how long the token lasts. */
  async renewToken(token: string): Promise<number> {
    const answer = await this.ask({ type: 'renew', access_token: token });
    if (answer.type !== 'renewed') throw wrongAnswer();
    return answer.token_expires_in_ms;
  }

  /** Passes something to the other side, if the socket is open: the sender keeps it until it is acknowledged. */
  signal(callId: string, body: string): void {
    this.send({ type: 'signal', call_id: callId, body });
  }

  /** Names the ticket of a call, if the socket is open: it is named again after each reconnect. */
  useTicket(callId: string, ticket: string): void {
    this.send({ type: 'use_ticket', call_id: callId, ticket });
  }

  /** Tells how good the media of a call was, if the socket is open. Says whether it is. */
  tellQuality(callId: string, samples: QualitySample[]): boolean {
    this.send({ type: 'quality', call_id: callId, samples });
    return this.isConnected;
  }

  private ask(request: Request) {
    if (this.state === 'closed') return Promise.reject(notConnected());
    const { message, answer } = this.requests.add(request, () => this.isConnected);
    this.send(message);
    if (this.isConnected) this.watchAnswer(answer);
    return answer;
  }

  /** A socket on which nothing at all comes after a request leads nowhere: the network may drop packets in silence. */
  private watchAnswer(answer: Promise<unknown>): void {
    const { socket } = this;
    const sentAt = this.platform.now();
    const timer = setTimeout(() => {
      if (socket === this.socket && this.lastFrameAt < sentAt) this.handleLost();
    }, DEAF_MS);
    const done = () => clearTimeout(timer);
    answer.then(done, done);
  }

  private send(message: ClientMessage): void {
    if (this.isConnected) this.socket?.send(JSON.stringify(message));
  }

  private open(): void {
    this.isWaiting = false;
    let socket: WebSocket;
    const { url, key } = this.owner.address();
    try {
      socket = this.platform.openSocket(url);
    } catch {
      this.setTimer(0, () => this.handleLost());
      return;
    }
    this.socket = socket;
    this.setTimer(CONNECT_TIMEOUT_MS, () => this.handleLost());
    socket.onopen = () => this.hello(socket, key);
    socket.onmessage = (event: MessageEvent) => {
      if (socket === this.socket) this.handleFrame(event.data);
    };
    socket.onclose = socket.onerror = () => {
      if (socket === this.socket) this.handleLost();
    };
  }

  private hello(socket: WebSocket, key: string): void {
    if (socket !== this.socket) return;
    this.helloId = this.requests.nextId();
    const hello: ClientMessage = {
      type: 'hello',
      id: this.helloId,
      protocol: PROTOCOL,
      session_key: key,
      device_id: this.device.id,
      page_id: this.device.pageId,
      known_calls: this.owner.knownCalls().slice(0, MAX_KNOWN_CALLS),
    };
    socket.send(JSON.stringify(hello));
  }

  private handleFrame(data: unknown): void {
    this.lastFrameAt = this.platform.now();
    const message = parse(data);
    if (!message) {
      this.logger.warn('a frame could not be read');
      return;
    }
    switch (message.type) {
      case 'welcome':
        return this.handleWelcome(message);
      case 'reply':
      case 'renewed':
      case 'custom_items':
        return this.requests.settle(message);
      case 'refused':
        return this.handleRefused(message);
      case 'call':
      case 'party_media':
      case 'signal':
        return this.owner.handleMessage(message);
      case 'ice_configuration':
        return this.owner.handleIceConfiguration(message.ice_configuration);
      case 'session_closed':
        return this.endSession(new CallError(message.code, message.message));
      case 'drain':
        return this.reconnect(message.reconnect_after_ms);
      case 'ping':
        return;
    }
  }

  private handleWelcome(welcome: Welcome): void {
    if (welcome.id !== this.helloId || this.isConnected) return;
    this.failures = 0;
    this.deviceDraws = 0;
    this.silenceMs = welcome.silence_ms;
    this.setState('connected');
    this.watchSilence();
    const unanswered = this.requests.unanswered();
    this.owner.handleWelcome(welcome);
    for (const message of unanswered) this.send(message);
    this.owner.handleResumed();
    this.connecting?.resolve();
    this.connecting = undefined;
  }

  private handleRefused({ id, code, message }: Extract<ServerMessage, { type: 'refused' }>): void {
    const error = new CallError(code, message);
    if (this.isConnected) {
      if (id !== undefined) this.requests.fail(id, error);
      return;
    }
    // A hello that did not arrive in time or in one piece says nothing about the session.
    if (id !== this.helloId) return this.handleLost();
    if (code === DEVICE_IN_USE && this.deviceDraws < 3) {
      this.deviceDraws += 1;
      this.device.renew();
      this.dropSocket();
      this.open();
    } else if (FINAL_REFUSALS.has(code)) {
      this.endSession(error);
    } else {
      this.handleLost(error);
    }
  }

  private endSession(error: CallError): void {
    this.close(error);
    this.owner.handleSessionClosed(error);
  }

  /** The socket is gone: who has been connected comes back, who has never been is told. */
  private handleLost(error?: CallError): void {
    if (this.state === 'connecting') {
      this.close(error ?? new CallError(ErrorCode.WS_CONNECTION_FAILED, 'The socket to the server could not be opened.'));
      return;
    }
    const delay = reconnectDelay(this.failures, () => this.platform.random());
    this.failures += 1;
    this.reconnect(delay);
  }

  private reconnect(delayMs: number): void {
    this.dropSocket();
    this.setState('reconnecting');
    this.isWaiting = true;
    this.setTimer(delayMs, () => this.open());
  }

  /** The network is another, or the machine has slept: what is open leads through where it was, and is given up. */
  handleNetwork(): void {
    if (this.state !== 'connecting') this.renew();
    this.owner.handleNetworkChange();
  }

  /** Somebody looks at the page, whose timers may have stood still. */
  private handleSeen(): void {
    if (this.isWaiting) this.open();
    else if (this.isConnected) this.watchSilence();
  }

  private watchSilence(): void {
    const left = this.lastFrameAt + this.silenceMs - this.platform.now();
    if (left <= 0) return this.handleLost();
    this.setTimer(Math.max(left, SILENCE_CHECK_MS), () => this.watchSilence());
  }

  private dropSocket(): void {
    clearTimeout(this.timer);
    this.isWaiting = false;
    const socket = this.socket;
    this.socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }

  private setTimer(delayMs: number, callback: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(callback, delayMs);
  }

  private setState(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    this.logger.info(`socket ${state}`);
    this.owner.handleStateChange(state);
  }
}

const DEVICE_IN_USE = 1400900;
/** Deactivated, unknown user, wrong token, unknown session, unknown application, origin, expired, protocol. */
const FINAL_REFUSALS = new Set([400300, 400301, 400302, 400303, 400304, 400307, 400309, 1400901]);

function wrongAnswer(): CallError {
  return new CallError(ErrorCode.ERR_WRONG_RESPONSE, 'The server answered another question.');
}

function parse(data: unknown): ServerMessage | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === 'object' && message !== null && 'type' in message ? (message as ServerMessage) : undefined;
  } catch {
    return undefined;
  }
}
