//! The client of a relay (RFC 8656), over UDP or a stream; TLS is the driver's.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use turn_client_proto::api::{TurnConfig, TurnEvent, TurnPollRet, TurnRecvRet};
use turn_client_proto::client::TurnClient;
use turn_client_proto::prelude::{DelayedTransmitBuild as _, TurnClientApi as _};
use turn_client_proto::stun::{Instant as TurnInstant, agent::Transmit};
use turn_client_proto::tcp::TurnClientTcp;
use turn_client_proto::types::stun::message::IntegrityAlgorithm;
use turn_client_proto::types::{AddressFamily, TransportType, TurnCredentials};
use turn_client_proto::udp::TurnClientUdp;

use super::STUN_BELOW;

/// The most that waits for a permission: checks, which are sent again anyway.
const MAX_WAITING: usize = 64;

/// What every message of STUN has behind its length (RFC 8489 §5).
const MAGIC_COOKIE: [u8; 4] = 0x2112_a442_u32.to_be_bytes();

/// One of the relays of a connection. Each is another, also of a later connection.
pub type RelayId = u32;

/// How bytes get to a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Each datagram is one message.
    Udp,
    /// A stream: TCP, or TLS over it.
    Stream,
}

/// A relay that can be reached, and what opens it.
#[derive(Clone)]
pub struct RelayAccess {
    /// How.
    pub transport: Transport,
    /// From which address.
    pub local: SocketAddr,
    /// Where it is.
    pub server: SocketAddr,
    /// The ticket's user name.
    pub username: String,
    /// The ticket's password.
    pub credential: String,
}

impl std::fmt::Debug for RelayAccess {
    /// Leaves out what opens the relay.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayAccess")
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}

pub(super) enum RelayEvent {
    Write(Vec<u8>),
    /// This address is ours at the relay, reached from that one here.
    Allocated(SocketAddr, SocketAddr),
    Closed,
}

/// An allocation, and what waits for its permissions.
pub(super) struct Relay {
    client: TurnClient,
    begun: Instant,
    address: Option<SocketAddr>,
    deadline: Option<Instant>,
    /// By address of a peer: what waits until the relay lets it through.
    waiting: BTreeMap<IpAddr, Vec<(SocketAddr, Vec<u8>)>>,
    /// The peers that a channel was asked for: each once, since the client keeps one open by itself, and one that was refused
    /// would be again.
    channels: BTreeSet<SocketAddr>,
    writes: VecDeque<Vec<u8>>,
    /// What came of a stream and is no whole message yet. (The client's own buffer knows nothing of padding.)
    stream: Vec<u8>,
    /// Nobody knows any more where a message of the stream begins.
    is_garbled: bool,
}

impl Relay {
    pub(super) fn new(access: &RelayAccess, now: Instant) -> Self {
        let mut config = TurnConfig::new(TurnCredentials::new(&access.username, &access.credential));
        // Relays that know RFC 8489 ask for it, ours among them.
        config.add_supported_integrity(IntegrityAlgorithm::Sha256);
        if access.server.is_ipv6() {
            config.set_address_family(AddressFamily::IPV6);
        }
        let client = match access.transport {
            Transport::Udp => TurnClientUdp::allocate(access.local, access.server, config).into(),
            Transport::Stream => TurnClientTcp::allocate(access.local, access.server, config).into(),
        };
        Self {
            client,
            begun: now,
            address: None,
            deadline: Some(now),
            waiting: BTreeMap::new(),
            channels: BTreeSet::new(),
            writes: VecDeque::new(),
            stream: Vec::new(),
            is_garbled: false,
        }
    }

    /// The address that is ours at the relay.
    pub(super) const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What peers have sent, in what the relay says.
    pub(super) fn handle_data(&mut self, data: &[u8], now: Instant) -> Vec<(SocketAddr, Vec<u8>)> {
        self.deadline = Some(now);
        if self.client.transport() == TransportType::Udp {
            return self.handle_message(data, now).into_iter().collect();
        }
        self.stream.extend_from_slice(data);
        let mut received = Vec::new();
        while !self.is_garbled {
            match message_length(&self.stream) {
                Ok(Some(length)) if padded(length) <= self.stream.len() => {
                    let rest = self.stream.split_off(padded(length));
                    let message = std::mem::replace(&mut self.stream, rest);
                    received.extend(self.handle_message(message.get(..length).unwrap_or_default(), now));
                }
                Ok(_) => return received,
                Err(Garbled) => self.is_garbled = true,
            }
        }
        self.stream.clear();
        received
    }

