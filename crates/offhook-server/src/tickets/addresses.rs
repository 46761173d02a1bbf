//! Where clients are told to find STUN and TURN (RFC 7064, RFC 7065).

use std::net::SocketAddr;

use crate::config::Config;

/// What clients are told, as URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// STUN.
    pub stun: Vec<String>,
    /// TURN.
    pub turn: Vec<String>,
}

impl Addresses {
    /// What is configured, and else what follows from the relay's own addresses as clients reach them, and from where TLS
    /// is served.
    pub fn new(config: &Config, relay: &[SocketAddr], https: Option<SocketAddr>) -> Self {
        let mut stun = config.stun_servers.clone();
        if !config.relay.urls.is_empty() {
            return Self {
                stun,
                turn: config.relay.urls.clone(),
            };
        }
        stun.extend(relay.iter().map(|address| format!("stun:{address}")));
        let transports = ["udp", "tcp"];
        // Without a relay of this process, TLS leads to none.
        let turns = https.filter(|_| !relay.is_empty());
        let turn = transports.into_iter().flat_map(|transport| {
            let url = move |address| format!("turn:{address}?transport={transport}");
            relay.iter().map(url)
        });
        Self {
            stun,
            turn: turn.chain(turns.and_then(|https| config.turns_url(https))).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
