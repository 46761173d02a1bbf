//! Messages between the two devices of a call: numbered, kept until acknowledged, sent again, applied once and in order.
//!
//! The server passes them on unread and stores none, so each can get lost: while a socket is away, or with a doorbell.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use offhook_proto::id::DeviceId;
use offhook_proto::peer::{PeerCandidate, PeerMessage};

use crate::error::Error;

/// The most messages kept for a peer that does not acknowledge.
const MAX_UNACKNOWLEDGED: usize = 256;
/// The most messages kept that came before one that is missing.
const MAX_EARLY: usize = 64;
/// The most devices of the other side that are listened to: a user has no more sessions.
const MAX_DEVICES: usize = 20;
/// The first wait for an acknowledgement; doubled up to [`LONGEST_RESEND`].
const FIRST_RESEND: Duration = Duration::from_secs(2);
const LONGEST_RESEND: Duration = Duration::from_secs(16);

/// What an application says to the peer's device; the link numbers it.
#[derive(Clone, PartialEq, Eq)]
pub enum Signal {
    /// An SDP offer. `generation` counts the offers of the call, from 0.
    Offer {
        /// Which negotiation.
        generation: u32,
        /// Which peer connection of the call, from 0.
        connection: u32,
        /// The session description.
        sdp: String,
    },
    /// An SDP answer.
    Answer {
        /// Of the offer.
        generation: u32,
        /// The session description.
        sdp: String,
    },
    /// ICE candidates.
    Candidates {
        /// The negotiation they belong to.
        generation: u32,
        /// The candidates.
        candidates: Vec<PeerCandidate>,
    },
    /// The callee asks the caller for another offer.
    Restart {
        /// Of which peer connection.
        connection: u32,
    },
}

impl std::fmt::Debug for Signal {
    /// Names the message without what it carries: addresses never reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Offer { .. } => "offer",
            Self::Answer { .. } => "answer",
            Self::Candidates { .. } => "candidates",
            Self::Restart { .. } => "restart",
        })
    }
}

impl Signal {
    /// How long it is on the wire, at most.
    pub(super) fn size(&self) -> usize {
        serde_json::to_string(&self.clone().numbered(u32::MAX)).map_or(usize::MAX, |text| text.len())
    }

    fn numbered(self, seq: u32) -> PeerMessage {
        match self {
            Self::Offer {
                generation,
                connection,
                sdp,
            } => PeerMessage::Offer {
                seq,
                generation,
                connection,
                sdp,
            },
            Self::Answer { generation, sdp } => PeerMessage::Answer { seq, generation, sdp },
            Self::Candidates { generation, candidates } => PeerMessage::Candidates {
                seq,
                generation,
                candidates,
            },
            Self::Restart { connection } => PeerMessage::Restart { seq, connection },
        }
    }
}

/// Both directions of a call's peer messages, as one device keeps them.
#[derive(Default)]
pub(super) struct PeerLink {
    sent: u32,
    unacknowledged: VecDeque<(u32, PeerMessage)>,
    resend: Option<Resend>,
    inbound: BTreeMap<DeviceId, Inbound>,
}

struct Resend {
    at: Instant,
    wait: Duration,
}

#[derive(Default)]
struct Inbound {
    /// The last number applied.
    applied: u32,
    early: BTreeMap<u32, Signal>,
}

/// What follows from a peer's message.
#[derive(Default)]
pub(super) struct Received {
    /// To hand to the application, in order.
    pub(super) signals: Vec<Signal>,
    /// To send back.
    pub(super) replies: Vec<PeerMessage>,
}

impl PeerLink {
    /// Numbers and keeps a message; the caller sends it.
    pub(super) fn send(&mut self, signal: Signal) -> Result<PeerMessage, Error> {
        if self.unacknowledged.len() >= MAX_UNACKNOWLEDGED {
            return Err(Error::Internal("the peer acknowledges nothing: too many messages wait"));
        }
        let seq = self.sent.saturating_add(1);
        let message = signal.numbered(seq);
        self.sent = seq;
        self.unacknowledged.push_back((seq, message.clone()));
        Ok(message)
    }

