/** In the page, before the SDK: keeps every peer connection for getStats, and every event with its time. */

const peerConnections = [];
/** How tests bend the network of this page, and its obedience: a stubborn one goes on sending when its call has ended. */
const bends = { isCutOff: false, isStubborn: false, extraCandidate: null };
/** With relays only and no relay to use, no way leads anywhere. */
function bent(configuration) {
  return bends.isCutOff ? { ...configuration, iceServers: [], iceTransportPolicy: 'relay' } : configuration;
}

const stopTrack = MediaStreamTrack.prototype.stop;
MediaStreamTrack.prototype.stop = function () {
  if (!bends.isStubborn) stopTrack.call(this);
};

const RealPeerConnection = window.RTCPeerConnection;
window.RTCPeerConnection = class extends RealPeerConnection {
  constructor(configuration) {
    super(bent(configuration));
    peerConnections.push(this);
  }

  setConfiguration(configuration) {
    super.setConfiguration(bent(configuration));
  }

  close() {
    if (!bends.isStubborn) super.close();
  }

  async setLocalDescription(...description) {
    await super.setLocalDescription(...description);
    if (bends.extraCandidate !== null) {
      const candidate = new RTCIceCandidate({ candidate: bends.extraCandidate, sdpMid: '0', sdpMLineIndex: 0 });
      this.dispatchEvent(new RTCPeerConnectionIceEvent('icecandidate', { candidate }));
    }
  }
};

const events = [];
const waiting = new Set();
const calls = new Map();

function happened(name, call, more = {}) {
  events.push({ name, callId: call?.callId, at: performance.now(), ...more });
  for (const look of waiting) {
    look();
  }
}

/** Notes all that happens to a call. */
function follow(call) {
  call.onEstablished = () => happened('established', call);
  call.onConnected = () => happened('connected', call);
  call.onReconnecting = () => happened('reconnecting', call);
  call.onReconnected = () => happened('reconnected', call);
  call.onCalleeDialReceived = () => happened('dialReceived', call);
  call.onRemoteAudioSettingsChanged = () => happened('remoteAudio', call, { isEnabled: call.isRemoteAudioEnabled });
  call.onRemoteVideoSettingsChanged = () => happened('remoteVideo', call, { isEnabled: call.isRemoteVideoEnabled });
  call.onUserHoldStatusChanged = (_, isLocal, isHeld) => happened('hold', call, { isLocal, isHeld });
  call.onEnded = () =>
    happened('ended', call, { endResult: call.endResult, endedBy: call.endedBy?.userId ?? null, duration: call.getDuration() });
}

function callOption(options = {}) {
  return {
    localMediaView: document.getElementById('local'),
    remoteMediaView: document.getElementById('remote'),
    ...options,
  };
}

/** The newest call, or the one that is named. */
function call(callId) {
  const found = callId === undefined ? [...calls.values()].at(-1) : calls.get(callId);
  if (found === undefined) {
    throw new Error(`no call ${callId ?? 'at all'} on this device`);
  }
  return found;
}

window.device = {
  events,
  call,

  async signIn({ appId, userId, accessToken, sessionTokens }) {
    const sdk = window.SendBirdCall;
    sdk.init(appId);
    if (sessionTokens !== undefined) {
      sdk.setSessionHandler({
        onSessionTokenRequired(resolve, reject) {
          happened('tokenRequired');
          const next = sessionTokens.shift();
          next === undefined ? reject(new Error('none left')) : resolve(next);
        },
        onSessionRefreshed: () => happened('sessionRefreshed'),
        onSessionError: (error) => happened('sessionError', undefined, { message: error.message }),
        onSessionClosed: () => happened('sessionClosed'),
      });
    }
    sdk.addListener('device', {
      onRinging(incoming) {
        calls.set(incoming.callId, incoming);
        follow(incoming);
        happened('ringing', incoming);
      },
      onConnectionStateChanged: (state) => happened('connection', undefined, { state }),
    });
    await sdk.authenticate({ userId, accessToken });
    await sdk.connectWebSocket();
  },

  /** Gives the call's id once the server has taken the dial; an error's code and message where it refuses. */
  dial(params) {
    return new Promise((resolve) => {
      const dialled = window.SendBirdCall.dial(
        { ...params, callOption: callOption(params.callOption) },
        (_, error) => {
          calls.set(dialled.callId, dialled);
          resolve(error ? { code: error.code, message: error.message } : { callId: dialled.callId });
        },
      );
      follow(dialled);
    });
  },

  accept(options = {}, callId) {
    call(callId).accept({ callOption: callOption(options) });
  },

  /** Resolves with the first event of that name (and of these values) at or after `from` in the list of events. */
  until(name, values = {}, from = 0) {
    return new Promise((resolve) => {
      const look = () => {
        const found = events
          .slice(from)
          .find((event) => event.name === name && Object.entries(values).every(([key, value]) => event[key] === value));
        if (found !== undefined) {
          waiting.delete(look);
          resolve(found);
        }
      };
      waiting.add(look);
      look();
    });
  },

  /** The UDP ports on which this page receives media. */
  async ports() {
    const ports = [];
    for (const connection of peerConnections.filter(({ connectionState }) => connectionState !== 'closed')) {
      for (const report of (await connection.getStats()).values()) {
        if (report.type === 'local-candidate' && report.protocol === 'udp') ports.push(report.port);
      }
    }
    return ports;
  },

  /** The pair of candidates that each open connection uses, if it has selected one. */
  async pairs() {
    const pairs = [];
    for (const connection of peerConnections.filter(({ connectionState }) => connectionState !== 'closed')) {
      const stats = await connection.getStats();
      const all = [...stats.values()];
      const transport = all.find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
      const pair = transport ? stats.get(transport.selectedCandidatePairId) : all.find(({ selected }) => selected);
      const [local, remote] = [stats.get(pair?.localCandidateId), stats.get(pair?.remoteCandidateId)];
      if (local && remote) {
        pairs.push({ local: local.candidateType, relayProtocol: local.relayProtocol, remote: remote.candidateType });
      }
    }
    return pairs;
  },

  /** What is received and sent now, added up over all peer connections that are open. */
  async media() {
    const sum = { framesDecoded: 0, audioReceived: 0, audioEnergy: 0, videoReceived: 0, audioSent: 0, videoSent: 0, bytesReceived: 0 };
    for (const connection of peerConnections.filter(({ connectionState }) => connectionState !== 'closed')) {
      for (const report of (await connection.getStats()).values()) {
        const kind = report.kind ?? report.mediaType;
        if (report.type === 'inbound-rtp') sum.bytesReceived += report.bytesReceived ?? 0;
        if (report.type === 'inbound-rtp' && kind === 'audio') {
          sum.audioReceived += report.packetsReceived ?? 0;
          sum.audioEnergy += report.totalAudioEnergy ?? 0;
        } else if (report.type === 'inbound-rtp') {
          sum.videoReceived += report.packetsReceived ?? 0;
          sum.framesDecoded += report.framesDecoded ?? 0;
        } else if (report.type === 'outbound-rtp') {
          sum[kind === 'audio' ? 'audioSent' : 'videoSent'] += report.packetsSent ?? 0;
        }
      }
    }
    return sum;
  },

  peerConnections,
  bends,
};
