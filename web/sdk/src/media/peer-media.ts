import type { Incoming, Outgoing } from '../call/peer-link';
import type { IceConfiguration } from '../generated/IceConfiguration';
import type { MediaPath } from '../generated/MediaPath';
import type { PeerCandidate } from '../generated/PeerCandidate';
import type { Logger } from '../logger';
import type { Platform } from '../platform';
import type { Tickets } from '../session/tickets';
import type { Kind } from './capture';
import { LinkWatch } from './link-watch';
import { PathWatch } from './path-watch';
import type { Step } from './reconnection';
import { withLossProtection, withoutCandidates } from './sdp';
import { setSending, tune } from './sending';

/** Candidates that come within this time of others travel together. The first leave at once. */
const CANDIDATE_BATCH_MS = 30;
/** The most candidates of a peer that are taken in a negotiation: each makes the engine send. */
const MAX_CANDIDATES = 200;
/** A peer makes this side offer, or take an offer, no more often than this. A connection that breaks is worth three offers at once. */
const TURN_MS = 1_000;
const OFFERS_AT_ONCE = 3;
/** The most media sections that are taken of a caller, which has two: what is sent is encoded for each of them. */
const MAX_SECTIONS = 4;
/** The most messages of a peer that wait for their turn. */
const MAX_WAITING = 64;

/** By then pictures flow. */
const TUNE_AFTER_MS = 1_000;
/** A ticket as young as this is not replaced at an ICE restart: during an outage there is one every few seconds. */
const TICKET_SERVES_MS = 30_000;
/** A socket names no more tickets for one call: of more than these the server gives up the oldest. */
const MAX_TICKETS = 8;

type Offer = Incoming & { kind: 'offer' };

/** What the media of a call tells the call. */
export interface PeerMediaOwner {
  post(message: Outgoing): void;
  /** Whether the signalling socket is there. */
  canSignal(): boolean;
  /** The machine has slept. */
  handleWoken(): void;
  /** Media flows, or has stopped. */
  handleLink(isUp: boolean): void;
  /** Which path media takes; nothing while that is not known. */
  handlePath(path: MediaPath | undefined): void;
  /** The connection uses this ticket from here on. */
  handleTicket(ticket: string): void;
}

/**
 * The connection of a call to the other side. The caller alone makes offers, first and at each ICE restart, so two
 * never meet. The callee prepares its answer while it rings, but until `accept` the engine is told no candidate, and
 * nothing is sent. Where an engine does not mend a connection that has failed, both sides replace theirs by the next.
 */
export class PeerMedia {
  /** What this side sends, and what the other side does. */
  readonly localStream: MediaStream;
  readonly remoteStream: MediaStream;
  private connection: RTCPeerConnection;
  private readonly watch: LinkWatch;
  private pathWatch: PathWatch;
  private configuration: IceConfiguration;
  private ticketTakenAt = 0;
  /** How many the server has been told since the socket was opened. */
  private ticketCount = 0;
  private generation = 0;
  /** The last offer of the other side, until it is taken. Those before it need no answer. */
  private newestOffer: Offer | undefined;
  /** How many connections have been replaced, and will have been after the offers that wait for their turn. */
  private connectionNumber = 0;
  private offeredNumber = 0;
  private isAccepted: boolean;
  /** The two sides have met: from here on another way may be looked for. */
  private isNegotiated = false;
  /** The caller's next offer waits for its turn. */
  private isOffering = false;
  private isListening = true;
  private isClosed = false;
  /** Steps of a negotiation, one after the other. */
  private steps: Promise<void> = Promise.resolve();
  private readonly tracks: Record<Kind, MediaStreamTrack | null> = { audio: null, video: null };
  private localCandidates: PeerCandidate[] = [];
  private hasToldCandidates = false;
  private batchTimer: ReturnType<typeof setTimeout> | undefined;
  private tuneTimer: ReturnType<typeof setTimeout> | undefined;
  private queuedCandidates: PeerCandidate[] = [];
  private candidatesLeft = MAX_CANDIDATES;
  private waitingCount = 0;
  private nextTurnAt = Number.NEGATIVE_INFINITY;
  /** The callee's answer, made while it rings. */
  private answer: RTCSessionDescriptionInit | undefined;
  private isAnswerSent = false;

