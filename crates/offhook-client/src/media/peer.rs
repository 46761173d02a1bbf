//! The connection of a call to the other side, without a socket or a clock.
//!
//! The caller alone makes offers, first and after an outage; the callee asks for one. A connection that has failed is replaced by
//! the next, on new sockets: the network may be another. What the other side offers for the same connection is an ICE restart of it.
//! (docs/protocol.md, Peer messages)
//!
//! After every `handle_*`, drain [`Peer::poll_output`]; then wait for [`Peer::poll_timeout`]. Times are [`Instant`]s that only go
//! forward. Only the libraries of WebRTC and TURN draw keys and ids of their own.

mod candidate;
mod description;
mod negotiation;
mod reflexive;
mod relay;
mod timeline;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use offhook_proto::call::CallRole;
use offhook_proto::peer::PeerCandidate;
use offhook_proto::socket::MediaPath;
use str0m::change::SdpPendingOffer;
use str0m::format::Codec as RtcCodec;
use str0m::media::{Frequency, KeyframeRequestKind, MediaData, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::{Candidate, Event as RtcEvent, IceConnectionState, Input as RtcInput, Output as RtcOutput, Rtc};

use super::frame::{Codec, Frame};
use crate::machine::Signal;
use reflexive::Reflexive;
use relay::{Relay, RelayEvent};
use timeline::Timeline;

pub use relay::{RelayAccess, RelayId, Transport};

/// The most addresses of the other side that are kept, of each kind: what it tells of, and where its checks come from.
const MAX_CANDIDATES: usize = 200;
/// STUN, DTLS, TURN channels and RTP are told apart by their first byte (RFC 7983 §7): below this it is STUN.
const STUN_BELOW: u8 = 4;

/// What is to be done, or has happened.
#[derive(PartialEq, Eq)]
pub enum Output {
    /// Close all sockets there are, bind new ones, and say which in [`Peer::handle_bound`]; open the relays.
    Gather,
    /// Say this to the other side's device.
    Signal(Signal),
    /// Send this from the socket that is bound to `local`.
    Datagram {
        /// Where from.
        local: SocketAddr,
        /// Where to.
        destination: SocketAddr,
        /// What.
        data: Vec<u8>,
    },
    /// Write this to a relay.
    RelayData {
        /// Which.
        relay: RelayId,
        /// What.
        data: Vec<u8>,
    },
    /// Media flows, by this path.
    Connected(Option<MediaPath>),
    /// Media has stopped.
    Lost,
    /// The other side sent this.
    Frame(Frame),
    /// The other side cannot decode what it gets.
    KeyframeWanted,
}

impl std::fmt::Debug for Output {
    /// Names it, and says how long it is: addresses never reach a log, nor do packets, which name the user of a relay.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gather => f.write_str("Gather"),
            Self::Signal(signal) => f.debug_tuple("Signal").field(signal).finish(),
            Self::Datagram { data, .. } => f.debug_struct("Datagram").field("bytes", &data.len()).finish(),
            Self::RelayData { relay, data } => f
                .debug_struct("RelayData")
                .field("relay", relay)
                .field("bytes", &data.len())
                .finish(),
            Self::Connected(path) => f.debug_tuple("Connected").field(path).finish(),
            Self::Lost => f.write_str("Lost"),
            Self::Frame(frame) => f.debug_tuple("Frame").field(frame).finish(),
            Self::KeyframeWanted => f.write_str("KeyframeWanted"),
        }
    }
}

