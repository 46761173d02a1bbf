import { Reconnection, type Sign, type Step } from './reconnection';

/** What the watch asks, and asks for. */
export interface LinkWatchOwner {
  /** Whether the other side can be told anything. */
  canSignal(): boolean;
  handleStep(step: Step): void;
}

/** Watches ICE and DTLS state and the clock, and has [`Reconnection`] decide what they mean. */
export class LinkWatch {
  private readonly reconnection = new Reconnection();
  private connection: RTCPeerConnection | undefined;
  private state = 'new';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStopped = false;
  /** The connection has failed, and its engine (any but Chromium's) does not mend one that has, whatever it says: it is to be replaced. */
  isBroken = false;

  constructor(
    private readonly isChromium: boolean,
    private readonly owner: LinkWatchOwner,
  ) {}

  /** Watches this connection from here on, and no other. */
  follow(connection: RTCPeerConnection): void {
    this.leave();
    const isFirst = !this.connection;
    this.connection = connection;
    this.state = 'new';
    this.isBroken = false;
    const look = () => this.look();
    // Engines differ in which of the two they fire last, and tell most changes on both.
    connection.onconnectionstatechange = look;
    connection.oniceconnectionstatechange = look;
    if (!isFirst) this.handle('replaced');
  }

  handle(sign: Sign): void {
    if (this.isStopped) return;
    // The clock on the wall: the other one stands still while some machines sleep.
    const now = Date.now();
    const steps = this.reconnection.handle(sign, now, this.owner.canSignal());
    clearTimeout(this.timer);
    const { nextAt } = this.reconnection;
    if (Number.isFinite(nextAt)) this.timer = setTimeout(() => this.handle('tick'), Math.max(0, nextAt - now));
    for (const step of steps) this.owner.handleStep(step);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.leave();
  }

  private leave(): void {
    if (this.connection) this.connection.onconnectionstatechange = this.connection.oniceconnectionstatechange = null;
  }

  private look(): void {
    if (!this.connection || this.isBroken) return;
    const state = this.stateOf(this.connection);
    if (state === this.state) return;
    this.state = state;
    this.isBroken = state === 'failed' && !this.isChromium;
    if (state === 'connected' || state === 'disconnected' || state === 'failed') this.handle(state);
  }

  private stateOf({ connectionState, iceConnectionState }: RTCPeerConnection): string {
    const ice = iceConnectionState === 'completed' ? 'connected' : iceConnectionState;
    if (!connectionState) return ice;
    // Firefox may report a lost pair on the ICE state first. Chromium's ICE state, on a machine that wakes, may be back before the
    // other has told of the loss.
    const isIceAhead = !this.isChromium && connectionState === 'connected' && (ice === 'disconnected' || ice === 'failed');
    return isIceAhead ? ice : connectionState;
  }
}
