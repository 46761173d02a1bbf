//! The relay's section, `[relay]`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use serde::de::Unexpected;
use serde::{Deserialize, Deserializer, Serialize};

use super::ConfigError;

/// Ports below this need privileges, or belong to somebody else.
const LOWEST_PORT: u16 = 1024;
/// A secret that can be guessed lets everybody relay.
const SECRET_LENGTHS: std::ops::RangeInclusive<usize> = 16..=256;
/// More listeners than a machine has use for.
const MOST_LISTENERS: usize = 16;

/// What `[relay]` holds: STUN and TURN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RelayConfig {
    /// Where STUN and TURN are served, over UDP and TCP both. Default `["127.0.0.1:3478"]`; an empty list turns the relay off.
    pub listen: Vec<SocketAddr>,
    /// What clients and peers are told where it differs from the address that is listened on, such as the public
    /// address of a machine behind NAT; at most one of each family. Default none: the listening address, or for an
    /// unspecified one the address of the route out.
    pub external_addresses: Vec<IpAddr>,
    /// The first port for relayed addresses, 1024 to 65535. Default 49152.
    pub min_port: u16,
    /// The last port for relayed addresses, `min_port` to 65535. Default 65535.
    pub max_port: u16,
    /// What credentials are made with, 16 to 256 characters, the same at every relay that is to take them. Default none:
    /// drawn at each start, so only this process makes credentials that this process takes.
    #[serde(skip_serializing)]
    pub secret: Option<RelaySecret>,
    /// TURN URLs to hand out instead of this relay's own, such as `["turn:relay.example.org:3478"]`. Default none.
    pub urls: Vec<String>,
    /// Networks that may be relayed to although they are refused by default, such as `["10.0.0.0/8"]`. Default none:
    /// private, local and special addresses are refused.
    pub allowed_peers: Vec<IpNet>,
    /// Networks that may not be relayed to although they are allowed by default. Default none.
    pub denied_peers: Vec<IpNet>,
    /// Allocations at once, 1 to 60000. Default 16384; the file limit of the process must allow it.
    pub max_allocations: u32,
    /// Allocations of one ticket (one call) at once, 1 to 1000. Default 12: three transports, two families, two interfaces.
    pub max_allocations_per_ticket: u32,
    /// Allocations of one application at once, 1 to 60000. Default 8192.
    pub max_allocations_per_application: u32,
    /// Bits a second that one ticket may have relayed, both directions together, at least 64000. Default 20000000.
    pub max_bitrate_per_ticket_bps: u64,
    /// Bits a second that one application may have relayed, at least 64000. Default 1000000000.
    pub max_bitrate_per_application_bps: u64,
}

impl Default for RelayConfig {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 3478))],
            external_addresses: Vec::new(),
            min_port: 49152,
            max_port: 65535,
            secret: None,
            urls: Vec::new(),
            allowed_peers: Vec::new(),
            denied_peers: Vec::new(),
            max_allocations: 16384,
            max_allocations_per_ticket: 12,
            max_allocations_per_application: 8192,
            max_bitrate_per_ticket_bps: 20_000_000,
            max_bitrate_per_application_bps: 1_000_000_000,
        }
    }
}

impl RelayConfig {
    /// The keys that hold lists, for the environment's sake.
    pub(super) const LISTS: [&str; 5] = [
        "relay.listen",
        "relay.external_addresses",
        "relay.urls",
        "relay.allowed_peers",
        "relay.denied_peers",
    ];

    /// The key whose value is told to nobody.
    pub(super) const SECRET: &str = "relay.secret";

    /// Whether there is a relay in this process.
    pub fn is_on(&self) -> bool {
        !self.listen.is_empty()
    }

    /// A relay on a free port of the loopback interface.
    pub fn ephemeral() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
            ..Self::default()
        }
    }

    /// Checks what the types do not.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.check_addresses()?;
        let ports = LOWEST_PORT..=u16::MAX;
        within(
            "relay.min_port",
            self.min_port,
            ports.contains(&self.min_port),
            "1024 to 65535",
        )?;
        let ends_after_start = self.max_port >= self.min_port;
        within(
            "relay.max_port",
            self.max_port,
            ends_after_start,
            "relay.min_port to 65535",
        )?;
        if let Some(secret) = &self.secret {
            let is_long_enough = SECRET_LENGTHS.contains(&secret.as_str().chars().count());
            within(Self::SECRET, "not shown", is_long_enough, "16 to 256 characters")?;
        }
        for url in &self.urls {
            let is_turn = ["turn:", "turns:"].iter().any(|scheme| url.starts_with(scheme));
            let allowed = "a list of addresses like turn:HOST:3478 or turns:HOST:443?transport=tcp";
            within("relay.urls", format!("{url:?}"), is_turn, allowed)?;
        }
        self.check_quotas()
    }

    fn check_addresses(&self) -> Result<(), ConfigError> {
        let is_few = self.listen.len() <= MOST_LISTENERS;
        within(
            "relay.listen",
            format!("{} addresses", self.listen.len()),
            is_few,
            "at most 16",
        )?;
        for address in &self.external_addresses {
            let family = |other: &&IpAddr| other.is_ipv4() == address.is_ipv4();
            let is_alone = self.external_addresses.iter().filter(family).count() == 1;
            let allowed = "at most one address of each family, none of them unspecified or multicast";
            let is_usable = is_alone && !address.is_unspecified() && !address.is_multicast();
            within("relay.external_addresses", address, is_usable, allowed)?;
        }
        Ok(())
    }

    fn check_quotas(&self) -> Result<(), ConfigError> {
        let allocations = [
            ("relay.max_allocations", self.max_allocations, 60_000, "1 to 60000"),
            (
                "relay.max_allocations_per_ticket",
                self.max_allocations_per_ticket,
                1000,
                "1 to 1000",
            ),
            (
                "relay.max_allocations_per_application",
                self.max_allocations_per_application,
                60_000,
                "1 to 60000",
            ),
        ];
        for (key, value, most, allowed) in allocations {
            within(key, value, (1..=most).contains(&value), allowed)?;
        }
        let bitrates = [
            ("relay.max_bitrate_per_ticket_bps", self.max_bitrate_per_ticket_bps),
            (
                "relay.max_bitrate_per_application_bps",
                self.max_bitrate_per_application_bps,
            ),
        ];
        for (key, value) in bitrates {
            within(key, value, value >= 64_000, "at least 64000")?;
        }
        Ok(())
    }
}

fn within(
    key: &'static str,
    value: impl fmt::Display,
    is_allowed: bool,
    allowed: &'static str,
) -> Result<(), ConfigError> {
    if is_allowed {
        return Ok(());
    }
    Err(ConfigError::OutOfRange {
        key,
        value: value.to_string(),
        allowed,
    })
}

/// What credentials are made with. It is in no log and in no output.
#[derive(Clone, PartialEq, Eq)]
pub struct RelaySecret(String);

impl RelaySecret {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RelaySecret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for RelaySecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RelaySecret(not shown)")
    }
}

impl<'de> Deserialize<'de> for RelaySecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

/// Takes text only. The environment's reader makes numbers of what looks like one, and `007` would be another secret.
struct SecretVisitor;

impl serde::de::Visitor<'_> for SecretVisitor {
    type Value = RelaySecret;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text that is neither a number nor true or false")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RelaySecret, E> {
        Ok(RelaySecret(text.to_owned()))
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<RelaySecret, E> {
        Err(E::invalid_type(Unexpected::Other("something else"), &self))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<RelaySecret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<RelaySecret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<RelaySecret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }
}

#[cfg(test)]
mod tests;
