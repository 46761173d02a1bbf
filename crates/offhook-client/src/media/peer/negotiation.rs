//! Offers, answers and candidates: what the two sides of a call agree on, and how they begin anew.

use std::time::{Duration, Instant};

use offhook_proto::peer::PeerCandidate;
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::media::{Direction, MediaKind};
use str0m::net::Protocol;
use str0m::{Candidate, RtcConfig};

use super::reflexive::Reflexive;
use super::{Output, Peer, candidate};
use crate::machine::Signal;

/// How long a search for another way may take before it is started over.
const RESTART: Duration = Duration::from_secs(8);
/// The most candidates of the other side that are kept.
const MAX_CANDIDATES: usize = 200;

impl Peer {
    /// The other side's device says something.
    pub fn handle_signal(&mut self, signal: Signal, now: Instant) {
        match signal {
            Signal::Offer {
                generation,
                connection,
                sdp,
            } if !self.is_caller && generation >= self.generation => {
                self.handle_offer(generation, connection, sdp, now)
            }
            Signal::Answer { generation, sdp } if self.is_caller && generation == self.generation => {
                self.handle_answer(&sdp, now);
            }
            Signal::Candidates { generation, candidates } if generation == self.generation => {
                self.handle_candidates(candidates, now);
            }
            // One offer that is under way will do.
            Signal::Restart { connection }
                if self.is_caller && (self.has_description || connection > self.connection) =>
            {
                self.replace(now);
            }
            _ => {}
        }
        self.drain(now);
    }

    /// Looks for another way: the caller by an offer, the callee by asking for one.
    pub(super) fn restart(&mut self, now: Instant) {
        self.restart_at = Some(now + RESTART);
        if self.is_caller {
            self.replace(now);
        } else {
            let connection = self.connection.saturating_add(1);
            self.outputs.push_back(Output::Signal(Signal::Restart { connection }));
        }
    }

    /// The caller goes on with the next connection.
    fn replace(&mut self, now: Instant) {
        self.connection = self.connection.saturating_add(1);
        self.generation = self.generation.saturating_add(1);
        self.forget();
        self.go_down(now);
    }

    /// Of the connection that there was, nothing is left.
    pub(super) fn forget(&mut self) {
        self.rtc = None;
        self.rtc_timeout = None;
        self.pending = None;
        self.offer = None;
        self.bound = None;
        self.reflexive = Reflexive::default();
        self.relays.clear();
        self.own_candidates.clear();
        self.forget_peer();
        self.path = None;
        self.sound.interrupt();
        self.pictures.interrupt();
        self.outputs.push_back(Output::Gather);
    }

    fn forget_peer(&mut self) {
        self.peer_candidates.clear();
        self.peer_candidate_count = 0;
        self.peer_relays.clear();
        self.has_description = false;
    }

    /// Begins to connect, once there are sockets and, at the callee, an offer.
    pub(super) fn begin(&mut self, now: Instant) {
        let Some(addresses) = &self.bound else {
            return;
        };
        if self.rtc.is_some() || (!self.is_caller && self.offer.is_none()) {
            return;
        }
        let config = RtcConfig::new().clear_codecs().enable_opus(true, false);
        let mut rtc = config.enable_vp8(true).enable_h264(true).build(now);
        let hosts = addresses
            .iter()
            .filter_map(|address| Candidate::host(*address, Protocol::Udp).ok());
        for candidate in hosts.chain(self.own_candidates.drain(..)) {
            rtc.add_local_candidate(candidate);
        }
        (self.audio, self.video) = (None, None);
        if let Some(offer) = self.offer.take() {
            self.rtc = Some(rtc);
            self.accept(&offer, now);
            return;
        }
        let mut changes = rtc.sdp_api();
        let mut add = |kind| Some(changes.add_media(kind, Direction::SendRecv, Some("offhook".to_owned()), None, None));
        self.audio = add(MediaKind::Audio);
        self.video = if self.is_video { add(MediaKind::Video) } else { None };
        if let Some((offer, pending)) = changes.apply() {
            self.pending = Some(pending);
            self.outputs.push_back(Output::Signal(Signal::Offer {
                generation: self.generation,
                connection: self.connection,
                sdp: offer.to_sdp_string(),
            }));
        }
        self.rtc = Some(rtc);
    }

