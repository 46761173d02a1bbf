//! The packets themselves: nothing here touches the heap, and nothing depends on how many allocations there are.
//!
//! A packet for a relayed address of our own goes straight to that allocation's client. It is judged and counted as if it had gone
//! out of the one socket and come in at the other, so that both ways give the same.

use std::net::SocketAddr;

use stun_types::message::{Message, MessageClass, MessageType, MessageWrite, MessageWriteVec};
use turn_types::attribute::{Icmp as IcmpAttribute, XorPeerAddress};
use turn_types::message::DATA;

use super::{Icmp, RelayOwner, Server};
use crate::account::Direction;
use crate::client::FiveTuple;
use crate::family::Family;
use crate::message::{channel_data, indication};
use crate::output::{Output, RelayId, Step};
use crate::packet::Packet;
use crate::time::Time;

/// Where a peer's address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Out of this machine.
    Outside,
    /// To an allocation of our own.
    Ours(u32),
    /// Where no packet may go.
    Forbidden,
}

impl Server {
    /// Takes `ChannelData` from a client (RFC 8656 §12.6).
    pub(super) fn handle_channel_data(&mut self, from: FiveTuple, packet: &mut Packet<'_>, now: Time) -> Option<Step> {
        let (number, payload) = channel_data::read(packet.bytes())?;
        let id = *self.clients.get(&from)?;
        let peer = self.allocations.get(id as usize)?.channels.peer(number, now)?;
        packet.narrow(payload)?;
        self.send_to_peer(id, peer, packet, now)
    }

    /// Takes a Send indication from a client (RFC 8656 §11.2).
    pub(super) fn handle_send(
        &mut self,
        from: FiveTuple,
        send: &indication::Send,
        packet: &mut Packet<'_>,
        now: Time,
    ) -> Option<Step> {
        let id = *self.clients.get(&from)?;
        let allocation = self.allocations.get(id as usize)?;
        let family = Family::of_socket(send.peer);
        let relay = allocation.relay(family, now)?;
        // RFC 8656 §11.2: DONT-FRAGMENT that cannot be heeded is an attribute that is not understood.
        if send.dont_fragment && !relay.dont_fragment {
            return None;
        }
        let relaying = self.relaying.of(family).as_ref()?;
        if !allocation.permissions.allows(relaying.known_ip(send.peer.ip()), now) {
            return None;
        }
        if !relaying.is_ours(send.peer.ip()) && !self.judge.allows_port(send.peer) {
            return None;
        }
        packet.narrow(send.payload.clone())?;
        self.send_to_peer(id, relaying.known(send.peer), packet, now)
    }

    /// Takes a datagram from a relay socket (RFC 8656 §11.3).
    pub(super) fn handle_datagram(
        &mut self,
        relay: RelayId,
        peer: SocketAddr,
        packet: &mut Packet<'_>,
        now: Time,
    ) -> Option<Step> {
        match *self.relays.get(relay.index())? {
            RelayOwner::Live { allocation, family } if family == Family::of_socket(peer) => {
                let peer = self.relaying.of(family).as_ref()?.known(peer);
                self.send_to_client(allocation, peer, packet, now)
            }
            RelayOwner::Live { .. } | RelayOwner::Opening(_) => None,
        }
    }

    /// Sends a payload to a peer, or straight to the client of the allocation whose relayed address that is.
    fn send_to_peer(&mut self, id: u32, peer: SocketAddr, packet: &mut Packet<'_>, now: Time) -> Option<Step> {
        let family = Family::of_socket(peer);
        let allocation = self.allocations.get(id as usize)?;
        let relay = *allocation.relay(family, now)?;
        let relaying = self.relaying.of(family).as_ref()?;
        let target = if relaying.is_ours(peer.ip()) {
            self.find_peer(peer, now)
        } else {
            Peer::Outside
        };
        if target == Peer::Forbidden {
            return None;
        }
        let external = relaying.external;
        let size_bytes = packet.range().len();
        if !self
            .accounts
            .admit(allocation.account, Direction::ToPeer, size_bytes, now)
        {
            return None;
        }
        match target {
            Peer::Ours(target) => self.send_to_client(target, SocketAddr::new(external, relay.port), packet, now),
            Peer::Outside | Peer::Forbidden => Some(Step::ToPeer { relay: relay.id, peer }),
        }
    }

