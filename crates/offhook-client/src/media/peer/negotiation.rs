//! Offers, answers and candidates: what the two sides of a call agree on, and how they begin anew.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use offhook_proto::peer::PeerCandidate;
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::media::{Direction, MediaKind};
use str0m::net::Protocol;
use str0m::{Candidate, RtcConfig, RtcError};

use super::description::is_unambiguous;
use super::reflexive::Reflexive;
use super::{MAX_CANDIDATES, Output, Peer, candidate};
use crate::machine::Signal;

/// How long a search for another way may take before it is started over.
const RESTART: Duration = Duration::from_secs(8);
/// The least time between two connections, and between two answers within one. Whatever the other side asks for, or offers, what
/// follows from it here is no flood at the server, which takes 50 messages a second.
const PACE: Duration = Duration::from_secs(1);

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
            Signal::Restart { connection } if self.is_caller && self.is_wanted(connection) => self.replace(now),
            _ => {}
        }
        self.drain(now);
    }

    /// Whether an offer of this connection answers what the other side lacks: of the present one, or of the next where the
    /// present one has been offered. One that is under way will do.
    fn is_wanted(&self, connection: u32) -> bool {
        let is_offered = self.has_description || self.pending.is_some();
        if connection == self.connection {
            self.has_description
        } else {
            is_offered && connection.checked_sub(1) == Some(self.connection)
        }
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
        self.gather(now);
    }

    /// Of the connection that there was, nothing is left.
    fn forget(&mut self) {
        self.rtc = None;
        self.rtc_timeout = None;
        self.pending = None;
        self.offer = None;
        self.bound = None;
        self.forget_peer();
        self.forget_addresses();
        self.path = None;
        self.sound.interrupt();
        self.pictures.interrupt();
        self.gather_at = Some(self.gathered_at + PACE);
    }

    /// Asks for sockets, once it is time. What the last ones have found until then goes with them.
    pub(super) fn gather(&mut self, now: Instant) {
        if self.gather_at.is_some_and(|at| at <= now) {
            self.gather_at = None;
            self.gathered_at = now;
            self.reflexive = Reflexive::default();
            self.relays.clear();
            self.own_candidates.clear();
            self.outputs.push_back(Output::Gather);
        }
    }

    fn forget_peer(&mut self) {
        self.peer_candidates.clear();
        self.peer_relays.clear();
        self.has_description = false;
    }

    /// The engine has forgotten where the other side may be.
    fn forget_addresses(&mut self) {
        self.peer_candidate_count = 0;
        self.sources.clear();
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
            self.gather(now);
            self.offer = Some(sdp);
        } else {
            self.offer = Some(sdp);
            self.begin(now);
            self.answer(now);
        }
    }

    /// Answers an offer that waits, of the connection there is, once it is time.
    pub(super) fn answer(&mut self, now: Instant) {
        if self.rtc.is_some()
            && self.answer_at().is_none_or(|at| at <= now)
            && let Some(offer) = self.offer.take()
        {
            self.accept(&offer, now);
        }
    }

    /// When [`Self::answer`] has something to do.
    pub(super) fn answer_at(&self) -> Option<Instant> {
        let answered_at = self.answered_at.filter(|_| self.rtc.is_some() && self.offer.is_some());
        answered_at.map(|at| at + PACE)
    }

    /// The callee's answer to an offer. One that cannot be read is of a newer peer, or of an unkind one.
    fn accept(&mut self, sdp: &str, now: Instant) {
        self.answered_at = Some(now);
        let Some(rtc) = &mut self.rtc else {
            return;
        };
        let offer = Some(sdp)
            .filter(|sdp| is_unambiguous(sdp))
            .and_then(|sdp| SdpOffer::from_sdp_string(sdp).ok())
            .ok_or(Refusal::Unreadable);
        let credentials = rtc.direct_api().local_ice_credentials();
        let answer = match offer.and_then(|offer| survive(|| rtc.sdp_api().accept_offer(offer))) {
            Ok(answer) => answer,
            Err(refusal) => return self.refuse(refusal, now),
        };
        // Other credentials are an ICE restart (RFC 8445 §9): the engine begins anew. All else adds to what it has.
        if rtc.direct_api().local_ice_credentials() != credentials {
            self.forget_addresses();
        }
        if !self.has_room_for(sdp) {
            return self.fail(now);
        }
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
        let answer = Some(sdp)
            .filter(|sdp| is_unambiguous(sdp))
            .and_then(|sdp| SdpAnswer::from_sdp_string(sdp).ok())
            .ok_or(Refusal::Unreadable);
        match answer.and_then(|answer| survive(|| rtc.sdp_api().accept_answer(pending, answer))) {
            Ok(()) if self.has_room_for(sdp) => {
                self.note_relays(sdp);
                self.settle(now);
            }
            Ok(()) => self.fail(now),
            Err(refusal) => self.refuse(refusal, now),
        }
    }

    fn refuse(&mut self, refusal: Refusal, now: Instant) {
        match refusal {
            Refusal::Unreadable => self.go_down(now),
            Refusal::Panicked => self.fail(now),
        }
    }

    /// Both descriptions are there: what the other side has told of its addresses can be used.
    fn settle(&mut self, now: Instant) {
        self.has_description = true;
        let candidates = std::mem::take(&mut self.peer_candidates);
        self.add_candidates(&candidates, now);
    }

    /// Counts the candidates of a description that the engine has taken; says whether they are not too many.
    fn has_room_for(&mut self, sdp: &str) -> bool {
        self.peer_candidate_count += sdp.lines().filter(|line| line.starts_with("a=candidate:")).count();
        self.peer_candidate_count <= MAX_CANDIDATES
    }

    fn handle_candidates(&mut self, candidates: Vec<PeerCandidate>, now: Instant) {
        if self.has_description {
            self.add_candidates(&candidates, now);
        } else {
            let room = MAX_CANDIDATES.saturating_sub(self.peer_candidates.len());
            self.peer_candidates.extend(candidates.into_iter().take(room));
        }
    }

    fn add_candidates(&mut self, candidates: &[PeerCandidate], now: Instant) {
        let room = MAX_CANDIDATES.saturating_sub(self.peer_candidate_count);
        for candidate in candidates.iter().take(room) {
            self.peer_candidate_count += 1;
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

/// Why a description was not taken.
enum Refusal {
    /// The connection is as it was before.
    Unreadable,
    /// Nobody knows how the connection is.
    Panicked,
}

/// Lets the engine look at what the other side has written. It asserts more than it checks: whatever it stumbles over is to
/// cost the connection, and not the call's media.
fn survive<T>(look: impl FnOnce() -> Result<T, RtcError>) -> Result<T, Refusal> {
    match catch_unwind(AssertUnwindSafe(look)) {
        Ok(Ok(taken)) => Ok(taken),
        Ok(Err(_)) => Err(Refusal::Unreadable),
        Err(_) => Err(Refusal::Panicked),
    }
}
