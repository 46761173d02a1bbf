/** How long a link may be down before another way is looked for, where nothing else says that the network is another. */
const DISCONNECTED_MS = 3_000;
/**
 * How long the next connection may take before anybody hears that there is none, and how long a link that has just come back may
 * be down: an engine needs as long to see that a link is down.
 */
const PATIENCE_MS = 5_000;
/** A link that comes back settles for so long: it may go down once more when the other side, or the restart that was under way, takes it elsewhere. */
const SETTLES_MS = 10_000;
/** How long such a search may take before it is started over. */
const RESTART_MS = 8_000;
/** Several signs of one outage come close together: they are one restart. */
const TOGETHER_MS = 2_000;
/** How long a sign of another network explains a link that goes down. */
const SIGN_HOLDS_MS = 30_000;
/** Permission shows an engine more of the network than it saw before: if nothing has connected by then, it looks again. */
const PERMITTED_MS = 3_000;
/** How often to look whether the machine has slept, and how late a timer must be to show it. */
const CHECK_MS = 10_000;
const LATE_MS = 5_000;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * What has happened to the way to the other side: its ICE and DTLS state; the network is another, or the machine woke;
 * the signalling socket is back; permission for the devices has come; the connection is another one; the time that was asked
 * for has come.
 */
export type Sign = 'connected' | 'disconnected' | 'failed' | 'replaced' | 'network' | 'resumed' | 'permitted' | 'tick';
/** What to do about it. */
export type Step = 'tell_up' | 'tell_down' | 'restart' | 'tell_woken';

/**
 * Decides when a call looks for another way to the other side. It never gives up: that is the server's part.
 *
 * A restart needs the signalling socket, and candidates of the network that there is: without a socket it waits for one.
 * A socket that was lost and came back, by itself, says nothing about media that flow.
 */
export class Reconnection {
  private wasUp = false;
  private isUp = false;
  private isDown = false;
  private tellAt = NEVER;
  private settledAt = -NEVER;
  private signAt = -NEVER;
  private restartedAt = -NEVER;
  private restartAt = NEVER;
  private checkAt = -NEVER;

  /** When to come back with a `tick`. */
  nextAt = NEVER;

  handle(sign: Sign, now: number, canSignal: boolean): Step[] {
    const steps: Step[] = [];
    // Whatever is heard first after a sleep: timers of hidden pages come late.
    let hasSlept = now > this.nextAt + LATE_MS;
    switch (sign) {
      case 'connected':
        this.restartAt = NEVER;
        if (!this.isUp) steps.push('tell_up');
        if (this.isDown) this.settledAt = now + SETTLES_MS;
        this.wasUp = this.isUp = true;
        this.isDown = false;
        this.tellAt = NEVER;
        break;
      case 'replaced':
        // Nobody need hear of it, where the next one is up soon.
        this.tellBy(now + PATIENCE_MS);
        this.isUp = false;
        this.restartBy(now + RESTART_MS);
        break;
      case 'disconnected':
      case 'failed':
        this.tellBy(now < this.settledAt ? now + PATIENCE_MS : now);
        this.isUp = false;
        this.restartBy(sign === 'failed' || now < this.signAt + SIGN_HOLDS_MS ? now : now + DISCONNECTED_MS);
        break;
      case 'network':
      case 'resumed':
        this.signAt = now;
        if (sign === 'network' || this.isDown || hasSlept) this.restartBy(now);
        // The socket is new already, or about to be.
        hasSlept = false;
        break;
      case 'permitted':
        if (!this.isUp) this.restartBy(now + PERMITTED_MS);
    }
    if (now >= this.checkAt) this.checkAt = now + CHECK_MS;
    if (now >= this.tellAt) {
      this.tellAt = NEVER;
      this.isDown = true;
      steps.push('tell_down');
    }
    // Whoever is told says that the network is another, and a restart belongs to that.
    if (hasSlept) steps.push('tell_woken');
    else if (now >= this.restartAt && canSignal) {
      this.restartedAt = now;
      this.restartAt = this.isUp ? NEVER : now + RESTART_MS;
      steps.push('restart');
    }
    // What is overdue waits for the socket, not for the time.
    this.nextAt = Math.min(this.checkAt, this.tellAt, this.restartAt > now ? this.restartAt : NEVER);
    return steps;
  }

  private tellBy(at: number): void {
    if (this.wasUp && !this.isDown) this.tellAt = Math.min(this.tellAt, at);
  }

  private restartBy(at: number): void {
    this.restartAt = Math.min(this.restartAt, Math.max(at, this.restartedAt + TOGETHER_MS));
  }
}
