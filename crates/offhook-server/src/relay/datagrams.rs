//! UDP: the listeners, a socket an allocation, and the packets that are between being received and being sent.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::os::fd::AsRawFd as _;

use mio::unix::SourceFd;
use mio::{Interest, Registry};
use offhook_turn::{FiveTuple, HEADROOM, OpenError, RelayId, TAILROOM};
use offhook_udp::{Buffers, Layout, Outgoing, RecvBatch, SendBatch, Sent, Socket};
use rustix::net::sockopt;

use super::ready::{IsWaiting, Ready, Source};

/// Packets that are received before what they became is sent: enough that several of one flow meet and leave as one.
const SLOTS: usize = 256;
/// The longest datagram: a jumbo frame's. Media stays below 1500 bytes.
const LONGEST_BYTES: usize = 9216;
/// What a listener may bring in one turn: it stands for many clients.
const LISTENER_SHARE: usize = 128;
/// What a relay socket may bring in one turn.
const RELAY_SHARE: usize = 32;
/// Listeners' buffers, for what comes while the thread is busy: 20 ms of a gigabit. A relay socket has the system's.
const LISTENER_BUFFER_BYTES: usize = 4 << 20;
/// What tells listeners from relay sockets in an [`Outgoing`].
const LISTENER: u32 = 1 << 31;

/// Every UDP socket, and the packets in hand.
pub struct Datagrams {
    listeners: Vec<Listener>,
    /// By the number of the `RelayId`.
    relays: Vec<Option<RelaySocket>>,
    packets: RecvBatch,
    outgoing: SendBatch,
    sent: Sent,
}

struct Listener {
    socket: Socket,
    /// Whether it is bound to all addresses, so that an answer must say which it comes from.
    is_wildcard: bool,
    is_waiting: IsWaiting,
}

struct RelaySocket {
    id: RelayId,
    socket: Socket,
    is_waiting: IsWaiting,
}

/// What one turn of a socket brought: these slots, and whether there is more.
pub struct Brought {
    /// Filled slots.
    pub slots: Range<usize>,
    /// Whether the socket had no more.
    pub is_drained: bool,
}

impl Datagrams {
    /// Makes room for packets; there are no sockets yet.
    pub fn new() -> Self {
        let layout = Layout {
            slots: SLOTS,
            headroom: HEADROOM,
            size: LONGEST_BYTES,
            tailroom: TAILROOM,
        };
        Self {
            listeners: Vec::new(),
            relays: Vec::new(),
            packets: RecvBatch::new(layout),
            outgoing: SendBatch::new(SLOTS),
            sent: Sent::default(),
        }
    }

    /// Listens on an address; gives it with its real port.
    ///
    /// # Errors
    /// If it cannot be bound.
    pub fn listen(&mut self, registry: &Registry, address: SocketAddr) -> io::Result<SocketAddr> {
        let socket = Socket::bind(address, Buffers::default())?;
        enlarge(&socket);
        let number = self.listeners.len() as u32;
        register(registry, &socket, Source::Listener(number))?;
        let local = socket.local_address();
        self.listeners.push(Listener {
            socket,
            is_wildcard: local.ip().is_unspecified(),
            is_waiting: IsWaiting::default(),
        });
        Ok(local)
    }

    /// Gives the newest listener back.
    pub fn unlisten(&mut self) {
        // Closing the file takes it out of the poll.
        self.listeners.pop();
    }

