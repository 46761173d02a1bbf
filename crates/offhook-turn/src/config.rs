//! What a server is told once, at its start.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use crate::credential::Secret;
use crate::family::Family;
use crate::policy::Policy;
use crate::quota::Quotas;

/// An address to relay from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayAddress {
    /// What sockets are bound to.
    pub bind: IpAddr,
    /// What clients are told; of the same family.
    pub external: IpAddr,
}

impl RelayAddress {
    /// Whether both forms are of a family.
    pub(crate) const fn is_of(&self, family: Family) -> bool {
        matches!(
            (family, Family::of(self.bind), Family::of(self.external)),
            (Family::V4, Family::V4, Family::V4) | (Family::V6, Family::V6, Family::V6)
        )
    }
}

/// What a server is told at its start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The realm of the credentials (RFC 8489 §14.9).
    pub realm: String,
    /// From which passwords are derived.
    pub secret: Secret,
    /// Where IPv4 is relayed from; without it IPv4 is refused with 440.
    pub ipv4: Option<RelayAddress>,
    /// Where IPv6 is relayed from; without it IPv6 is refused with 440.
    pub ipv6: Option<RelayAddress>,
    /// The ports of relayed addresses (RFC 8656 §7.2 recommends 49152 to 65535).
    pub ports: RangeInclusive<u16>,
    /// Whom clients may reach.
    pub policy: Policy,
    /// How much they may have.
    pub quotas: Quotas,
}