  constructor(
    private readonly platform: Platform,
    private readonly logger: Logger,
    private readonly tickets: Tickets,
    private readonly isCaller: boolean,
    private readonly isVideo: boolean,
    private readonly owner: PeerMediaOwner,
  ) {
    this.isAccepted = isCaller;
    this.localStream = platform.createStream();
    this.remoteStream = platform.createStream();
    const configuration = tickets.take();
    this.configuration = configuration ?? tickets.withoutTicket();
    this.watch = new LinkWatch(platform.isChromium(), {
      canSignal: () => owner.canSignal(),
      handleStep: (step) => this.handleStep(step),
    });
    this.connection = this.connect();
    this.pathWatch = this.watchPath();
    if (!configuration) this.step(() => this.awaitTicket());
    else this.nameTicket();
  }

  /** Caller: makes the first offer. */
  offer(): void {
    this.step(async () => {
      await this.addTransceivers();
      await this.sendOffer();
    });
  }

  /** Callee: the user has accepted; the answer may leave, and the engine may learn where the caller is. */
  accept(): void {
    if (this.isAccepted) return;
    this.isAccepted = true;
    // In this same turn, so that it goes right behind `accept` on the socket.
    this.sendAnswer();
    this.step(() => this.finishAnswer());
  }

  handle(message: Incoming): void {
    if (this.waitingCount >= MAX_WAITING) return;
    this.waitingCount += 1;
    if (message.kind === 'offer') this.newestOffer = message;
    this.step(async () => {
      this.waitingCount -= 1;
      switch (message.kind) {
        case 'offer':
          return this.handleOffer(message);
        case 'answer':
          return this.handleAnswer(message.generation, message.sdp);
        case 'candidates':
          return this.handleCandidates(message.generation, message.candidates);
        case 'restart':
          return this.handleRestart(message.connection);
      }
    });
  }

  /** Whether what the other side sends is heard and seen, from now on. */
  setListening(isListening: boolean): void {
    this.isListening = isListening;
    for (const track of this.remoteStream.getTracks()) track.enabled = isListening;
  }

  /** Sends this track from now on, or nothing. */
  setTrack(kind: Kind, track: MediaStreamTrack | null): void {
    const old = this.tracks[kind];
    if (old === track) return;
    this.tracks[kind] = track;
    if (old) this.localStream.removeTrack(old);
    if (track) this.localStream.addTrack(track);
    this.step(async () => {
      for (const transceiver of this.connection.getTransceivers()) {
        if (kindOf(transceiver) !== kind) continue;
        await transceiver.sender.replaceTrack(this.tracks[kind]);
        await setSending(transceiver.sender, this.tracks[kind] !== null);
      }
    });
    if (this.connection.connectionState === 'connected') this.tuneSoon();
  }

  /** Permission for the devices has come. */
  handlePermission(): void {
    this.watch.handle('permitted');
  }

  /** Finds another way to the other side: the caller offers anew, the callee asks it to. */
  private restart(): void {
    if (!this.isAccepted) return;
    const number = this.connectionNumber + (this.watch.isBroken ? 1 : 0);
    if (this.isCaller) this.offerAnew(number);
    else this.owner.post({ kind: 'restart', connection: number });
  }

  /** The callee asks for an offer, of the next connection where its own is broken. One of the same that is under way will do. */
  private async handleRestart(number = 0): Promise<void> {
    const isDue = () =>
      this.isCaller &&
      (number === this.offeredNumber
        ? !this.isOffering && this.connection.signalingState === 'stable'
        : number === this.offeredNumber + 1 && (!this.isOffering || number <= this.connectionNumber + 1));
    if (!isDue()) return;
    await this.takeTurn(1);
    // Meanwhile this side may have offered by itself.
    if (isDue()) this.offerAnew(number);
  }

