//! The server: what comes in is judged here and goes to the part that knows about it.

mod allocate;
pub(crate) mod member;
mod permit;
mod refresh;
mod relay;
mod request;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use slab::Slab;

use crate::account::{AccountId, Accounts};
use crate::allocation::Allocation;
use crate::client::FiveTuple;
use crate::config::Config;
use crate::credential::{Secret, Ticket};
use crate::digest::hex;
use crate::family::{Family, PerFamily};
use crate::hash::Keyed;
use crate::nonce::Nonces;
use crate::opening::Opening;
use crate::output::{OpenError, Output, RelayId, Step};
use crate::packet::Packet;
use crate::policy::Judge;
use crate::random::{Random, derive};
use crate::relaying::Relaying;
use crate::revoked::Revoked;
use crate::strangers::Strangers;
use crate::time::Time;
use crate::usage::Usage;

/// A STUN and TURN server without sockets and without a clock.
#[derive(Debug)]
pub struct Server {
    realm: String,
    secret: Secret,
    nonces: Nonces,
    random: Random,
    strangers: Strangers,
    judge: Judge,
    revoked: Revoked,
    accounts: Accounts,
    relaying: PerFamily<Option<Relaying>>,
    /// The allocation of each client.
    clients: HashMap<FiveTuple, u32, Keyed>,
    allocations: Slab<Allocation>,
    /// Allocations whose sockets the shell has not opened yet.
    openings: HashMap<FiveTuple, Opening, Keyed>,
    /// Whose each relay socket is.
    relays: Slab<RelayOwner>,
    reservations: HashMap<u64, Reservation, Keyed>,
    timers: BTreeSet<(Time, Timer)>,
    outputs: VecDeque<Output>,
    /// What the system's time is ahead of the caller's.
    system_ahead_ms: i64,
}

/// Whose a relay socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RelayOwner {
    Opening(FiveTuple),
    Live { allocation: u32, family: Family },
}

/// A port that is held for the allocation to come (RFC 8656 §7.2).
#[derive(Debug, Clone, Copy)]
struct Reservation {
    family: Family,
    port: u16,
    account: AccountId,
    ends_at: Time,
}

