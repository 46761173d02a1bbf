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
    /// What is configured, and else what follows from the relay's own addresses as clients reach them, and from where TLS is
    /// served.
    pub fn new(config: &Config, relay: &[SocketAddr], https: Option<SocketAddr>) -> Self {
        let mut stun = config.stun_servers.clone();
        if !config.relay.urls.is_empty() {
            return Self {
                stun,
                turn: config.relay.urls.clone(),
            };
        }
        let mut places: Vec<_> = relay.iter().map(|address| place(config, *address)).collect();
        places.dedup();
        stun.extend(places.iter().map(|place| format!("stun:{place}")));
        let transports = ["udp", "tcp"].into_iter();
        let turn = transports.flat_map(|transport| {
            let url = move |place| format!("turn:{place}?transport={transport}");
            places.iter().map(url)
        });
        // Without a relay in this process nobody takes over a connection that speaks TURN.
        let turns = https.filter(|_| !relay.is_empty());
        let turns = turns.and_then(|https| config.turns_url(https));
        Self {
            stun,
            turn: turn.chain(turns).collect(),
        }
    }
}

/// Host and port for a URL. The name that clients are told stands for every address but those that only this machine
/// reaches.
fn place(config: &Config, address: SocketAddr) -> String {
    let name = config.host_for_clients().filter(|_| !address.ip().is_loopback());
    match name.map(|name| (name, name.parse())) {
        Some((_, Ok(ip))) => SocketAddr::new(ip, address.port()).to_string(),
        Some((name, Err(_))) => format!("{name}:{}", address.port()),
        None => address.to_string(),
    }
}

#[cfg(test)]
mod tests;