  /** Waits where the peer has had so many turns at once. */
  private async takeTurn(atOnce: number): Promise<void> {
    const now = this.platform.now();
    const at = Math.max(this.nextTurnAt, now - (atOnce - 1) * TURN_MS);
    this.nextTurnAt = at + TURN_MS;
    if (at > now) await new Promise((done) => setTimeout(done, at - now));
  }

  private offerAnew(number: number): void {
    this.isOffering = true;
    this.offeredNumber = Math.max(this.offeredNumber, number);
    this.step(async () => {
      this.isOffering = false;
      if (!this.isNegotiated) return;
      this.generation += 1;
      this.takeNewer();
      if (number > this.connectionNumber) {
        this.replace(number);
        await this.addTransceivers();
        await this.sendOffer();
      } else {
        await this.sendOffer({ iceRestart: true });
      }
    });
  }

  private connect(): RTCPeerConnection {
    const connection = this.platform.createPeerConnection(rtcConfiguration(this.configuration));
    connection.ontrack = ({ track }) => this.handleRemoteTrack(track);
    connection.onicecandidate = ({ candidate }) => this.handleLocalCandidate(candidate);
    this.watch.follow(connection);
    return connection;
  }

  private watchPath(): PathWatch {
    return new PathWatch(this.connection, (path) => this.owner.handlePath(path));
  }

  /** Goes on with a connection of its own, as if it were the first. */
  private replace(number: number): void {
    this.disconnect();
    for (const track of this.remoteStream.getTracks()) this.remoteStream.removeTrack(track);
    this.connectionNumber = number;
    this.connection = this.connect();
    this.pathWatch = this.watchPath();
  }

  private disconnect(): void {
    this.pathWatch.stop();
    this.connection.ontrack = this.connection.onicecandidate = null;
    this.connection.close();
  }

  private async addTransceivers(): Promise<void> {
    const init: RTCRtpTransceiverInit = { direction: 'sendrecv', streams: [this.localStream] };
    await this.attach(this.connection.addTransceiver('audio', init));
    if (this.isVideo) await this.attach(this.connection.addTransceiver('video', init));
  }

  /** The socket is another, to which the present ticket alone has been named; and the relay may be another. */
  handleResumed(): void {
    this.ticketCount = Math.min(this.ticketCount, 1);
    this.ticketTakenAt = Number.NEGATIVE_INFINITY;
    this.watch.handle('resumed');
  }

  /** The network may have changed. */
  handleNetworkChange(): void {
    if (this.isNegotiated) this.watch.handle('network');
  }