/// What ends at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Relay(RelayId),
    Reservation(u64),
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
        let seed = hex(&seed);
        let mut random = Random::new(&seed);
        let mut keyed = || Keyed::new(random.unpredictable());
        let relaying = |address: Option<_>| address.map(|address| Relaying::new(address, &config));
        let relaying = PerFamily {
            v4: relaying(config.ipv4.filter(|address| address.is_of(Family::V4))),
            v6: relaying(config.ipv6.filter(|address| address.is_of(Family::V6))),
        };
        let relayed_from: Vec<IpAddr> = [config.ipv4, config.ipv6]
            .into_iter()
            .flatten()
            .flat_map(|address| [address.bind, address.external])
            .filter(|ip| !ip.is_unspecified())
            .collect();
        let per_second = config.quotas.answers_to_strangers_per_second;
        Self {
            nonces: Nonces::new(derive(&seed, "nonce")),
            judge: Judge::new(config.policy, &relayed_from),
            revoked: Revoked::new(keyed()),
            accounts: Accounts::new(config.quotas, &keyed()),
            clients: HashMap::with_hasher(keyed()),
            openings: HashMap::with_hasher(keyed()),
            reservations: HashMap::with_hasher(keyed()),
            strangers: Strangers::new(
                [random.unpredictable(), random.unpredictable(), random.unpredictable()],
                per_second,
            ),
            realm: config.realm,
            secret: config.secret,
            random,
            relaying,
            allocations: Slab::new(),
            relays: Slab::new(),
            timers: BTreeSet::new(),
            outputs: VecDeque::new(),
            system_ahead_ms: 0,
        }
    }

    /// Takes one datagram, or one message of a stream, from a client.
    pub fn handle_client(&mut self, from: FiveTuple, packet: &mut Packet<'_>, now: Time) -> Step {
        // RFC 8656 §12, RFC 8489 §5: the first two bits tell ChannelData from STUN.
        match packet.bytes().first() {
            Some(0x40..=0x7F) => self.handle_channel_data(from, packet, now).unwrap_or(Step::Done),
            Some(0x00..=0x3F) => self.handle_message(from, packet, now),
            Some(_) | None => Step::Done,
        }
    }

    /// Takes a datagram that a relay socket received.
    pub fn handle_peer(&mut self, relay: RelayId, peer: SocketAddr, packet: &mut Packet<'_>, now: Time) -> Step {
        self.handle_datagram(relay, peer, packet, now).unwrap_or(Step::Done)
    }

    /// Takes what an ICMP message said about a packet that went from a relay socket to `peer` (RFC 8656 §11.5).
    pub fn handle_icmp(&mut self, relay: RelayId, peer: SocketAddr, icmp: Icmp, now: Time) {
        if let Some(output) = self.icmp_indication(relay, peer, icmp, now) {
            self.outputs.push_back(output);
        }
    }

    /// Takes the answer to [`Output::Open`]: the address that was bound, or why it was not.
    ///
    /// An answer about a socket that is not waited for is ignored; one that is bound to another port than was asked for is as
    /// good as none.
    pub fn handle_opened(&mut self, relay: RelayId, opened: Result<SocketAddr, OpenError>, now: Time) {
        if let Some(RelayOwner::Opening(client)) = self.relays.get(relay.index()).copied() {
            self.settle_socket(client, relay, opened, now);
        }
    }

    /// Takes the end of a client's stream; its allocation goes with it, since no other connection has its five-tuple (RFC 8656 §3.2).
    pub fn handle_stream_closed(&mut self, client: FiveTuple, now: Time) {
        self.handle_timeout(now);
        self.abandon_opening(client);
        if let Some(&id) = self.clients.get(&client) {
            self.remove_allocation(id);
        }
    }

    /// Ends all allocations of a ticket; it can make no more.
    pub fn handle_revoke(&mut self, ticket: &Ticket, now: Time) {
        self.handle_timeout(now);
        self.revoked.insert(ticket, self.system_time(now));
        let of_ticket = self
            .openings
            .values()
            .filter(|opening| opening.member.ticket == *ticket);
        for client in of_ticket.map(|opening| opening.client).collect::<Vec<_>>() {
            self.abandon_opening(client);
        }
        for id in self.accounts.allocations_of(ticket) {
            self.remove_allocation(id);
        }
    }

    /// Takes what the system's clock says, which may jump: a machine sleeps, somebody sets its time. Credentials are made and
    /// judged by that clock; all else lasts by the caller's. Until it is told, both are one.
    pub fn handle_system_time(&mut self, system: Time, now: Time) {
        let millis = |time: Time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.system_ahead_ms = millis(system) - millis(now);
    }

    /// Ends what is over; to be called when [`poll_timeout`](Self::poll_timeout) says.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some((at, timer)) = self.timers.first().copied() {
            if at > now {
                return;
            }
            self.timers.pop_first();
            match timer {
                Timer::Relay(relay) => {
                    if let Some(RelayOwner::Live { allocation, family }) = self.relays.get(relay.index()).copied() {
                        self.remove_relay(allocation, family);
                    }
                }
                Timer::Reservation(token) => {
                    if let Some(reservation) = self.reservations.remove(&token) {
                        self.free_port(reservation.family, reservation.port);
                        self.accounts.close(reservation.account);
                    }
                }
            }
        }
    }

    /// When something ends next.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// What the shell is to do next; to be asked until there is nothing, after each call of a `handle_` function.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Takes what each ticket's allocations carried since it was last taken; tickets that carried nothing are left out.
    pub fn take_usage(&mut self) -> Vec<(Ticket, Usage)> {
        self.accounts.take_usage()
    }

    /// The same of one ticket, at the cost of one: for a ticket whose allocation has just ended.
    pub fn take_usage_of(&mut self, ticket: &Ticket) -> Usage {
        self.accounts.take_usage_of(ticket)
    }

    /// Whether a client has an allocation: the connection of one that has none need not be kept.
    pub fn has_allocation(&self, client: &FiveTuple) -> bool {
        self.clients.contains_key(client)
    }

    /// How many allocations there are.
    pub fn allocation_count(&self) -> usize {
        self.allocations.len()
    }

    /// What the system's clock says at `now`.
    const fn system_time(&self, now: Time) -> Time {
        Time::from_millis(now.as_millis().saturating_add_signed(self.system_ahead_ms))
    }

    /// Gives a port back.
    fn free_port(&mut self, family: Family, port: u16) {
        if let Some(relaying) = self.relaying.of_mut(family) {
            relaying.ports.free(port);
        }
    }
}

#[cfg(test)]
mod tests;