/// One side of a call's media.
pub struct Peer {
    is_caller: bool,
    is_video: bool,
    started: Instant,
    rtc: Option<Rtc>,
    rtc_timeout: Option<Instant>,
    audio: Option<Mid>,
    video: Option<Mid>,
    /// Which peer connection of the call this is, and which negotiation, both from 0.
    connection: u32,
    generation: u32,
    /// The caller's offer that waits for its answer.
    pending: Option<SdpPendingOffer>,
    /// The callee: an offer that waits for sockets, or for its time.
    offer: Option<String>,
    /// The sockets that are bound for this connection.
    bound: Option<Vec<SocketAddr>>,
    reflexive: Reflexive,
    relays: BTreeMap<RelayId, Relay>,
    /// Candidates that were found before there was a connection to give them to.
    own_candidates: Vec<Candidate>,
    /// The other side's candidates that wait for its description, and how many the engine has.
    peer_candidates: Vec<PeerCandidate>,
    peer_candidate_count: usize,
    /// Where checks of the other side came from.
    sources: BTreeSet<SocketAddr>,
    has_description: bool,
    /// Relayed addresses of the other side.
    peer_relays: Vec<SocketAddr>,
    path: Option<MediaPath>,
    is_up: bool,
    restart_at: Option<Instant>,
    /// When sockets were asked for, and when they are to be asked for again.
    gathered_at: Instant,
    gather_at: Option<Instant>,
    /// The callee: when it answered an offer.
    answered_at: Option<Instant>,
    sound: Timeline,
    pictures: Timeline,
    outputs: VecDeque<Output>,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer")
            .field("connection", &self.connection)
            .field("generation", &self.generation)
            .field("is_up", &self.is_up)
            .finish_non_exhaustive()
    }
}

impl Peer {
    /// A side of an accepted call, or the caller's of one that rings.
    pub fn new(role: CallRole, is_video: bool, now: Instant) -> Self {
        Self {
            is_caller: role == CallRole::Caller,
            is_video,
            started: now,
            rtc: None,
            rtc_timeout: None,
            audio: None,
            video: None,
            connection: 0,
            generation: 0,
            pending: None,
            offer: None,
            bound: None,
            reflexive: Reflexive::default(),
            relays: BTreeMap::new(),
            own_candidates: Vec::new(),
            peer_candidates: Vec::new(),
            peer_candidate_count: 0,
            sources: BTreeSet::new(),
            has_description: false,
            peer_relays: Vec::new(),
            path: None,
            is_up: false,
            restart_at: None,
            gathered_at: now,
            gather_at: None,
            answered_at: None,
            sound: Timeline::default(),
            pictures: Timeline::default(),
            outputs: VecDeque::from([Output::Gather]),
        }
    }

