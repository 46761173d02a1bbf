//! A relay to test, and peers for it to relay to.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use offhook_core::time::Timestamp;
use offhook_server::config::relay::RelayConfig;
use offhook_server::relay::{Relay, RelayHandle, Surroundings};
use offhook_turn::{Credential, Ticket};

use crate::server::PATIENCE;

/// A running relay.
pub struct Stand {
    relay: Relay,
}

impl Stand {
    /// On a free port of an IPv4 loopback address, relaying to all of them.
    pub fn start() -> Self {
        Self::start_with(|config| config)
    }

    /// The same with another configuration.
    pub fn start_with(change: impl FnOnce(RelayConfig) -> RelayConfig) -> Self {
        let config = RelayConfig {
            listen: vec![loopback()],
            allowed_peers: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
            ..RelayConfig::ephemeral()
        };
        Self {
            relay: Relay::start(&change(config), &Surroundings::default()).unwrap(),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.handle().addresses()[0]
    }

    pub fn handle(&self) -> &RelayHandle {
        self.relay.handle()
    }

    /// A credential for a ticket, good for an hour.
    pub fn credential(&self, ticket: &str) -> Credential {
        credential(self.handle(), ticket)
    }

    pub fn stop(self) {
        self.relay.stop();
    }
}

/// A credential for a ticket, good for an hour.
pub fn credential(relay: &RelayHandle, ticket: &str) -> Credential {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let expires_at = Timestamp::from_millis(0) + now + Duration::from_secs(3600);
    relay.credential(&Ticket::new(ticket).unwrap(), expires_at)
}

/// A free port of an IPv4 loopback address that no other process uses: a relay draws its ports from a range, and many that
/// run beside each other would take them from one another.
pub fn loopback() -> SocketAddr {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    // Process ids have 22 bits at most.
    (Ipv4Addr::new(127, 64 | high << 4 | middle, low, 1), 0).into()
}

/// A free port of the IPv6 loopback.
pub fn loopback_v6() -> SocketAddr {
    (Ipv6Addr::LOCALHOST, 0).into()
}

/// A peer: a plain socket.
pub struct Peer(UdpSocket);

impl Peer {
    pub fn at(address: SocketAddr) -> Self {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub fn send(&self, to: SocketAddr, data: &[u8]) {
        self.0.send_to(data, to).unwrap();
    }

    pub fn receive(&self) -> (SocketAddr, Vec<u8>) {
        let mut bytes = vec![0; 65_536];
        let (length, from) = self.0.recv_from(&mut bytes).expect("a packet in time");
        bytes.truncate(length);
        (from, bytes)
    }
}
