//! What the machine asks of the shell around it.

use std::net::SocketAddr;

use crate::client::FiveTuple;
use crate::credential::Ticket;

/// Names one relay socket, which is one relayed address of one allocation.
///
/// The number is small and used again, so that a shell may keep its sockets in a `Vec`; a name is free again only after its
/// [`Output::Close`] was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelayId(pub(crate) u32);

impl RelayId {
    /// The number: small, and unique among the sockets that are open.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What to do with the packet that was handed in, which has been rewritten in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing to forward; [`Server::poll_output`](crate::Server::poll_output) may have something.
    Done,
    /// Send the packet from this relay socket to this address.
    ToPeer {
        /// The socket.
        relay: RelayId,
        /// Where to.
        peer: SocketAddr,
    },
    /// Send the packet to this client.
    ToClient {
        /// Who.
        client: FiveTuple,
    },
}

/// What else the shell is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes to this client.
    Send {
        /// Who.
        to: FiveTuple,
        /// What.
        bytes: Vec<u8>,
    },
    /// Bind a UDP socket and say how it went by [`Server::handle_opened`](crate::Server::handle_opened), before the next output is
    /// asked for: the name may be closed and given to another socket by then.
    Open {
        /// Its name.
        relay: RelayId,
        /// The address to bind.
        address: SocketAddr,
        /// Whether all its packets are to travel with the DF bit (RFC 8656 §18.9), whatever their size
        /// (Linux: `IP_PMTUDISC_PROBE`); otherwise none needs to.
        dont_fragment: bool,
    },
    /// Close this relay socket.
    Close {
        /// Its name.
        relay: RelayId,
    },
    /// An allocation was made with this ticket.
    Allocated {
        /// The ticket.
        ticket: Ticket,
    },
    /// An allocation that was made with this ticket is gone.
    Released {
        /// The ticket.
        ticket: Ticket,
    },
}

/// Why a relay socket could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another program has the port; the machine tries another.
    #[error("the port is in use")]
    InUse,
    /// Another port would not help.
    #[error("the socket cannot be opened")]
    Failed,
}
