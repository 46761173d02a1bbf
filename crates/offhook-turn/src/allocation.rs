//! An allocation: a client, its relayed addresses, and whom they listen to (RFC 8656 §3.2).

pub mod channels;
pub mod permissions;

use stun_types::message::TransactionId;

use crate::account::AccountId;
use crate::client::FiveTuple;
use crate::family::{Family, PerFamily};
use crate::output::RelayId;
use crate::time::Time;
use channels::Channels;
use permissions::Permissions;

/// An allocation.
#[derive(Debug)]
pub struct Allocation {
    /// Whose it is.
    pub client: FiveTuple,
    /// Who pays.
    pub account: AccountId,
    /// The expiry in the username it was made with; all requests must use the same (RFC 8656 §5).
    pub expiry: u64,
    /// When it was made.
    pub made_at: Time,
    /// The request that made it, and what it was answered: a retransmission gets the same (RFC 8656 §7.2).
    pub made_by: (TransactionId, Box<[u8]>),
    /// When an unsigned answer went out last.
    pub warned_at: Time,
    /// The relayed addresses; one at least.
    pub relays: PerFamily<Option<Relay>>,
    /// Whose packets are passed on.
    pub permissions: Permissions,
    /// Which channels stand for which peers.
    pub channels: Channels,
}

/// A relayed address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relay {
    /// Its socket.
    pub id: RelayId,
    /// Its port.
    pub port: u16,
    /// When it ends unless it is refreshed.
    pub ends_at: Time,
    /// Whether its packets travel with the DF bit.
    pub dont_fragment: bool,
}

impl Allocation {
    /// The relayed address of a family, as long as it lives.
    pub fn relay(&self, family: Family, now: Time) -> Option<&Relay> {
        self.relays.of(family).as_ref().filter(|relay| now < relay.ends_at)
    }
}
