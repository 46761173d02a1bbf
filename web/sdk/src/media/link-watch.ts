/** How long a link may be down before another way is looked for. */
const DISCONNECTED_MS = 3_000;
/** How long such a search may take before it is started over. */
const RESTART_MS = 8_000;

/** What the watch tells, and asks for. */
export interface LinkWatchOwner {
  handleLink(isUp: boolean): void;
  restart(): void;
}

/** Says whether media flows, from ICE and DTLS state alone, and asks for an ICE restart when it does not. */
export class LinkWatch {
  private state = 'new';
  private wasUp = false;
  private isDown = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly connection: RTCPeerConnection,
    private readonly owner: LinkWatchOwner,
  ) {
    const look = () => this.look();
    // Engines differ in which of the two they fire last, and tell most changes on both.
    connection.onconnectionstatechange = look;
    connection.oniceconnectionstatechange = look;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.connection.onconnectionstatechange = this.connection.oniceconnectionstatechange = null;
  }

  private look(): void {
    const state = stateOf(this.connection);
    if (state === this.state) return;
    this.state = state;
    switch (state) {
      case 'connected':
        clearTimeout(this.timer);
        this.timer = undefined;
        if (!this.wasUp || this.isDown) {
          this.wasUp = true;
          this.isDown = false;
          this.owner.handleLink(true);
        }
        break;
      case 'disconnected':
        this.goDown();
        this.timer ??= setTimeout(() => this.restart(), DISCONNECTED_MS);
        break;
      case 'failed':
        this.goDown();
        this.restart();
        break;
    }
  }

  private goDown(): void {
    if (!this.wasUp || this.isDown) return;
    this.isDown = true;
    this.owner.handleLink(false);
  }

  /** Restarts, and again until the link is up. */
  private restart(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.restart(), RESTART_MS);
    this.owner.restart();
  }
}

function stateOf(connection: RTCPeerConnection): string {
  const ice = connection.iceConnectionState;
  if (connection.connectionState) {
    // Firefox may report a lost pair on the ICE state first.
    return connection.connectionState === 'connected' && (ice === 'disconnected' || ice === 'failed')
      ? ice
      : connection.connectionState;
  }
  return ice === 'completed' ? 'connected' : ice;
}
