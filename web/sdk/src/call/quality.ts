import { ConnectionQualityMonitoringMode, ConnectionQualityState } from '../enums';
import { invalidType, invalidValue } from '../errors';
import type { QualitySample } from '../generated/QualitySample';
import { type Measurement, measure, type Reading, readingOf } from '../media/measurement';
import type { ConnectionMetrics } from '../surface';

/** How often a listener is told. */
const LISTEN_EVERY_MS = 3_000;
/** How long a sample of the server's timeline is. */
const SAMPLE_EVERY_MS = 10_000;
/** How many samples make a message: half a minute. */
const SAMPLES_TOGETHER = 3;
/** The server takes no more at once: of a longer outage the oldest are forgotten. */
const MAX_SAMPLES = 20;
/** The server takes none that is older than ten minutes. */
const OLDEST_SAMPLE_MS = 590_000;
/** The last interval of a call counts from this length on. */
const SHORTEST_SAMPLE_MS = 1_000;

type Listener = (metrics: ConnectionMetrics) => void;
type Kept = Omit<QualitySample, 'ago_ms'> & { readonly at: number };

/** What the quality of a call needs from it. */
export interface QualityOwner {
  /** Reads the connection, if there is one. */
  readStats(): Promise<RTCStatsReport> | undefined;
  now(): number;
  /** Hands samples to the server. Says whether the socket took them. */
  send(samples: QualitySample[]): boolean;
  tell(tell: () => void): void;
}

/**
 * Measures a connected call: for the application, while it listens, and for the server's timeline. One reading serves
 * both; each looks back to its own last one.
 */
export class Quality {
  private isEveryTold = false;
  private listener: Listener | undefined;
  private isUp = false;
  private hasBeenUp = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Where the listener's interval began, and the sample's; a new link starts both anew. */
  private heardFrom: Reading | undefined;
  private sampledFrom: Reading | undefined;
  /** What the listener was last told. */
  private told: ConnectionQualityState | undefined;
  private kept: Kept[] = [];

  constructor(private readonly owner: QualityOwner) {}

  /** Tells `listener` from now on, in place of one that there may be. */
  listen(mode: ConnectionQualityMonitoringMode, listener: Listener): void {
    if (!Object.values(ConnectionQualityMonitoringMode).includes(mode)) throw invalidValue('There is no such mode.');
    if (typeof listener !== 'function') throw invalidType('The listener must be a function.');
    this.isEveryTold = mode === ConnectionQualityMonitoringMode.FREQUENCY;
    this.listener = listener;
    this.told = this.heardFrom = undefined;
    if (this.hasBeenUp) void this.look();
  }

  unlisten(): void {
    this.listener = undefined;
    this.schedule();
  }

  handleLink(isUp: boolean): void {
    this.isUp = isUp;
    this.hasBeenUp = true;
    this.heardFrom = this.sampledFrom = undefined;
    void this.look();
  }

  /** The call is over: the server hears the rest, and of what is left of an interval, if the engine still tells. */
  close(): void {
    const from = this.sampledFrom;
    const last = this.isUp ? this.owner.readStats() : undefined;
    clearTimeout(this.timer);
    this.isUp = this.hasBeenUp = false;
    this.listener = undefined;
    this.flush(1);
    last?.then(
      (report) => {
        const reading = readingOf(report, this.owner.now());
        if (!from || reading.at - from.at < SHORTEST_SAMPLE_MS) return;
        this.keep(from, reading);
        this.flush(1);
      },
      () => undefined,
    );
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (!this.isUp && !this.listener) return;
    this.timer = setTimeout(() => void this.look(), this.listener ? LISTEN_EVERY_MS : SAMPLE_EVERY_MS);
  }

  private async look(): Promise<void> {
    this.schedule();
    // Down after it was up: nothing can be measured.
    if (!this.isUp) return this.tell(undefined);
    const { listener } = this;
    const report = await this.owner.readStats()?.catch(() => undefined);
    // The link, or whoever listens, may be another by now.
    if (!report || !this.isUp) return;
    const reading = readingOf(report, this.owner.now());
    if (listener && listener === this.listener) {
      if (this.heardFrom) this.tell(measure(this.heardFrom, reading));
      this.heardFrom = reading;
    }
    const { sampledFrom } = this;
    // A timer may be a little early, and every third tick of the listener's is one.
    if (sampledFrom && reading.at - sampledFrom.at < SAMPLE_EVERY_MS - LISTEN_EVERY_MS / 2) return;
    this.sampledFrom = reading;
    if (sampledFrom) this.keep(sampledFrom, reading);
    this.flush(SAMPLES_TOGETHER);
  }

  private tell(measured: Measurement | undefined): void {
    const { listener } = this;
    // Before the first measurement nothing is known, which is not the same as unavailable: that is a link that is down.
    if (!listener || (!measured && this.isUp && this.told === undefined)) return;
    const metrics = metricsOf(measured);
    const isChange = metrics.connectionQuality !== this.told;
    this.told = metrics.connectionQuality;
    if (isChange || this.isEveryTold) {
      this.owner.tell(() => {
        if (listener === this.listener) listener(metrics);
      });
    }
  }

  private keep(from: Reading, to: Reading): void {
    const measured = measure(from, to);
    if (!measured) return;
    const { mos, lostRate, roundTripMs, jitterMs, sentBps, receivedBps, freezes } = measured;
    const sample = {
      at: to.at,
      mos_hundredths: Math.round(100 * mos),
      lost_per_mille: Math.round(1_000 * lostRate),
      jitter_ms: Math.round(jitterMs),
      sent_bps: Math.round(sentBps),
      received_bps: Math.round(receivedBps),
      // Left out of the message where it is not known.
      round_trip_ms: roundTripMs === undefined ? undefined : Math.round(roundTripMs),
      freezes,
    } as Kept;
    this.kept = [...this.kept, sample].slice(-MAX_SAMPLES);
  }

  private flush(atLeast: number): void {
    if (this.kept.length < atLeast) return;
    const now = this.owner.now();
    // What a page that slept kept for too long, the server would refuse, and all that is told with it.
    this.kept = this.kept.filter(({ at }) => now - at < OLDEST_SAMPLE_MS);
    if (this.owner.send(this.kept.map(({ at, ...sample }) => ({ ago_ms: Math.round(now - at), ...sample })))) this.kept = [];
  }
}

/** As the application is told: times in milliseconds, loss from 0 to 1. */
function metricsOf(measured: Measurement | undefined): ConnectionMetrics {
  if (!measured) return { connectionQuality: ConnectionQualityState.UNAVAILABLE };
  const { mos, lostRate, roundTripMs, jitterMs } = measured;
  const metrics = { mos, packetsLostRate: lostRate, jitter: jitterMs, connectionQuality: stateOf(mos) };
  return roundTripMs === undefined ? metrics : { ...metrics, rtt: roundTripMs };
}

/** From this score on; below the last it is poor. */
const STATES = [
  [4.3, ConnectionQualityState.EXCELLENT],
  [4.0, ConnectionQualityState.GOOD],
  [3.6, ConnectionQualityState.AVERAGE],
  [3.1, ConnectionQualityState.FAIR],
] as const;

function stateOf(mos: number): ConnectionQualityState {
  return STATES.find(([least]) => mos >= least)?.[1] ?? ConnectionQualityState.POOR;
}
