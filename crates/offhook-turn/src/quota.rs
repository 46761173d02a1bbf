//! How much a ticket, an application and all together may have.

/// What is allowed at most. Everything that a client can make grow has its bound here or in a constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas {
    /// Allocations in all; beyond them 508 (RFC 8656 §7.2).
    pub allocations: u32,
    /// Allocations of a ticket; beyond them 486.
    pub allocations_per_ticket: u32,
    /// Allocations of an application; beyond them 486.
    pub allocations_per_application: u32,
    /// Bits per second of a ticket, both ways together; what is over it is dropped.
    pub bitrate_per_ticket_bps: u64,
    /// Bits per second of an application, both ways together; what is over it is dropped.
    pub bitrate_per_application_bps: u64,
    /// Answers a second to a source that has not shown a credential, and twice as many at once; an IPv6 source is its /64.
    ///
    /// A browser needs about ten for a call; many may sit behind one address.
    pub answers_to_strangers_per_second: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            allocations: 16_384,
            allocations_per_ticket: 12,
            allocations_per_application: 8_192,
            bitrate_per_ticket_bps: 20_000_000,
            bitrate_per_application_bps: 1_000_000_000,
            answers_to_strangers_per_second: 100,
        }
    }
}