  readStats(): Promise<RTCStatsReport> {
    return this.connection.getStats();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.batchTimer);
    clearTimeout(this.tuneTimer);
    this.watch.stop();
    this.disconnect();
    if (this.configuration.ticket !== undefined) this.tickets.release(this.configuration.ticket);
  }

  private handleStep(step: Step): void {
    if (step === 'restart') return this.restart();
    if (step === 'tell_woken') return this.owner.handleWoken();
    const isUp = step === 'tell_up';
    if (isUp) this.tuneSoon();
    this.pathWatch.handleLink(isUp);
    this.owner.handleLink(isUp);
  }

  /** Not before the first picture has gone: an encoder that is told something else starts anew. */
  private tuneSoon(): void {
    clearTimeout(this.tuneTimer);
    this.tuneTimer = setTimeout(() => {
      this.step(async () => {
        for (const transceiver of this.connection.getTransceivers()) {
          await tune(transceiver.sender, kindOf(transceiver)).catch((thrown: unknown) => this.logger.info('a sender keeps its own ways', thrown));
        }
      });
    }, TUNE_AFTER_MS);
  }

  /** Nothing has been gathered yet: what comes in time is as good as if it had been there from the start. */
  private async awaitTicket(): Promise<void> {
    this.use(await this.tickets.next(() => !this.isClosed));
  }

  /** A call that outlives its ticket, or the relay that it was for, gets a relay again by a newer one. */
  private takeNewer(): void {
    const isYoung = this.configuration.ticket !== undefined && this.platform.now() - this.ticketTakenAt < TICKET_SERVES_MS;
    if (!isYoung && this.ticketCount < MAX_TICKETS) this.use(this.tickets.take());
  }

  /** What is gathered next, it gathers with this. */
  private use(configuration: IceConfiguration | undefined): void {
    if (!configuration || configuration === this.configuration) return;
    this.configuration = configuration;
    try {
      this.connection.setConfiguration(rtcConfiguration(configuration));
    } catch (thrown) {
      this.logger.warn('The ICE servers stay as they are.', thrown);
    }
    this.nameTicket();
  }

  private nameTicket(): void {
    const { ticket } = this.configuration;
    if (ticket === undefined) return;
    this.ticketTakenAt = this.platform.now();
    this.ticketCount += 1;
    this.owner.handleTicket(ticket);
  }

  private async sendOffer(options?: RTCOfferOptions): Promise<void> {
    this.forgetCandidates();
    const { generation, connectionNumber: connection } = this;
    const offer = await this.connection.createOffer(options);
    // Before the engine is told, so that no candidate can overtake it.
    this.owner.post({ kind: 'offer', generation, connection, sdp: offer.sdp ?? '' });
    await this.connection.setLocalDescription(offer);
  }

  private async handleOffer(offer: Offer): Promise<void> {
    // What came of it would be half a connection; the next one has been asked for.
    const isUseless = () => this.watch.isBroken && offer.connection <= this.connectionNumber;
    if (this.isCaller || offer !== this.newestOffer || isUseless()) return;
    await this.takeTurn(OFFERS_AT_ONCE);
    offer = this.newestOffer;
    if (this.isClosed || isUseless()) return;
    this.newestOffer = undefined;
    if (offer.connection > this.connectionNumber) this.replace(offer.connection);
    const { sdp, candidates } = withoutCandidates(offer.sdp);
    if (sdp.split(/^m=/im).length > MAX_SECTIONS + 1) return;
    const isFirst = !this.connection.remoteDescription;
    this.generation = offer.generation;
    this.answer = undefined;
    this.isAnswerSent = false;
    this.forgetCandidates();
    if (!isFirst) this.takeNewer();
    await this.connection.setRemoteDescription({ type: 'offer', sdp: withLossProtection(sdp) });
    this.isNegotiated = true;
    this.queue(candidates);
    if (isFirst) await this.takeTransceivers();
    const answer = await this.connection.createAnswer();
    this.answer = answer;
    // Elsewhere than in Chromium a local answer without remote candidates fails for good after some seconds.
    if (this.platform.isChromium() && !this.isAccepted) await this.connection.setLocalDescription(answer);
    // The user may have accepted meanwhile.
    if (this.isAccepted) await this.finishAnswer();
  }

  /** Sends the answer, if it has not been sent, and tells the engine what it may know now. */
  private async finishAnswer(): Promise<void> {
    this.sendAnswer();
    if (this.answer && this.connection.signalingState === 'have-remote-offer') {
      await this.connection.setLocalDescription(this.answer);
    }
    await this.addQueued();
  }

  private sendAnswer(): void {
    if (!this.answer || this.isAnswerSent) return;
    this.isAnswerSent = true;
    this.owner.post({ kind: 'answer', generation: this.generation, sdp: this.answer.sdp ?? '' });
    this.flushCandidates();
  }

  private async handleAnswer(generation: number, sdp: string): Promise<void> {
    if (!this.isCaller || generation !== this.generation) return;
    if (this.connection.signalingState !== 'have-local-offer') return;
    await this.connection.setRemoteDescription({ type: 'answer', sdp: withLossProtection(sdp) });
    this.isNegotiated = true;
    await this.addQueued();
  }

  private async handleCandidates(generation: number, candidates: PeerCandidate[]): Promise<void> {
    if (generation !== this.generation || !Array.isArray(candidates)) return;
    this.queue(candidates);
    await this.addQueued();
  }

  private queue(candidates: PeerCandidate[]): void {
    const taken = candidates.slice(0, this.candidatesLeft);
    this.candidatesLeft -= taken.length;
    this.queuedCandidates.push(...taken);
  }

  private async addQueued(): Promise<void> {
    if (!this.isAccepted || !this.connection.remoteDescription) return;
    for (let next; (next = this.queuedCandidates.shift()); ) {
      try {
        await this.connection.addIceCandidate({
          candidate: next.candidate,
          sdpMid: next.sdp_mid ?? null,
          sdpMLineIndex: next.sdp_m_line_index ?? null,
        });
      } catch {
        this.logger.info('a candidate of the other side was refused');
      }
    }
  }

  /** Callee: sends on the ways that the caller offers. */
  private async takeTransceivers(): Promise<void> {
    for (const transceiver of this.connection.getTransceivers()) {
      transceiver.direction = 'sendrecv';
      transceiver.sender.setStreams?.(this.localStream);
      await this.attach(transceiver);
    }
  }

  private async attach(transceiver: RTCRtpTransceiver): Promise<void> {
    const track = this.tracks[kindOf(transceiver)];
    if (track && transceiver.sender.track !== track) await transceiver.sender.replaceTrack(track);
  }

  private handleRemoteTrack(track: MediaStreamTrack): void {
    track.enabled = this.isListening;
    if (!this.remoteStream.getTracks().includes(track)) this.remoteStream.addTrack(track);
  }

  private handleLocalCandidate(candidate: RTCIceCandidate | null): void {
    if (candidate) {
      this.localCandidates.push({
        candidate: candidate.candidate,
        sdp_mid: candidate.sdpMid ?? undefined,
        sdp_m_line_index: candidate.sdpMLineIndex ?? undefined,
      });
    }
    if (!this.mayTellCandidates()) return;
    if (candidate) this.batchTimer ??= setTimeout(() => this.flushCandidates(), this.hasToldCandidates ? CANDIDATE_BATCH_MS : 0);
    else this.flushCandidates();
  }

  /** The callee's stay here until its answer has left. */
  private mayTellCandidates(): boolean {
    return this.isCaller || (this.isAccepted && this.isAnswerSent);
  }

  /** What is gathered and heard of next is of another generation. */
  private forgetCandidates(): void {
    this.localCandidates = [];
    this.queuedCandidates = [];
    this.candidatesLeft = MAX_CANDIDATES;
    this.hasToldCandidates = false;
  }

  private flushCandidates(): void {
    clearTimeout(this.batchTimer);
    this.batchTimer = undefined;
    if (this.localCandidates.length === 0 || this.isClosed) return;
    this.hasToldCandidates = true;
    this.owner.post({ kind: 'candidates', generation: this.generation, candidates: this.localCandidates.splice(0) });
  }

  private step(work: () => Promise<void>): void {
    this.steps = this.steps.then(async () => {
      if (this.isClosed) return;
      try {
        await work();
      } catch (thrown) {
        if (!this.isClosed) this.logger.error('media could not be negotiated', thrown);
      }
    });
  }
}

function rtcConfiguration({ ice_servers, ice_transport_policy }: IceConfiguration): RTCConfiguration {
  return { iceServers: ice_servers, iceTransportPolicy: ice_transport_policy, bundlePolicy: 'max-bundle' };
}

function kindOf(transceiver: RTCRtpTransceiver): Kind {
  return transceiver.receiver.track.kind === 'video' ? 'video' : 'audio';
}
