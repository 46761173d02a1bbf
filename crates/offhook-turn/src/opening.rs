//! An allocation that waits for its sockets.

use std::time::Duration;

use crate::account::AccountId;
use crate::client::FiveTuple;
use crate::family::{Family, PerFamily};
use crate::message::answer::Asked;
use crate::output::RelayId;
use crate::ports::Wanted;
use crate::server::member::Member;

/// What was asked for and what has come of it.
#[derive(Debug)]
pub struct Opening {
    /// Who asked.
    pub client: FiveTuple,
    /// What the answer needs.
    pub asked: Asked,
    /// Who vouched for it.
    pub member: Member,
    /// Who pays.
    pub account: AccountId,
    /// Who pays for the port that is reserved beside it.
    pub reserving: Option<AccountId>,
    /// How long it is to last.
    pub lifetime: Duration,
    /// Which port.
    pub wanted: Wanted,
    /// Whether the port is one that was reserved earlier, so that no other will do.
    pub is_claim: bool,
    /// Whether packets are to travel with the DF bit.
    pub dont_fragment: bool,
    /// The sockets.
    pub sockets: PerFamily<Option<Socket>>,
}

/// What has come of one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Socket {
    /// The shell was asked.
    Waiting {
        /// Its name.
        relay: RelayId,
        /// Its port.
        port: u16,
        /// How many ports were in use by others before.
        tries: u8,
    },
    /// It is open.
    Open {
        /// Its name.
        relay: RelayId,
        /// Its port.
        port: u16,
    },
    /// It cannot be had.
    Refused {
        /// The error code of the family (RFC 8656 §7.2, ADDRESS-ERROR-CODE).
        code: u16,
    },
}

impl Opening {
    /// Whether nothing more is waited for.
    pub fn is_settled(&self) -> bool {
        let is_waiting = |socket: &Option<Socket>| matches!(socket, Some(Socket::Waiting { .. }));
        !is_waiting(&self.sockets.v4) && !is_waiting(&self.sockets.v6)
    }

    /// The family and socket that a name stands for.
    pub fn family_of(&self, relay: RelayId) -> Option<Family> {
        let has = |socket: &Option<Socket>| match socket {
            Some(Socket::Waiting { relay: id, .. } | Socket::Open { relay: id, .. }) => *id == relay,
            Some(Socket::Refused { .. }) | None => false,
        };
        if has(&self.sockets.v4) {
            Some(Family::V4)
        } else if has(&self.sockets.v6) {
            Some(Family::V6)
        } else {
            None
        }
    }
}