    /// What to do next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] has something to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let relays = self.relays.values().filter_map(Relay::deadline);
        [
            self.rtc_timeout,
            self.restart_at,
            self.gather_at,
            self.answer_at(),
            self.reflexive.deadline(),
        ]
        .into_iter()
        .flatten()
        .chain(relays)
        .min()
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.restart_at.is_some_and(|at| at <= now) {
            self.restart(now);
        }
        self.gather(now);
        self.answer(now);
        for (local, server, data) in self.reflexive.due(now) {
            self.outputs.push_back(Output::Datagram {
                local,
                destination: server,
                data,
            });
        }
        if self.rtc_timeout.is_some_and(|at| at <= now) {
            self.feed(RtcInput::Timeout(now), now);
        }
        self.drain(now);
    }

    /// These sockets are bound. Without any, and with a relay, all goes over the relay.
    pub fn handle_bound(&mut self, addresses: Vec<SocketAddr>, now: Instant) {
        self.bound = Some(addresses);
        self.begin(now);
        self.handle_timeout(now);
    }

    /// These servers can be asked for the addresses of the bound sockets as they see them.
    pub fn handle_stun_servers(&mut self, servers: &[SocketAddr], now: Instant) {
        self.reflexive
            .ask(self.bound.as_deref().unwrap_or_default(), servers, now);
        self.handle_timeout(now);
    }

    /// There is a way to a relay: an address is to be had of it.
    pub fn handle_relay_opened(&mut self, relay: RelayId, access: &RelayAccess, now: Instant) {
        self.relays.insert(relay, Relay::new(access, now));
        self.drain(now);
    }

    /// A relay says something.
    pub fn handle_relay_data(&mut self, relay: RelayId, data: &[u8], now: Instant) {
        let Some(found) = self.relays.get_mut(&relay) else {
            return;
        };
        let relayed = found.address();
        for (source, data) in found.handle_data(data, now) {
            if let Some(relayed) = relayed {
                self.receive(source, relayed, &data, now);
            }
        }
        self.drain(now);
    }

    /// The way to a relay is closed.
    pub fn handle_relay_closed(&mut self, relay: RelayId) {
        self.relays.remove(&relay);
    }

    /// A datagram has come to the socket that is bound to `local`.
    pub fn handle_datagram(&mut self, local: SocketAddr, source: SocketAddr, data: &[u8], now: Instant) {
        if let Some((base, address)) = self.reflexive.handle(source, data) {
            if let Ok(candidate) = Candidate::server_reflexive(address, base, Protocol::Udp) {
                self.offer_candidate(candidate, now);
            }
        } else {
            self.receive(source, local, data, now);
        }
        self.drain(now);
    }

    /// Sends a frame, if media is connected and the other side takes its codec.
    pub fn handle_frame(&mut self, frame: &Frame, now: Instant) {
        let mid = if frame.codec.is_video() { self.video } else { self.audio };
        let (codec, frequency) = match frame.codec {
            Codec::Opus => (RtcCodec::Opus, Frequency::FORTY_EIGHT_KHZ),
            Codec::Vp8 => (RtcCodec::Vp8, Frequency::NINETY_KHZ),
            Codec::H264 => (RtcCodec::H264, Frequency::NINETY_KHZ),
        };
        if let (true, Some(rtc), Some(mid)) = (self.is_up, &mut self.rtc, mid)
            && let Some(writer) = rtc.writer(mid)
        {
            let pt = writer
                .payload_params()
                .find(|params| params.spec().codec == codec)
                .map(str0m::format::PayloadParams::pt);
            let ticks = timeline::ticks(frame.time, u64::from(frequency.get()));
            if let Some(pt) = pt {
                // What cannot be sent is lost, as on any network.
                _ = writer.write(pt, now, MediaTime::new(ticks, frequency), frame.data.clone());
            }
        }
        self.drain(now);
    }

    /// Asks the other side for a key frame.
    pub fn handle_request_keyframe(&mut self, now: Instant) {
        if let (Some(rtc), Some(mid)) = (&mut self.rtc, self.video)
            && let Some(mut writer) = rtc.writer(mid)
        {
            _ = writer.request_keyframe(None, KeyframeRequestKind::Pli);
        }
        self.drain(now);
    }

    fn receive(&mut self, source: SocketAddr, destination: SocketAddr, data: &[u8], now: Instant) {
        // What cannot be told from noise is left to the network.
        let Ok(receive) = Receive::new(Protocol::Udp, source, destination, data) else {
            return;
        };
        let input = RtcInput::Receive(now, receive);
        if self.rtc.as_ref().is_some_and(|rtc| rtc.accepts(&input)) && self.may_check_from(source, data) {
            self.feed(input, now);
        }
    }

    /// The engine keeps a candidate for each address that a check comes from, and looks at all of them for each packet.
    fn may_check_from(&mut self, source: SocketAddr, data: &[u8]) -> bool {
        let is_check = data.first().is_some_and(|first| *first < STUN_BELOW);
        if !is_check || self.sources.contains(&source) {
            return true;
        }
        self.sources.len() < MAX_CANDIDATES && self.sources.insert(source)
    }

    fn feed(&mut self, input: RtcInput<'_>, now: Instant) {
        if let Some(rtc) = &mut self.rtc
            && rtc.handle_input(input).is_err()
        {
            self.fail(now);
        }
        self.poll_rtc(now);
    }

    /// The engine gives up: its connection is replaced.
    fn fail(&mut self, now: Instant) {
        self.rtc = None;
        self.rtc_timeout = None;
        self.go_down(now);
    }

    /// Takes all that the engine has to say, as it demands after every change.
    fn poll_rtc(&mut self, now: Instant) {
        while let Some(rtc) = &mut self.rtc {
            match rtc.poll_output() {
                Ok(RtcOutput::Timeout(at)) => {
                    self.rtc_timeout = Some(at);
                    return;
                }
                Ok(RtcOutput::Transmit(transmit)) => self.transmit(transmit, now),
                Ok(RtcOutput::Event(event)) => self.handle_event(event, now),
                Err(_) => self.fail(now),
            }
        }
    }

    fn transmit(&mut self, transmit: Transmit, now: Instant) {
        let Transmit {
            source,
            destination,
            contents,
            ..
        } = transmit;
        let data = Vec::from(contents);
        let is_ours = |relay: &Relay| relay.address() == Some(source);
        if self.is_up && data.first().is_some_and(|first| *first >= STUN_BELOW) {
            let is_relayed = self.relays.values().any(is_ours) || self.peer_relays.contains(&destination);
            self.path_seen(if is_relayed {
                MediaPath::Relayed
            } else {
                MediaPath::Direct
            });
        }
        match self.relays.values_mut().find(|relay| is_ours(relay)) {
            Some(relay) => relay.send(destination, data, now),
            None => self.outputs.push_back(Output::Datagram {
                local: source,
                destination,
                data,
            }),
        }
    }

    fn path_seen(&mut self, path: MediaPath) {
        if self.path != Some(path) {
            self.path = Some(path);
            self.outputs.push_back(Output::Connected(self.path));
        }
    }

    fn handle_event(&mut self, event: RtcEvent, now: Instant) {
        match event {
            RtcEvent::Connected => self.go_up(),
            RtcEvent::IceConnectionStateChange(IceConnectionState::Disconnected) => self.go_down(now),
            RtcEvent::IceConnectionStateChange(IceConnectionState::Connected | IceConnectionState::Completed)
                if self.rtc.as_ref().is_some_and(Rtc::is_connected) =>
            {
                self.go_up();
            }
            RtcEvent::MediaAdded(added) => match added.kind {
                MediaKind::Audio => _ = self.audio.get_or_insert(added.mid),
                MediaKind::Video => _ = self.video.get_or_insert(added.mid),
            },
            RtcEvent::MediaData(data) => self.take(data, now),
            RtcEvent::KeyframeRequest(_) => self.outputs.push_back(Output::KeyframeWanted),
            _ => {}
        }
    }

    fn take(&mut self, data: MediaData, now: Instant) {
        let is_keyframe = data.is_keyframe();
        let (codec, timeline) = match data.params.spec().codec {
            RtcCodec::Opus => (Codec::Opus, &mut self.sound),
            RtcCodec::Vp8 => (Codec::Vp8, &mut self.pictures),
            RtcCodec::H264 => (Codec::H264, &mut self.pictures),
            _ => return,
        };
        let since_start = now.saturating_duration_since(self.started);
        let time = timeline.place(data.time.numer(), u64::from(data.time.denom()), since_start);
        self.outputs.push_back(Output::Frame(Frame {
            codec,
            time,
            is_keyframe: is_keyframe || codec == Codec::Opus,
            data: data.data,
        }));
    }

    fn go_up(&mut self) {
        if !self.is_up {
            self.is_up = true;
            self.restart_at = None;
            self.outputs.push_back(Output::Connected(self.path));
        }
    }

    /// Takes what the relays have to say.
    fn drain(&mut self, now: Instant) {
        self.poll_rtc(now);
        let ids: Vec<_> = self.relays.keys().copied().collect();
        for id in ids {
            while let Some(event) = self.relays.get_mut(&id).and_then(|relay| relay.poll(now)) {
                match event {
                    RelayEvent::Write(data) => self.outputs.push_back(Output::RelayData { relay: id, data }),
                    RelayEvent::Allocated(address, local) => {
                        if let Ok(candidate) = Candidate::relayed(address, local, Protocol::Udp) {
                            self.offer_candidate(candidate, now);
                        }
                    }
                    RelayEvent::Closed => _ = self.relays.remove(&id),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
