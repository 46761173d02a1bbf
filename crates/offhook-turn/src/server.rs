//! The server: what comes in is judged here and goes to the part that knows about it.

use std::net::SocketAddr;

use crate::client::FiveTuple;
use crate::config::Config;
use crate::credential::Ticket;
use crate::output::{OpenError, Output, RelayId, Step};
use crate::packet::Packet;
use crate::time::Time;
use crate::usage::Usage;

/// A STUN and TURN server without sockets and without a clock.
#[derive(Debug)]
pub struct Server {
    config: Config,
}

/// What an ICMP message said about a packet of ours (RFC 8656 §18.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icmp {
    /// Its type.
    pub icmp_type: u8,
    /// Its code.
    pub code: u8,
    /// Four bytes that belong to it, as the next hop's MTU.
    pub data: [u8; 4],
}

impl Server {
    /// Makes a server; `seed` is 256 random bits that nobody else knows.
    pub fn new(config: Config, seed: [u8; 32]) -> Self {
        let _ = seed;
        Self { config }
    }

    /// Takes one datagram, or one message of a stream, from a client.
    pub fn handle_client(&mut self, from: FiveTuple, packet: &mut Packet<'_>, now: Time) -> Step {
        let _ = (from, packet, now, &self.config);
        Step::Done
    }

    /// Takes a datagram that a relay socket received.
    pub fn handle_peer(&mut self, relay: RelayId, peer: SocketAddr, packet: &mut Packet<'_>, now: Time) -> Step {
        let _ = (relay, peer, packet, now);
        Step::Done
    }

    /// Takes what an ICMP message said about a packet that went from a relay socket to `peer` (RFC 8656 §11.5).
    pub fn handle_icmp(&mut self, relay: RelayId, peer: SocketAddr, icmp: Icmp, now: Time) {
        let _ = (relay, peer, icmp, now);
    }

    /// Takes the answer to [`Output::Open`]: the address that was bound, or why it was not.
    pub fn handle_opened(&mut self, relay: RelayId, opened: Result<SocketAddr, OpenError>, now: Time) {
        let _ = (relay, opened, now);
    }

    /// Takes the end of a client's stream; its allocation goes with it (RFC 8656 §3.1).
    pub fn handle_stream_closed(&mut self, client: FiveTuple, now: Time) {
        let _ = (client, now);
    }

    /// Ends all allocations of a ticket; it can make no more.
    pub fn handle_revoke(&mut self, ticket: &Ticket, now: Time) {
        let _ = (ticket, now);
    }

    /// Ends what is over; to be called when [`poll_timeout`](Self::poll_timeout) says.
    pub fn handle_timeout(&mut self, now: Time) {
        let _ = now;
    }

    /// When something ends next.
    pub fn poll_timeout(&self) -> Option<Time> {
        None
    }

    /// What the shell is to do next; to be asked until there is nothing, after each call of a `handle_` function.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// Takes what each ticket's allocations carried since it was last taken; tickets that carried nothing are left out.
    pub fn take_usage(&mut self) -> Vec<(Ticket, Usage)> {
        Vec::new()
    }
}