    fn handle_message(&mut self, message: &[u8], now: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        let at = self.at(now);
        let (transport, server, local) = (
            self.client.transport(),
            self.client.remote_addr(),
            self.client.local_addr(),
        );
        match self.client.recv(Transmit::new(message, transport, server, local), at) {
            TurnRecvRet::PeerData(data) => Some((data.peer, data.data().to_vec())),
            _ => None,
        }
    }

    /// Sends to a peer, once the relay permits it.
    pub(super) fn send(&mut self, peer: SocketAddr, data: Vec<u8>, now: Instant) {
        let at = self.at(now);
        self.deadline = Some(now);
        if !self.client.have_permission(TransportType::Udp, peer.ip()) {
            // It may be asked for already.
            _ = self.client.create_permission(TransportType::Udp, peer.ip(), at);
            let count: usize = self.waiting.values().map(Vec::len).sum();
            if count < MAX_WAITING {
                self.waiting.entry(peer.ip()).or_default().push((peer, data));
            }
            return;
        }
        if data.first().is_some_and(|first| *first >= STUN_BELOW) && self.channels.insert(peer) {
            // Media goes by a channel: 4 bytes a packet instead of 36. Without one it goes all the same.
            _ = self.client.bind_channel(TransportType::Udp, peer, at);
        }
        if let Ok(Some(transmit)) = self.client.send_to(TransportType::Udp, peer, data, at) {
            let mut message = transmit.data.build();
            if self.client.transport() != TransportType::Udp {
                message.resize(padded(message.len()), 0);
            }
            self.writes.push_back(message);
        }
    }

    pub(super) fn poll(&mut self, now: Instant) -> Option<RelayEvent> {
        if self.is_garbled {
            return Some(RelayEvent::Closed);
        }
        let at = self.at(now);
        if let Some(data) = self.writes.pop_front() {
            return Some(RelayEvent::Write(data));
        }
        let next = self.client.poll(at);
        if let Some(transmit) = self.client.poll_transmit(at) {
            return Some(RelayEvent::Write(transmit.data.to_vec()));
        }
        while let Some(event) = self.client.poll_event() {
            match event {
                TurnEvent::AllocationCreated(TransportType::Udp, address) if self.address.is_none() => {
                    self.address = Some(address);
                    return Some(RelayEvent::Allocated(address, self.client.local_addr()));
                }
                TurnEvent::PermissionCreated(_, peer) => {
                    for (peer, data) in self.waiting.remove(&peer).unwrap_or_default() {
                        self.send(peer, data, now);
                    }
                    return self.poll(now);
                }
                TurnEvent::PermissionCreateFailed(_, peer) => _ = self.waiting.remove(&peer),
                TurnEvent::AllocationCreateFailed(_) => return Some(RelayEvent::Closed),
                _ => {}
            }
        }
        match next {
            TurnPollRet::WaitUntil(until) => {
                let wait = Duration::from_nanos(u64::try_from(until.as_nanos() - at.as_nanos()).unwrap_or(0));
                // One that would come back at once is left a moment.
                self.deadline = Some(now + wait.max(Duration::from_millis(1)));
                None
            }
            TurnPollRet::Closed => Some(RelayEvent::Closed),
            TurnPollRet::AllocateTcpSocket { .. } | TurnPollRet::TcpClose { .. } => None,
        }
    }

    fn at(&self, now: Instant) -> TurnInstant {
        let since = now.saturating_duration_since(self.begun).as_nanos();
        TurnInstant::from_nanos(i64::try_from(since).unwrap_or(i64::MAX))
    }
}

/// A stream does not go on with a message.
#[derive(Debug, PartialEq, Eq)]
struct Garbled;

/// How long the message is that a stream begins with: of STUN (RFC 8489 §5), or on a channel (RFC 8656 §12). Nothing, while too
/// little of it is there. The client would wait without end for the rest of what is neither, and keep all that comes.
fn message_length(stream: &[u8]) -> Result<Option<usize>, Garbled> {
    let header = match stream.first() {
        None => return Ok(None),
        Some(0..0x40) => 20,
        Some(0x40..0x50) => 4,
        Some(_) => return Err(Garbled),
    };
    let cookie = stream.get(4..).unwrap_or_default();
    if header == 20 && !MAGIC_COOKIE.starts_with(cookie.get(..4).unwrap_or(cookie)) {
        return Err(Garbled);
    }
    let [_, _, high, low, ..] = *stream else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if header == 20 && !length.is_multiple_of(4) {
        return Err(Garbled);
    }
    Ok(Some(header + length))
}

/// Over a stream a message takes a multiple of four bytes (RFC 8656 §12.5).
const fn padded(length: usize) -> usize {
    length.next_multiple_of(4)
}

#[cfg(test)]
mod tests;
