//! The sockets between clients and nodes, and the bus between nodes.
//!
//! A socket delivers in order. When it breaks, what is under way to the client is lost; what is under way to the node is
//! lost in half the cases and arrives in the others, late perhaps, when the client may be elsewhere already.

use std::collections::BTreeMap;

use crate::node::Instance;
use crate::random::Random;
use crate::world::Millis;

/// How long a message takes at most while its socket is slow.
const SLOWEST: Millis = 4_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SocketId(pub u64);

#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    ToNode,
    ToClient,
}

pub(crate) struct Socket {
    pub client: usize,
    pub instance: Instance,
    /// Whether the client still listens.
    pub is_open: bool,
    /// Whether what the client sent last never arrives.
    is_upstream_lost: bool,
    slow_until: Millis,
    last_to_node: Millis,
    last_to_client: Millis,
}

#[derive(Default)]
pub(crate) struct Network {
    sockets: BTreeMap<SocketId, Socket>,
    next: u64,
}

impl Network {
    pub fn open(&mut self, client: usize, instance: Instance) -> SocketId {
        self.next += 1;
        let id = SocketId(self.next);
        self.sockets.insert(
            id,
            Socket {
                client,
                instance,
                is_open: true,
                is_upstream_lost: false,
                slow_until: 0,
                last_to_node: 0,
                last_to_client: 0,
            },
        );
        id
    }

    /// How many sockets were ever opened.
    pub fn opened(&self) -> u64 {
        self.next
    }

    pub fn socket(&self, id: SocketId) -> Option<&Socket> {
        self.sockets.get(&id)
    }

    /// Sockets to a node, as their clients see it.
    pub fn sockets_to(&self, instance: Instance) -> Vec<(SocketId, usize)> {
        (self.sockets.iter())
            .filter(|(_, socket)| socket.is_open && socket.instance == instance)
            .map(|(id, socket)| (*id, socket.client))
            .collect()
    }

    /// When a message that is sent now arrives; never before the one sent before it.
    pub fn arrival(&mut self, id: SocketId, way: Way, now: Millis, random: &mut Random) -> Option<Millis> {
        let socket = self.sockets.get_mut(&id)?;
        if !socket.is_open {
            return None;
        }
        let delay = if now < socket.slow_until {
            random.between(500..=SLOWEST)
        } else {
            random.between(2..=80)
        };
        let last = match way {
            Way::ToNode => &mut socket.last_to_node,
            Way::ToClient => &mut socket.last_to_client,
        };
        *last = (*last).max(now + delay);
        Some(*last)
    }

    /// Whether a message that set out to the node arrives there.
    pub fn arrives(&self, id: SocketId) -> bool {
        self.socket(id).is_some_and(|socket| !socket.is_upstream_lost)
    }

    /// When a socket has delivered all that it was slow with.
    pub fn well_from(&self, id: SocketId) -> Millis {
        self.socket(id).map_or(0, |socket| {
            if socket.slow_until == 0 {
                0
            } else {
                socket.slow_until + SLOWEST
            }
        })
    }

    pub fn slow_down(&mut self, id: SocketId, until: Millis) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.slow_until = until;
        }
    }

    /// The client's end is gone. Says when the node hears of it; it may hear nothing.
    pub fn cut(&mut self, id: SocketId, now: Millis, random: &mut Random) -> Option<Millis> {
        let socket = self.sockets.get_mut(&id)?;
        socket.is_open = false;
        socket.is_upstream_lost = random.in_thousand(500);
        let is_told = random.in_thousand(600);
        is_told.then(|| socket.last_to_node.max(now + random.between(2..=80)))
    }

    /// When a doorbell arrives at a node. One in ten never does.
    pub fn doorbell(now: Millis, random: &mut Random) -> Option<Millis> {
        (!random.in_thousand(100)).then(|| now + random.between(1..=30))
    }
}
