import type { PeerMessage } from '../generated/PeerMessage';

type Numbered = Exclude<PeerMessage, { kind: 'ack' | 'need' }>;
type WithoutSeq<M> = M extends { seq: number } ? Omit<M, 'seq'> : never;
/** A message to the peer, before it is numbered. */
export type Outgoing = WithoutSeq<Numbered>;
export type Incoming = Numbered;

/** The most messages kept for, or ahead of, a silent peer. */
const MAX_KEPT = 256;
/** How long to wait for an acknowledgement, or for what is missing, before the first repetition; doubled up to the longest. */
const REPEAT_MS = 2_000;
const LONGEST_REPEAT_MS = 16_000;

interface Received {
  next: number;
  /** Arrived before their turn. */
  ahead: Map<number, Incoming>;
}

/**
 * Numbers what goes to the peer, keeps it until it is acknowledged, and puts what comes in order.
 *
 * While a call rings, nobody acknowledges: the caller speaks to every device of the callee, and those send nothing but
 * `need`, since nothing else of the callee may leave before accept. `open` says that the call is accepted.
 */
export class PeerLink {
  private lastSeq = 0;
  private readonly kept = new Map<number, string>();
  private readonly received = new Map<string, Received>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private repeatMs = REPEAT_MS;
  private isOpen = false;
  private isClosed = false;

  constructor(
    private readonly isCallee: boolean,
    private readonly send: (body: string) => void,
    private readonly deliver: (message: Incoming) => void,
  ) {
    this.scheduleRepeat();
  }

  /** Sends a message, again and again until it is acknowledged. */
  post(message: Outgoing): void {
    if (this.isClosed) return;
    this.lastSeq += 1;
    const body = JSON.stringify({ ...message, seq: this.lastSeq });
    if (this.kept.size < MAX_KEPT) this.kept.set(this.lastSeq, body);
    this.send(body);
    this.scheduleRepeat();
  }

  /** The call is accepted: from here on this side answers. */
  open(): void {
    if (this.isOpen || this.isClosed) return;
    this.isOpen = true;
    if (this.isCallee) {
      this.acknowledge(this.next());
      this.need();
    }
    this.repeatMs = REPEAT_MS;
    this.scheduleRepeat();
  }

  /** The socket is back: whatever was under way may be lost. */
  resume(): void {
    if (this.isClosed) return;
    this.sendKept(0);
    if (this.isCallee || this.isOpen) this.need();
    this.repeatMs = REPEAT_MS;
    this.scheduleRepeat();
  }

  /** Asks for what has not arrived. */
  need(): void {
    this.send(JSON.stringify({ kind: 'need', seq: this.next() } satisfies PeerMessage));
  }

  handle(fromDevice: string, body: string): void {
    const message = parse(body);
    if (!message || this.isClosed) return;
    // Nobody has accepted yet: what claims to come from the callee must not make anything flow.
    if (!this.isCallee && !this.isOpen && message.kind !== 'need') return;
    if (message.kind === 'need') {
      this.sendKept(message.seq);
    } else if (message.kind === 'ack') {
      for (const seq of [...this.kept.keys()]) if (seq <= message.seq) this.kept.delete(seq);
      this.repeatMs = REPEAT_MS;
    } else {
      this.receive(fromDevice, message);
    }
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.kept.clear();
    this.received.clear();
  }

  private receive(fromDevice: string, message: Incoming): void {
    let from = this.received.get(fromDevice);
    if (!from) {
      if (this.received.size >= MAX_KEPT) return;
      from = { next: 1, ahead: new Map() };
      this.received.set(fromDevice, from);
    }
    if (message.seq > from.next) {
      const isNewGap = from.ahead.size === 0;
      if (from.ahead.size < MAX_KEPT) from.ahead.set(message.seq, message);
      if (isNewGap) this.need();
      this.scheduleRepeat();
      return;
    }
    if (message.seq === from.next) {
      let due: Incoming | undefined = message;
      while (due) {
        from.ahead.delete(from.next);
        from.next += 1;
        this.deliver(due);
        due = from.ahead.get(from.next);
      }
    }
    if (this.isOpen || !this.isCallee) this.acknowledge(from.next);
  }

  private acknowledge(next: number): void {
    if (next > 1) this.send(JSON.stringify({ kind: 'ack', seq: next - 1 } satisfies PeerMessage));
  }

  /** The first number that has not arrived. After accept, one device speaks for the peer. */
  private next(): number {
    return Math.max(1, ...[...this.received.values()].map((from) => from.next));
  }

  private sendKept(fromSeq: number): void {
    for (const [seq, body] of this.kept) if (seq >= fromSeq) this.send(body);
  }

  private scheduleRepeat(): void {
    clearTimeout(this.timer);
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      if (this.isWaiting()) {
        this.sendKept(0);
        if (this.isMissing()) this.need();
        this.repeatMs = Math.min(this.repeatMs * 2, LONGEST_REPEAT_MS);
        this.scheduleRepeat();
      } else {
        this.repeatMs = REPEAT_MS;
      }
    }, this.repeatMs);
  }

  private isWaiting(): boolean {
    return (this.isOpen && this.kept.size > 0) || this.isMissing();
  }

  /** The callee waits for the offer at least; everybody for what a gap lacks. */
  private isMissing(): boolean {
    const received = [...this.received.values()];
    return (this.isCallee && received.length === 0) || received.some((from) => from.ahead.size > 0);
  }
}

function parse(body: string): PeerMessage | undefined {
  try {
    const message = JSON.parse(body) as PeerMessage;
    return typeof message === 'object' && message !== null && typeof message.seq === 'number' ? message : undefined;
  } catch {
    return undefined;
  }
}
