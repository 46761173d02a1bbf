import type { Platform } from '../src/platform';

/** A socket whose other end is the test. */
export class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;
  /** A server that is there is heard after each message; a network that drops everything is not. */
  isDeaf = false;
  readonly sent: Array<Record<string, unknown>> = [];

  constructor(readonly url: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text));
    if (!this.isDeaf) setTimeout(() => this.receive({ type: 'ping' }), 100);
  }

  close(): void {
    this.isClosed = true;
  }

  receive(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  lose(): void {
    this.onclose?.();
  }

  ofType(type: string): Array<Record<string, unknown>> {
    return this.sent.filter((message) => message['type'] === type);
  }

  /** The peer messages in the signals sent. */
  peerMessages(kind?: string): Array<Record<string, unknown>> {
    const bodies = this.ofType('signal').map((signal) => JSON.parse(String(signal['body'])));
    return bodies.filter((body) => kind === undefined || body.kind === kind);
  }
}

export class FakeTrack {
  enabled = true;
  isStopped = false;
  readyState = 'live';
  onended: (() => void) | null = null;
  constructor(
    readonly kind: string,
    readonly deviceId = 'default',
  ) {}
  stop(): void {
    this.isStopped = true;
    this.readyState = 'ended';
  }
  /** The device is pulled out. */
  unplug(): void {
    this.readyState = 'ended';
    this.onended?.();
  }
  getSettings(): MediaTrackSettings {
    return {};
  }
}

export class FakeStream {
  private readonly tracks = new Set<FakeTrack>();
  constructor(tracks: FakeTrack[] = []) {
    for (const track of tracks) this.tracks.add(track);
  }
  getTracks(): FakeTrack[] {
    return [...this.tracks];
  }
  getAudioTracks(): FakeTrack[] {
    return this.getTracks().filter(({ kind }) => kind === 'audio');
  }
  getVideoTracks(): FakeTrack[] {
    return this.getTracks().filter(({ kind }) => kind === 'video');
  }
  addTrack(track: FakeTrack): void {
    this.tracks.add(track);
  }
  removeTrack(track: FakeTrack): void {
    this.tracks.delete(track);
  }
}

class FakeTransceiver {
  direction = 'recvonly';
  readonly receiver: { track: FakeTrack };
  readonly sender = {
    transport: { iceTransport: null as { onselectedcandidatepairchange: (() => void) | null } | null },
    track: null as FakeTrack | null,
    replaceTrack: async (track: FakeTrack | null) => {
      this.sender.track = track;
    },
    setStreams: () => undefined,
  };
  constructor(kind: string) {
    this.receiver = { track: new FakeTrack(kind) };
  }
}

/** Follows the state machine of descriptions and notes what it was told. */
export class FakePeerConnection {
  ontrack: ((event: { track: FakeTrack }) => void) | null = null;
  onicecandidate: ((event: { candidate: object | null }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  signalingState = 'stable';
  connectionState = 'new';
  iceConnectionState = 'new';
  remoteDescription: { type: string; sdp: string } | null = null;
  localDescription: { type: string; sdp: string } | null = null;
  isClosed = false;
  readonly candidates: Array<{ candidate: string }> = [];
  readonly offers: Array<RTCOfferOptions | undefined> = [];
  private readonly transceivers: FakeTransceiver[] = [];

  /** What `getStats` tells. */
  stats = new Map<string, object>();
  /** What was to be used when gathering last began. */
  gathersWith: RTCConfiguration | undefined;

  constructor(public configuration: RTCConfiguration) {}

  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }

  async getStats(): Promise<Map<string, object>> {
    return this.stats;
  }

  addTransceiver(kind: string, init: { direction: string }): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind);
    transceiver.direction = init.direction;
    this.transceivers.push(transceiver);
    return transceiver;
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  async createOffer(options?: RTCOfferOptions): Promise<{ type: string; sdp: string }> {
    this.offers.push(options);
    return { type: 'offer', sdp: `offer ${this.offers.length}` };
  }

  async createAnswer(): Promise<{ type: string; sdp: string }> {
    if (this.signalingState !== 'have-remote-offer') throw new Error('no offer to answer');
    return { type: 'answer', sdp: `answer to ${this.remoteDescription?.sdp}` };
  }

  async setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    this.localDescription = description;
    this.gathersWith = this.configuration;
    this.signalingState = description.type === 'offer' ? 'have-local-offer' : 'stable';
  }

  async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    this.remoteDescription = description;
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable';
    if (description.type === 'offer' && this.transceivers.length === 0) this.transceivers.push(new FakeTransceiver('audio'));
  }

  async addIceCandidate(candidate: { candidate: string }): Promise<void> {
    this.candidates.push(candidate);
  }

  close(): void {
    this.isClosed = true;
  }

  gather(candidate: string | null): void {
    this.onicecandidate?.({ candidate: candidate === null ? null : { candidate, sdpMid: '0', sdpMLineIndex: 0 } });
  }

  become(state: string, iceState = state): void {
    this.connectionState = state;
    this.iceConnectionState = iceState;
    this.oniceconnectionstatechange?.();
    this.onconnectionstatechange?.();
  }
}