    /// Where is listened.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let listeners = self.listeners.iter();
        listeners.map(|listener| listener.socket.local_address()).collect()
    }

    /// Opens the socket of an allocation; gives the address that it got.
    ///
    /// # Errors
    /// As the machine wants to know it.
    pub fn open(
        &mut self,
        registry: &Registry,
        relay: RelayId,
        address: SocketAddr,
        dont_fragment: bool,
    ) -> Result<SocketAddr, OpenError> {
        let socket = bind_relay(registry, relay, address, dont_fragment).map_err(|error| {
            if error.kind() == io::ErrorKind::AddrInUse {
                return OpenError::InUse;
            }
            tracing::warn!(error = %error, "a relay socket could not be opened");
            OpenError::Failed
        })?;
        let local = socket.local_address();
        if self.relays.len() <= relay.index() {
            self.relays.resize_with(relay.index() + 1, || None);
        }
        if let Some(place) = self.relays.get_mut(relay.index()) {
            *place = Some(RelaySocket {
                id: relay,
                socket,
                is_waiting: IsWaiting::default(),
            });
        }
        Ok(local)
    }

    /// Closes the socket of an allocation, once what waits to be sent by it is sent.
    pub fn close(&mut self, relay: RelayId) {
        self.flush();
        if let Some(place) = self.relays.get_mut(relay.index()) {
            // Closing the file takes it out of the poll. A turn that it still waits for finds nothing, or the next
            // socket of that number, which then has one turn too many.
            *place = None;
        }
    }

    /// The name of a relay socket.
    pub fn relay_id(&self, number: u32) -> Option<RelayId> {
        Some(self.relays.get(number as usize)?.as_ref()?.id)
    }

    /// Lets a socket that has something to read wait for its turn.
    pub fn wait(&mut self, source: Source, ready: &mut Ready) {
        let is_waiting = match source {
            Source::Listener(number) => self.listeners.get_mut(number as usize).map(|one| &mut one.is_waiting),
            Source::Relay(number) => {
                let relay = self.relays.get_mut(number as usize).and_then(Option::as_mut);
                relay.map(|one| &mut one.is_waiting)
            }
            Source::Commands | Source::Acceptor(_) | Source::Connection(_) => None,
        };
        if let Some(is_waiting) = is_waiting {
            ready.push(source, is_waiting);
        }
    }

    /// Receives a socket's share of a turn. Nothing for a socket that is gone.
    pub fn receive(&mut self, source: Source) -> Brought {
        let share = match source {
            Source::Listener(_) => LISTENER_SHARE,
            _ => RELAY_SHARE,
        };
        if self.packets.free() < share {
            self.flush();
            self.packets.clear();
        }
        let Self {
            listeners,
            relays,
            packets,
            ..
        } = self;
        let (socket, is_waiting) = match source {
            Source::Listener(number) => match listeners.get_mut(number as usize) {
                Some(listener) => (&listener.socket, &mut listener.is_waiting),
                None => return Brought::NOTHING,
            },
            Source::Relay(number) => match relays.get_mut(number as usize).and_then(Option::as_mut) {
                Some(relay) => (&relay.socket, &mut relay.is_waiting),
                None => return Brought::NOTHING,
            },
            Source::Commands | Source::Acceptor(_) | Source::Connection(_) => return Brought::NOTHING,
        };
        is_waiting.taken();
        match packets.receive(socket, share) {
            Ok(received) => Brought {
                slots: received.slots,
                is_drained: received.is_drained,
            },
            Err(error) => {
                // It concerns an earlier packet, as ICMP's do, and is told only once: there may be more to read.
                tracing::trace!(error = %error, "a socket told an error");
                Brought {
                    is_drained: false,
                    ..Brought::NOTHING
                }
            }
        }
    }

    /// The packet in a slot.
    pub fn packet(&mut self, slot: usize) -> Option<offhook_udp::Datagram<'_>> {
        self.packets.datagram(slot)
    }

    /// Lets a packet wait to be sent to a peer.
    pub fn forward_to_peer(&mut self, slot: usize, range: Range<usize>, relay: RelayId, peer: SocketAddr) {
        self.outgoing.push(Outgoing {
            socket: relay.index() as u32,
            slot,
            range,
            destination: peer,
            source: None,
        });
    }

    /// Lets a packet wait to be sent to a client over UDP.
    pub fn forward_to_client(&mut self, slot: usize, range: Range<usize>, client: &FiveTuple) {
        if let Some((number, source)) = self.listener_of(client) {
            self.outgoing.push(Outgoing {
                socket: LISTENER | number,
                slot,
                range,
                destination: client.remote,
                source,
            });
        }
    }

    /// Sends to a peer what lies in no slot.
    pub fn send_to_peer(&mut self, relay: RelayId, peer: SocketAddr, bytes: &[u8]) {
        if let Some(relay) = self.relays.get(relay.index()).and_then(Option::as_ref) {
            let result = relay.socket.send_to(bytes, peer, None);
            self.count(result);
        }
    }

    /// Sends to a client over UDP what lies in no slot.
    pub fn send_to_client(&mut self, client: &FiveTuple, bytes: &[u8]) {
        let Some((number, source)) = self.listener_of(client) else {
            return;
        };
        if let Some(listener) = self.listeners.get(number as usize) {
            let result = listener.socket.send_to(bytes, client.remote, source);
            self.count(result);
        }
    }

    fn count(&mut self, result: io::Result<()>) {
        match result {
            Ok(()) => self.sent.sent += 1,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.sent.crowded += 1,
            Err(_) => self.sent.refused += 1,
        }
    }

    /// The listener that a client speaks to, and the address that it is to be answered from, if that must be said.
    fn listener_of(&self, client: &FiveTuple) -> Option<(u32, Option<IpAddr>)> {
        let is_its_own = |listener: &Listener| {
            let bound = listener.socket.local_address();
            bound.port() == client.local.port()
                && (bound.ip() == client.local.ip()
                    || (listener.is_wildcard && bound.is_ipv4() == client.local.is_ipv4()))
        };
        let number = self.listeners.iter().position(is_its_own)?;
        let is_wildcard = self.listeners.get(number)?.is_wildcard;
        Some((number as u32, is_wildcard.then(|| client.local.ip())))
    }

    /// Sends everything that waits to be sent.
    pub fn flush(&mut self) {
        let Self {
            listeners,
            relays,
            packets,
            outgoing,
            sent,
        } = self;
        if outgoing.is_empty() {
            return;
        }
        let now = outgoing.flush(packets, |number| {
            if number & LISTENER == 0 {
                let relay = relays.get(number as usize)?.as_ref()?;
                return Some(&relay.socket);
            }
            listeners
                .get((number & !LISTENER) as usize)
                .map(|listener| &listener.socket)
        });
        sent.sent += now.sent;
        sent.refused += now.refused;
        sent.crowded += now.crowded;
    }

    /// Ends a turn: everything is sent, and every slot is free again.
    pub fn finish(&mut self) {
        self.flush();
        self.packets.clear();
    }

    /// Takes what became of the packets that were sent since it was last taken.
    pub fn take_sent(&mut self) -> Sent {
        std::mem::take(&mut self.sent)
    }
}

