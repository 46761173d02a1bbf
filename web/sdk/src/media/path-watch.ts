import type { MediaPath } from '../generated/MediaPath';

/** How often to look where the engine does not tell that the pair has changed, and until it is known at all. */
const LOOK_EVERY_MS = 5_000;
const LOOK_AGAIN_MS = 500;
/** Chromium answers `getStats` out of a store for 50 ms: what it tells right after a change may be from before. */
const SETTLE_MS = 100;

/** Says which path media takes while the link is up, at first and at each change. */
export class PathWatch {
  private isUp = false;
  private path: MediaPath | undefined;
  private transport: RTCIceTransport | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly connection: RTCPeerConnection,
    /** Called once a change; with nothing as soon as the path is not known any more. */
    private readonly handlePath: (path: MediaPath | undefined) => void,
  ) {}

  handleLink(isUp: boolean): void {
    this.isUp = isUp;
    clearTimeout(this.timer);
    if (isUp) {
      this.follow();
      this.lookIn(SETTLE_MS);
    } else {
      this.become(undefined);
    }
  }

  stop(): void {
    this.isUp = false;
    clearTimeout(this.timer);
    if (this.transport) this.transport.onselectedcandidatepairchange = null;
  }

  /** Hears of changes of the pair, where the engine tells. All media shares one transport. */
  private follow(): void {
    const transport = this.connection.getTransceivers()[0]?.sender.transport?.iceTransport;
    if (!transport || !('onselectedcandidatepairchange' in transport)) return;
    this.transport = transport;
    transport.onselectedcandidatepairchange = () => {
      if (this.isUp) this.lookIn(SETTLE_MS);
    };
  }

  private lookIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), ms);
  }

  private async look(): Promise<void> {
    const path = await this.connection.getStats().then(pathOf, () => undefined);
    if (!this.isUp) return;
    if (path) this.become(path);
    if (!path) this.lookIn(LOOK_AGAIN_MS);
    else if (!this.transport) this.lookIn(LOOK_EVERY_MS);
  }

  private become(path: MediaPath | undefined): void {
    if (path === this.path) return;
    this.path = path;
    this.handlePath(path);
  }
}

/** The path of the selected pair, if there is one yet. */
export function pathOf(stats: RTCStatsReport): MediaPath | undefined {
  const reports = [...stats.values()] as Array<Record<string, unknown> & { type: string }>;
  const transport = reports.find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
  const pair =
    (transport && stats.get(String(transport['selectedCandidatePairId']))) ??
    // Not every engine has a transport to ask; then the pair itself says that it is selected, or at least nominated.
    reports.find(({ type, selected, nominated, state }) => type === 'candidate-pair' && (selected ?? nominated) && state === 'succeeded');
  if (!pair) return undefined;
  const ends = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
  if (ends.some((end) => end === undefined)) return undefined;
  return ends.some((end) => end['candidateType'] === 'relay') ? 'relayed' : 'direct';
}
