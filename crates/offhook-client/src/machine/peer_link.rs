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
/// The most messages sent again at a time. With the waits below, whatever a peer says makes this device send fewer than the 50
/// messages a second that the server takes.
const MAX_AT_ONCE: usize = 32;
/// The pause after what a peer lacked was sent again, for each message of it: after the most, that is [`FIRST_RESEND`].
const SUPPLY_PACE: Duration = Duration::from_micros(62_500);
/// The least time between two acknowledgements: one is for all before it. And between two requests for what is missing: whoever has
/// it says it again anyway.
const ACK_PACE: Duration = Duration::from_millis(200);

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
    acknowledged_at: Option<Instant>,
    /// When something missing was last asked for, of whichever device.
    asked_at: Option<Instant>,
    /// When to acknowledge up to which number.
    ack_due: Option<(Instant, u32)>,
    /// When a peer may again get what it lacks.
    supply_at: Option<Instant>,
    /// When to send again from which number on.
    supply_due: Option<(Instant, u32)>,
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
    /// The missing number that was asked for, and when.
    asked: Option<(u32, Instant)>,
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

    /// Takes a message of the other side's device `from`. A device that only rings (`is_silent`) acknowledges nothing.
    /// The caller takes nothing but `need` while the call rings: devices that join late still need everything, and nobody
    /// who has not accepted makes media flow. What an honest device said a moment too early it says again, as it is asked when
    /// the call is accepted ([`Self::catch_up`]).
    pub(super) fn handle(
        &mut self,
        from: DeviceId,
        message: PeerMessage,
        is_ringing: bool,
        is_silent: bool,
        now: Instant,
    ) -> Received {
        let mut received = Received::default();
        if is_ringing && !is_silent && !matches!(message, PeerMessage::Need { .. }) {
            return received;
        }
        let (seq, signal) = match message {
            PeerMessage::Ack { seq } => {
                if !is_ringing {
                    self.acknowledge(seq);
                }
                return received;
            }
            PeerMessage::Need { seq } => {
                received.replies = self.supply(seq, now);
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
            let missing = inbound.applied.saturating_add(1);
            let is_asked = inbound
                .asked
                .is_some_and(|(asked, at)| asked == missing && now < at + FIRST_RESEND);
            if !is_asked && self.asked_at.is_none_or(|at| now >= at + ACK_PACE) {
                self.asked_at = Some(now);
                inbound.asked = Some((missing, now));
                received.replies.push(PeerMessage::Need { seq: missing });
            }
        }
        let applied = inbound.applied;
        // One that came early says nothing of those before it.
        if !is_silent && (1..=applied).contains(&seq) {
            received.replies.extend(self.owe_ack(applied, now));
        }
        received
    }

    /// What to say when the call is accepted and after each reconnect: everything that may be lost, and what this side
    /// has not had. A device that only rings (`is_silent`) just asks.
    pub(super) fn catch_up(&self, is_silent: bool) -> Vec<PeerMessage> {
        let mut messages = if is_silent {
            Vec::new()
        } else {
            self.since(1).take(MAX_AT_ONCE).collect()
        };
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

    /// Says nothing of what was put off: nobody hears it. Each side catches up later.
    pub(super) fn fall_silent(&mut self) {
        self.resend = None;
        self.ack_due = None;
        self.supply_due = None;
    }

    /// When [`Self::due`] has something to say.
    pub(super) fn due_at(&self) -> Option<Instant> {
        let resend_at = self.resend.as_ref().map(|resend| resend.at);
        let owed = [self.ack_due, self.supply_due].map(|due| due.map(|(at, _)| at));
        owed.into_iter().chain([resend_at]).flatten().min()
    }

    /// What was put off until now, and the messages whose acknowledgement is overdue.
    pub(super) fn due(&mut self, now: Instant) -> Vec<PeerMessage> {
        let mut messages = Vec::new();
        if let Some((_, seq)) = self.ack_due.filter(|(at, _)| *at <= now) {
            messages.extend(self.owe_ack(seq, now));
        }
        if let Some(resend) = self.resend.as_mut().filter(|resend| resend.at <= now) {
            resend.wait = (resend.wait * 2).min(LONGEST_RESEND);
            resend.at = now + resend.wait;
            self.supply_due = None;
            messages.extend(self.since(1).take(MAX_AT_ONCE));
        } else if let Some((_, seq)) = self.supply_due.filter(|(at, _)| *at <= now) {
            messages.extend(self.supply(seq, now));
        }
        messages
    }

    /// Acknowledges, at once or when it is time.
    fn owe_ack(&mut self, seq: u32, now: Instant) -> Option<PeerMessage> {
        let at = self.acknowledged_at.map_or(now, |at| at + ACK_PACE);
        if at > now {
            self.ack_due = Some((at, seq));
            return None;
        }
        self.acknowledged_at = Some(now);
        self.ack_due = None;
        Some(PeerMessage::Ack { seq })
    }

    /// Sends again what a peer lacks, at once or when it is time.
    fn supply(&mut self, seq: u32, now: Instant) -> Vec<PeerMessage> {
        if let Some(at) = self.supply_at.filter(|at| *at > now) {
            let first = self.supply_due.map_or(seq, |(_, due)| due.min(seq));
            self.supply_due = Some((at, first));
            return Vec::new();
        }
        self.supply_due = None;
        let messages: Vec<_> = self.since(seq).take(MAX_AT_ONCE).collect();
        let pause: Duration = messages.iter().map(|_| SUPPLY_PACE).sum();
        self.supply_at = Some(now + pause);
        messages
    }

    fn acknowledge(&mut self, seq: u32) {
        let before = self.unacknowledged.len();
        self.unacknowledged.retain(|(kept, _)| *kept > seq);
        if self.unacknowledged.len() != before {
            // Progress: the wait for the rest starts anew.
            self.resend = None;
        }
    }

    fn since(&self, seq: u32) -> impl Iterator<Item = PeerMessage> + '_ {
        self.unacknowledged
            .iter()
            .filter(move |(kept, _)| *kept >= seq)
            .map(|(_, message)| message.clone())
    }
}