    /// Sends a payload from a peer to an allocation's client, if it has a permission for that peer.
    fn send_to_client(&mut self, id: u32, peer: SocketAddr, packet: &mut Packet<'_>, now: Time) -> Option<Step> {
        let family = Family::of_socket(peer);
        let allocation = self.allocations.get(id as usize)?;
        allocation.relay(family, now)?;
        let ip = self.relaying.of(family).as_ref()?.known_ip(peer.ip());
        if !allocation.permissions.allows(ip, now) {
            return None;
        }
        let size_bytes = packet.range().len();
        if !self
            .accounts
            .admit(allocation.account, Direction::ToClient, size_bytes, now)
        {
            return None;
        }
        let client = allocation.client;
        match allocation.channels.number(peer, now) {
            Some(number) => channel_data::write(packet, number, client.transport.is_stream())?,
            None => indication::write_data(packet, peer, self.random.transaction())?,
        }
        Some(Step::ToClient { client })
    }

    /// Finds out where a peer's address leads; what is no live relayed address of ours is judged by the policy.
    pub(super) fn find_peer(&self, peer: SocketAddr, now: Time) -> Peer {
        let family = Family::of_socket(peer);
        let owner = self.relaying.of(family).as_ref().and_then(|relaying| {
            let is_ours = relaying.is_ours(peer.ip());
            is_ours.then(|| relaying.ports.owner(peer.port())).flatten()
        });
        let target = owner.and_then(|relay| match self.relays.get(relay.index())? {
            RelayOwner::Live { allocation, .. } => Some(*allocation),
            RelayOwner::Opening(_) => None,
        });
        let is_live = |id: &u32| {
            let allocation = self.allocations.get(*id as usize);
            allocation.is_some_and(|allocation| allocation.relay(family, now).is_some())
        };
        match target.filter(is_live) {
            Some(id) => Peer::Ours(id),
            None if self.judge.allows(peer) => Peer::Outside,
            None => Peer::Forbidden,
        }
    }

    /// The address a peer is known by.
    pub(super) fn known_peer(&self, peer: SocketAddr) -> SocketAddr {
        let relaying = self.relaying.of(Family::of_socket(peer)).as_ref();
        relaying.map_or(peer, |relaying| relaying.known(peer))
    }

    /// Tells a client what an ICMP message said, if it is of a type that RFC 8656 §11.5 passes on.
    pub(super) fn icmp_indication(
        &mut self,
        relay: RelayId,
        peer: SocketAddr,
        icmp: Icmp,
        now: Time,
    ) -> Option<Output> {
        let RelayOwner::Live { allocation, family } = *self.relays.get(relay.index())? else {
            return None;
        };
        // Unreachable and time exceeded; packet too big is a code of the first in IPv4 and a type of its own in IPv6.
        let is_passed_on = match family {
            Family::V4 => matches!(icmp.icmp_type, 3 | 11),
            Family::V6 => matches!(icmp.icmp_type, 1..=3),
        };
        if !is_passed_on || family != Family::of_socket(peer) {
            return None;
        }
        let allocation = self.allocations.get(allocation as usize)?;
        allocation.relay(family, now)?;
        let relaying = self.relaying.of(family).as_ref()?;
        if !allocation.permissions.allows(relaying.known_ip(peer.ip()), now) {
            return None;
        }
        let transaction = self.random.transaction();
        let transaction = transaction
            .iter()
            .fold(0_u128, |id, byte| id << 8 | u128::from(*byte))
            .into();
        let kind = MessageType::from_class_method(MessageClass::Indication, DATA);
        let mut message = Message::builder(kind, transaction, MessageWriteVec::with_capacity(64));
        message.push_attribute_unchecked(&XorPeerAddress::new(relaying.known(peer), transaction));
        let data = u32::from_be_bytes(icmp.data);
        message.push_attribute_unchecked(&IcmpAttribute::new(icmp.icmp_type, icmp.code, data));
        Some(Output::Send {
            to: allocation.client,
            bytes: message.finish(),
        })
    }
}