impl Brought {
    const NOTHING: Self = Self {
        slots: 0..0,
        is_drained: true,
    };
}

fn register(registry: &Registry, socket: &Socket, source: Source) -> io::Result<()> {
    registry.register(&mut SourceFd(&socket.as_raw_fd()), source.token(), Interest::READABLE)
}

fn bind_relay(registry: &Registry, relay: RelayId, address: SocketAddr, dont_fragment: bool) -> io::Result<Socket> {
    let socket = Socket::bind(address, Buffers::default())?;
    match (address.is_ipv4(), dont_fragment) {
        (true, true) => sockopt::set_ip_mtu_discover(&socket, sockopt::Ipv4PathMtuDiscovery::PROBE)?,
        // RFC 8656 §18.9: the bit is set where the client asks for it; Linux would set it by itself.
        (true, false) => sockopt::set_ip_mtu_discover(&socket, sockopt::Ipv4PathMtuDiscovery::DONT)?,
        (false, true) => sockopt::set_ipv6_mtu_discover(&socket, sockopt::Ipv6PathMtuDiscovery::PROBE)?,
        (false, false) => {}
    }
    register(registry, &socket, Source::Relay(relay.index() as u32))?;
    Ok(socket)
}

/// Gives a listener large buffers: beyond the system's limit where the process may, else up to it.
fn enlarge(socket: &Socket) {
    let size = LISTENER_BUFFER_BYTES;
    let receive = sockopt::set_socket_recv_buffer_size_force(socket, size)
        .or_else(|_| sockopt::set_socket_recv_buffer_size(socket, size));
    let send = sockopt::set_socket_send_buffer_size_force(socket, size)
        .or_else(|_| sockopt::set_socket_send_buffer_size(socket, size));
    if let Err(error) = receive.and(send) {
        tracing::warn!(error = %error, "a listener keeps the system's buffers");
    }
}