    fn handle_offer(&mut self, generation: u32, connection: u32, sdp: String, now: Instant) {
        self.generation = generation;
        self.forget_peer();
        if connection > self.connection {
            self.connection = connection;
            self.forget();
            self.go_down(now);
            self.offer = Some(sdp);
        } else if self.rtc.is_some() {
            self.accept(&sdp, now);
        } else {
            self.offer = Some(sdp);
            self.begin(now);
        }
    }

    /// The callee's answer to an offer. One that cannot be read is of a newer peer, or of an unkind one.
    fn accept(&mut self, sdp: &str, now: Instant) {
        let Some(rtc) = &mut self.rtc else {
            return;
        };
        let answer = SdpOffer::from_sdp_string(sdp)
            .ok()
            .and_then(|offer| rtc.sdp_api().accept_offer(offer).ok());
        let Some(answer) = answer else {
            self.go_down(now);
            return;
        };
        self.note_relays(sdp);
        self.outputs.push_back(Output::Signal(Signal::Answer {
            generation: self.generation,
            sdp: answer.to_sdp_string(),
        }));
        self.settle(now);
    }

    fn handle_answer(&mut self, sdp: &str, now: Instant) {
        let (Some(rtc), Some(pending)) = (&mut self.rtc, self.pending.take()) else {
            return;
        };
        let accepted =
            SdpAnswer::from_sdp_string(sdp).is_ok_and(|answer| rtc.sdp_api().accept_answer(pending, answer).is_ok());
        if accepted {
            self.note_relays(sdp);
            self.settle(now);
        } else {
            self.go_down(now);
        }
    }

    /// Both descriptions are there: what the other side has told of its addresses can be used.
    fn settle(&mut self, now: Instant) {
        self.has_description = true;
        let candidates = std::mem::take(&mut self.peer_candidates);
        self.add_candidates(&candidates, now);
    }

    fn handle_candidates(&mut self, mut candidates: Vec<PeerCandidate>, now: Instant) {
        candidates.truncate(MAX_CANDIDATES.saturating_sub(self.peer_candidate_count));
        self.peer_candidate_count += candidates.len();
        if self.has_description {
            self.add_candidates(&candidates, now);
        } else {
            self.peer_candidates.append(&mut candidates);
        }
    }

    fn add_candidates(&mut self, candidates: &[PeerCandidate], now: Instant) {
        for candidate in candidates {
            self.note_relays(&candidate.candidate);
            if let (Some(rtc), Some(usable)) = (&mut self.rtc, candidate::usable(&candidate.candidate)) {
                rtc.add_remote_candidate(usable);
                self.poll_rtc(now);
            }
        }
    }

    fn note_relays(&mut self, text: &str) {
        let room = MAX_CANDIDATES.saturating_sub(self.peer_relays.len());
        self.peer_relays.extend(candidate::relayed(text).take(room));
    }

    /// An address of this side has been found: the other side is told, at once or with the description.
    pub(super) fn offer_candidate(&mut self, candidate: Candidate, now: Instant) {
        let Some(rtc) = &mut self.rtc else {
            self.own_candidates.push(candidate);
            return;
        };
        let told = candidate.to_sdp_string();
        if rtc.add_local_candidate(candidate).is_some() {
            self.outputs.push_back(Output::Signal(Signal::Candidates {
                generation: self.generation,
                candidates: vec![PeerCandidate {
                    candidate: told,
                    sdp_mid: None,
                    sdp_m_line_index: Some(0),
                }],
            }));
        }
        self.poll_rtc(now);
    }

    pub(super) fn go_down(&mut self, now: Instant) {
        if self.is_up {
            self.outputs.push_back(Output::Lost);
        }
        self.is_up = false;
        // A connection that is new has its time; one that has failed has none left.
        let wait = if self.bound.is_some() { Duration::ZERO } else { RESTART };
        self.restart_at = Some(self.restart_at.unwrap_or(now + wait).max(now));
    }
}