    /// Takes a message of the other side's device `from`. A device that only rings (`is_silent`) acknowledges nothing,
    /// and while the call rings no acknowledgement counts: devices that join late still need everything.
    pub(super) fn handle(
        &mut self,
        from: DeviceId,
        message: PeerMessage,
        is_ringing: bool,
        is_silent: bool,
    ) -> Received {
        let mut received = Received::default();
        let (seq, signal) = match message {
            PeerMessage::Ack { seq } => {
                if !is_ringing {
                    self.acknowledge(seq);
                }
                return received;
            }
            PeerMessage::Need { seq } => {
                received.replies = self.since(seq);
                return received;
            }
            PeerMessage::Offer {
                seq,
                generation,
                connection,
                sdp,
            } => (
                seq,
                Signal::Offer {
                    generation,
                    connection,
                    sdp,
                },
            ),
            PeerMessage::Answer { seq, generation, sdp } => (seq, Signal::Answer { generation, sdp }),
            PeerMessage::Candidates {
                seq,
                generation,
                candidates,
            } => (seq, Signal::Candidates { generation, candidates }),
            PeerMessage::Restart { seq, connection } => (seq, Signal::Restart { connection }),
        };
        if !self.inbound.contains_key(&from) && self.inbound.len() >= MAX_DEVICES {
            return received;
        }
        let inbound = self.inbound.entry(from).or_default();
        if seq > inbound.applied && (inbound.early.len() < MAX_EARLY || seq == inbound.applied.saturating_add(1)) {
            inbound.early.insert(seq, signal);
        }
        while let Some(signal) = inbound.early.remove(&inbound.applied.saturating_add(1)) {
            inbound.applied += 1;
            received.signals.push(signal);
        }
        if !inbound.early.is_empty() {
            received.replies.push(PeerMessage::Need {
                seq: inbound.applied.saturating_add(1),
            });
        }
        if !is_silent && inbound.applied > 0 {
            received.replies.push(PeerMessage::Ack { seq: inbound.applied });
        }
        received
    }

    /// What to say when the call is accepted and after each reconnect: everything that may be lost, and what this side
    /// has not had. A device that only rings (`is_silent`) just asks.
    pub(super) fn catch_up(&self, is_silent: bool) -> Vec<PeerMessage> {
        let mut messages = if is_silent { Vec::new() } else { self.since(1) };
        let applied = self.inbound.values().map(|inbound| inbound.applied).max().unwrap_or(0);
        if applied > 0 && !is_silent {
            messages.push(PeerMessage::Ack { seq: applied });
        }
        messages.push(PeerMessage::Need {
            seq: applied.saturating_add(1),
        });
        messages
    }

    /// Arms the wait for an acknowledgement, if there is anything to acknowledge and it is not armed yet.
    pub(super) fn expect_ack(&mut self, now: Instant) {
        if self.unacknowledged.is_empty() {
            self.resend = None;
        } else if self.resend.is_none() {
            self.resend = Some(Resend {
                at: now + FIRST_RESEND,
                wait: FIRST_RESEND,
            });
        }
    }

    /// Stops the wait: nobody is there who could acknowledge.
    pub(super) fn expect_nothing(&mut self) {
        self.resend = None;
    }

    /// When [`Self::resend_due`] has something to do.
    pub(super) fn resend_at(&self) -> Option<Instant> {
        self.resend.as_ref().map(|resend| resend.at)
    }

    /// The messages whose acknowledgement is overdue.
    pub(super) fn resend_due(&mut self, now: Instant) -> Vec<PeerMessage> {
        match &mut self.resend {
            Some(resend) if resend.at <= now => {
                resend.wait = (resend.wait * 2).min(LONGEST_RESEND);
                resend.at = now + resend.wait;
                self.since(1)
            }
            Some(_) | None => Vec::new(),
        }
    }

    fn acknowledge(&mut self, seq: u32) {
        let before = self.unacknowledged.len();
        self.unacknowledged.retain(|(kept, _)| *kept > seq);
        if self.unacknowledged.len() != before {
            // Progress: the wait for the rest starts anew.
            self.resend = None;
        }
    }

    fn since(&self, seq: u32) -> Vec<PeerMessage> {
        self.unacknowledged
            .iter()
            .filter(|(kept, _)| *kept >= seq)
            .map(|(_, message)| message.clone())
            .collect()
    }
}
