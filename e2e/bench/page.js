/** In a page, before all else: notes when things happen to its peer connections, and can be a bare pair itself. */

const RealConnection = window.RTCPeerConnection;
/** One clock for all pages of a machine. */
const clock = () => performance.timeOrigin + performance.now();
let marks = {};
const mark = (name) => {
  marks[name] ??= clock();
};

window.RTCPeerConnection = class extends RealConnection {
  constructor(configuration) {
    mark('connection asked for');
    super(configuration);
    mark('connection made');
    this.addEventListener('track', ({ track }) => {
      if (track.kind === 'video') awaitFrame(track);
    });
    this.addEventListener('iceconnectionstatechange', () => mark(`ice ${this.iceConnectionState}`));
    this.addEventListener('connectionstatechange', () => mark(`connection ${this.connectionState}`));
  }

  async setRemoteDescription(description) {
    mark(`${description.type} received`);
    return super.setRemoteDescription(description);
  }

  /** Where there is a slow way, the other side is told of nothing else. Whoever tells does not wait while one is opened. */
  async addIceCandidate(candidate) {
    if (!window.setup.isSlow) return super.addIceCandidate(candidate);
    const words = candidate.candidate.split(' ');
    // The proxy speaks UDP over IPv4.
    if (words[2]?.toLowerCase() !== 'udp' || words[4].includes(':')) return;
    if (words[4].endsWith('.local')) throw new Error(`${words[4]} hides an address: nothing can be put before it`);
    const { sdpMid, sdpMLineIndex } = candidate;
    window.slowWayTo(`${words[4]}:${words[5]}`).then((way) => {
      [words[4], words[5]] = way.split(':');
      return super.addIceCandidate({ candidate: words.join(' '), sdpMid, sdpMLineIndex });
    });
  }
};

const nameOf = (frame) => /"type": ?"(\w+)"/.exec(frame)?.[1];
window.WebSocket = class extends WebSocket {
  constructor(url) {
    super(url);
    this.addEventListener('message', ({ data }) => mark(`${nameOf(data)} heard`));
  }

  send(frame) {
    mark(`${nameOf(frame)} sent`);
    super.send(frame);
  }
};

const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
/** A small picture, whoever asks: encoding a large one on a machine without hardware for it takes longer than all the rest. */
const SMALL = { width: 320, height: 180, frameRate: 60 };
navigator.mediaDevices.getUserMedia = async (constraints) => {
  mark('devices asked for');
  const stream = await getUserMedia({ ...constraints, ...(constraints.video ? { video: SMALL } : {}) });
  mark('devices open');
  return stream;
};

/** The first picture that was decoded, whether or not anybody looks at the page. */
function awaitFrame(track) {
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  reader.read().then(({ value }) => {
    if (value === undefined) return;
    mark(marks.frame === undefined ? 'frame' : 'second frame');
    value.close();
    return reader.cancel();
  });
}

window.setup = {
  isSlow: false,

  reset() {
    marks = {};
  },

  mark,

  marks: () => marks,

  /** Notes when the next call rings here. */
  watchRinging() {
    window.SendBirdCall.addListener('setup', { onRinging: () => mark('ringing') });
  },

  /**
   * A bare pair in this page: the caller's devices are open, as they are when a call rings; the callee opens its own at
   * accept, as ours does. A message takes `signalMs` from one to the other.
   * Gives the time from accept to the first frame on both sides.
   */
  async bare({ signalMs }) {
    marks = {};
    const mine = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    marks = {};
    mark('accept');
    const [caller, callee] = [0, 1].map(() => new RTCPeerConnection({ bundlePolicy: 'max-bundle' }));
    for (const [from, to] of [[caller, callee], [callee, caller]]) {
      // Candidates are told at once, and taken once there is a description to take them for.
      let [isReady, early] = [false, []];
      from.onicecandidate = ({ candidate }) => {
        if (candidate) tell(signalMs, () => (isReady ? to.addIceCandidate(candidate) : early.push(candidate)));
      };
      to.takeCandidates = () => {
        isReady = true;
        for (const candidate of early.splice(0)) to.addIceCandidate(candidate);
      };
    }
    // Both sides are shown, and see themselves, as in a call.
    const views = [0, 1, 2, 3].map(() => document.body.appendChild(document.createElement('video')));
    const show = (view, stream) => Object.assign(views[view], { srcObject: stream, autoplay: true, muted: true });
    show(0, mine);
    caller.addEventListener('track', ({ streams }) => show(1, streams[0]));
    callee.addEventListener('track', ({ streams }) => show(2, streams[0]));
    for (const track of mine.getTracks()) caller.addTrack(track, mine);
    const his = navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    const offer = await caller.createOffer();
    tell(signalMs, async () => {
      await callee.setRemoteDescription(offer);
      callee.takeCandidates();
      for (const transceiver of callee.getTransceivers()) {
        transceiver.direction = 'sendrecv';
        transceiver.sender.setStreams(new MediaStream());
      }
      const answer = await callee.createAnswer();
      tell(signalMs, async () => {
        await caller.setRemoteDescription(answer);
        caller.takeCandidates();
      });
      await callee.setLocalDescription(answer);
      const stream = await his;
      show(3, stream);
      for (const { sender, receiver } of callee.getTransceivers()) {
        const track = stream.getTracks().find(({ kind }) => kind === receiver.track.kind);
        await sender.replaceTrack(track);
      }
    });
    await caller.setLocalDescription(offer);
    while (marks['second frame'] === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    const found = { tookMs: marks['second frame'] - marks.accept, marks };
    for (const end of [caller, callee, ...views]) 'close' in end ? end.close() : end.remove();
    for (const track of [...mine.getTracks(), ...(await his).getTracks()]) track.stop();
    return found;
  },
};

function tell(signalMs, work) {
  if (signalMs === 0) queueMicrotask(work);
  else setTimeout(work, signalMs);
}