export interface Fetched {
  url: string;
  init: RequestInit;
  answer: (body: unknown, status?: number) => void;
  fail: () => void;
}

/** A browser in which nothing happens but what the test makes happen. */
export class FakeBrowser {
  readonly sockets: FakeSocket[] = [];
  readonly connections: FakePeerConnection[] = [];
  /** Of each connection: what it sends, and what the other side does. */
  readonly streams: FakeStream[] = [];
  readonly fetched: Fetched[] = [];
  readonly captured: FakeTrack[] = [];
  readonly captureRequests: MediaStreamConstraints[] = [];
  readonly reported: unknown[] = [];
  readonly stored = new Map<string, string>();
  private readonly networkWatchers = new Set<{ changed: () => void; seen: () => void }>();
  /** What getUserMedia refuses. */
  denied: Array<'audio' | 'video'> = [];
  /** Devices that have been pulled out. */
  gone: string[] = [];
  /** What asking for a screen does; nothing, where the browser shows none. */
  display: (() => Promise<FakeStream>) | undefined;
  isChromium = true;
  randomness = 0.5;
  private drawn = 0;

  get socket(): FakeSocket {
    return last(this.sockets);
  }

  get connection(): FakePeerConnection {
    return last(this.connections);
  }

  changeNetwork(): void {
    for (const { changed } of this.networkWatchers) changed();
  }

  /** The user comes back to the page. */
  look(): void {
    for (const { seen } of this.networkWatchers) seen();
  }

  readonly platform: Platform = {
    openSocket: (url) => {
      const socket = new FakeSocket(url);
      this.sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    fetch: (url, init) =>
      new Promise((resolve, reject) => {
        init.signal?.addEventListener('abort', () => reject(new Error('aborted')));
        this.fetched.push({
          url,
          init,
          answer: (body, status = 200) =>
            resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })),
          fail: () => reject(new TypeError('network')),
        });
      }),
    createPeerConnection: (configuration) => {
      const connection = new FakePeerConnection(configuration);
      this.connections.push(connection);
      return connection as unknown as RTCPeerConnection;
    },
    createStream: () => {
      const stream = new FakeStream();
      this.streams.push(stream);
      return stream as unknown as MediaStream;
    },
    createAudio: () => {
      throw new Error('no sounds here');
    },
    mediaDevices: () =>
      ({
        getUserMedia: async (constraints: MediaStreamConstraints) => {
          this.captureRequests.push(constraints);
          const kinds = (['audio', 'video'] as const).filter((kind) => constraints[kind]);
          if (kinds.some((kind) => this.denied.includes(kind))) throw Object.assign(new Error('denied'), { name: 'NotAllowedError' });
          if (kinds.some((kind) => this.gone.includes(deviceOf(constraints[kind])))) {
            throw Object.assign(new Error('gone'), { name: 'OverconstrainedError' });
          }
          const tracks = kinds.map((kind) => new FakeTrack(kind, deviceOf(constraints[kind])));
          this.captured.push(...tracks);
          return new FakeStream(tracks);
        },
        ...(this.display && { getDisplayMedia: this.display }),
        enumerateDevices: async () => this.devices,
        addEventListener: (_: string, changed: () => void) => {
          this.plug = changed;
        },
      }) as unknown as MediaDevices,
    storage: () =>
      ({
        getItem: (key: string) => this.stored.get(key) ?? null,
        setItem: (key: string, value: string) => void this.stored.set(key, value),
      }) as unknown as Storage,
    randomBytes: (count) => {
      this.drawn += 1;
      return new Uint8Array(count).fill(this.drawn);
    },
    random: () => this.randomness,
    now: () => Date.now(),
    isChromium: () => this.isChromium,
    watchNetwork: (changed, seen) => {
      const watcher = { changed, seen };
      this.networkWatchers.add(watcher);
      return () => this.networkWatchers.delete(watcher);
    },
    onNextGesture: () => undefined,
    reportError: (thrown) => void this.reported.push(thrown),
  };

  devices: Array<{ kind: string; deviceId: string; label: string }> = [];
  plug: () => void = () => undefined;
}

function deviceOf(constraints: boolean | MediaTrackConstraints | undefined): string {
  const wanted = typeof constraints === 'object' ? constraints.deviceId : undefined;
  return typeof wanted === 'object' && 'exact' in wanted ? String(wanted.exact) : 'default';
}

function last<T>(list: T[]): T {
  const item = list.at(-1);
  if (!item) throw new Error('there is none');
  return item;
}
