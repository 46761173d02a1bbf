import type { PeerMessage } from '../generated/PeerMessage';
import { Pace } from '../pace';

type Numbered = Exclude<PeerMessage, { kind: 'ack' | 'need' }>;
type WithoutSeq<M> = M extends { seq: number } ? Omit<M, 'seq'> : never;
/** A message to the peer, before it is numbered. */
export type Outgoing = WithoutSeq<Numbered>;
export type Incoming = Numbered;

/** The most messages kept for a silent peer. */
const MAX_KEPT = 256;
/** The most messages of a device kept that came before their turn. */
const MAX_AHEAD = 64;
/**
 * The server takes 50 messages a second from a socket, and cuts one that goes on. Whatever a peer says, what is sent because of
 * it stays below: so many messages are repeated at a time, with a pause that grows with their number up to [`REPEAT_MS`], and
 * what came is answered so often.
 */
const REPEATED_AT_ONCE = 32;
const REPLY_MS = 100;
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
 * `need`, since nothing else of the callee may leave before accept. `open` says that the call is accepted. What a caller was
 * told before that may be of any device, and is not even kept: the one that has accepted, which alone is passed on from then
 * on, is asked for it.
 */
export class PeerLink {
  private lastSeq = 0;
  private readonly kept = new Map<number, string>();
  private readonly received = new Map<string, Received>();
  /** Of the device that was heard last. */
  private heard: Received | undefined;
  /** Sends again what the peer may not have, from the number that it has asked for. */
  private readonly repeats = new Pace(() => {
    const due = [...this.kept].filter(([seq]) => seq >= this.asked).slice(0, REPEATED_AT_ONCE);
    for (const [, body] of due) this.send(body);
    this.asked = Number.POSITIVE_INFINITY;
    return (due.length * REPEAT_MS) / REPEATED_AT_ONCE;
  });
  private asked = Number.POSITIVE_INFINITY;
  private readonly replies = new Pace(() => {
    this.reply();
    return REPLY_MS;
  });
  /** The number that this side has last asked for. */
  private needed = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private repeatMs = REPEAT_MS;
  private isOpen = false;
  private isClosed = false;
  /** The caller has been told something that only the device which accepts may say. */
  private isUnheard = false;

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
    this.acknowledge();
    if (this.isCallee || this.isUnheard) this.need();
    this.repeatMs = REPEAT_MS;
    this.scheduleRepeat();
  }

  /** The socket is back: whatever was under way may be lost. */
  resume(): void {
    if (this.isClosed) return;
    this.repeatFrom(0);
    if (this.isCallee || this.isOpen) this.need();
    this.repeatMs = REPEAT_MS;
    this.scheduleRepeat();
  }

  /** Asks for what has not arrived. */
  need(): void {
    this.needed = this.next();
    this.send(JSON.stringify({ kind: 'need', seq: this.needed } satisfies PeerMessage));
  }

  handle(fromDevice: string, body: string): void {
    const message = parse(body);
    if (!message || this.isClosed) return;
    if (message.kind === 'need') {
      this.repeatFrom(message.seq);
    } else if (!this.isCallee && !this.isOpen) {
      // Nobody has accepted yet: what claims to come from the callee must not make anything flow.
      this.isUnheard = true;
    } else if (message.kind === 'ack') {
      for (const seq of this.kept.keys()) if (seq <= message.seq) this.kept.delete(seq);
      this.repeatMs = REPEAT_MS;
    } else {
      this.receive(fromDevice, message);
    }
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.repeats.stop();
    this.replies.stop();
    this.kept.clear();
    this.received.clear();
  }

  private receive(fromDevice: string, message: Incoming): void {
    const from: Received = this.received.get(fromDevice) ?? { next: 1, ahead: new Map() };
    this.received.set(fromDevice, from);
    this.heard = from;
    if (message.seq === from.next || (message.seq > from.next && from.ahead.size < MAX_AHEAD)) from.ahead.set(message.seq, message);
    for (let due; (due = from.ahead.get(from.next)); ) {
      from.ahead.delete(from.next);
      from.next += 1;
      this.deliver(due);
    }
    if (from.ahead.size > 0) this.scheduleRepeat();
    this.replies.ask();
  }

  /** Says what has arrived, and asks for what a gap lacks: once, before the time for repetitions comes. */
  private reply(): void {
    if (this.isOpen) this.acknowledge();
    if (this.next() !== this.needed && this.isMissing()) this.need();
  }

  private acknowledge(): void {
    const last = this.next() - 1;
    if (last > 0) this.send(JSON.stringify({ kind: 'ack', seq: last } satisfies PeerMessage));
  }

  /** The first number that has not arrived. After accept, one device speaks for the peer. */
  private next(): number {
    return this.heard?.next ?? 1;
  }

  private repeatFrom(seq: number): void {
    this.asked = Math.min(this.asked, seq);
    this.repeats.ask();
  }

  private scheduleRepeat(): void {
    clearTimeout(this.timer);
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      if ((this.isOpen && this.kept.size > 0) || this.isMissing()) {
        this.repeatFrom(0);
        if (this.isMissing()) this.need();
        this.repeatMs = Math.min(this.repeatMs * 2, LONGEST_REPEAT_MS);
        this.scheduleRepeat();
      } else {
        this.repeatMs = REPEAT_MS;
      }
    }, this.repeatMs);
  }

  /** The callee waits for the offer at least; everybody for what a gap lacks. */
  private isMissing(): boolean {
    return this.heard ? this.heard.ahead.size > 0 : this.isCallee;
  }
}

function parse(body: string): PeerMessage | undefined {
  try {
    const message = JSON.parse(body);
    return [message.seq, message.generation ?? 0, message.connection ?? 0].every(Number.isInteger) ? message : undefined;
  } catch {
    return undefined;
  }
}
