//! What two devices of a call say to each other through the server, which passes it on unread.
//!
//! Messages are numbered per call and sending device from 1, kept by the sender until the peer acknowledges them, and
//! sent again after a reconnect; a receiver applies each number once, in order. [`PeerMessage::Ack`] and
//! [`PeerMessage::Need`] are not numbered.
//!
//! While a call rings, the caller's messages go to every device of the callee, and those devices send nothing but
//! [`PeerMessage::Need`]: nothing about the callee's network leaves before accept. After accept the accepting device
//! sends `Need` for what it has not yet had.

use serde::{Deserialize, Serialize};

/// A message from device to device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PeerMessage {
    /// An SDP offer (RFC 8829). `generation` counts the offers of the call, from 0.
    Offer {
        /// Numbers the sender's messages.
        seq: u32,
        /// Which negotiation: an answer names the same.
        generation: u32,
        /// Which peer connection of the call, from 0: one that has failed may be replaced (an engine may not mend it).
        #[serde(default)]
        connection: u32,
        /// The session description.
        sdp: String,
    },
    /// An SDP answer.
    Answer {
        /// Numbers the sender's messages.
        seq: u32,
        /// Of the offer.
        generation: u32,
        /// The session description.
        sdp: String,
    },
    /// ICE candidates (RFC 8838), several at a time.
    Candidates {
        /// Numbers the sender's messages.
        seq: u32,
        /// The negotiation they belong to.
        generation: u32,
        /// The candidates.
        candidates: Vec<PeerCandidate>,
    },
    /// The callee asks the caller for another offer: only the caller makes offers, so that two never meet.
    Restart {
        /// Numbers the sender's messages.
        seq: u32,
        /// Of which peer connection the offer is to be: the present one, or the next, where the callee's has failed for good.
        #[serde(default)]
        connection: u32,
    },
    /// Everything up to and with `seq` has arrived.
    Ack {
        /// The last number received without a gap.
        seq: u32,
    },
    /// Send again from `seq` on.
    Need {
        /// The first number missing.
        seq: u32,
    },
}

impl std::fmt::Debug for PeerMessage {
    /// Names the message without what it carries: addresses never reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, seq) = match self {
            Self::Offer { seq, .. } => ("offer", seq),
            Self::Answer { seq, .. } => ("answer", seq),
            Self::Candidates { seq, .. } => ("candidates", seq),
            Self::Restart { seq, .. } => ("restart", seq),
            Self::Ack { seq } => ("ack", seq),
            Self::Need { seq } => ("need", seq),
        };
        write!(f, "{kind} {seq}")
    }
}

/// An ICE candidate (`RTCIceCandidateInit`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct PeerCandidate {
    /// The candidate attribute; empty at the end of candidates.
    pub candidate: String,
    /// The media section it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub sdp_mid: Option<String>,
    /// The same, by position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub sdp_m_line_index: Option<u16>,
}
