//! CreatePermission (RFC 8656 §10) and ChannelBind (RFC 8656 §12).

use std::net::IpAddr;

use stun_types::attribute::ErrorCode;
use turn_types::attribute::{ChannelNumber, XorPeerAddress};

use super::Server;
use super::member::Member;
use super::relay::Peer;
use super::request::{Refused, Request};
use crate::allocation::channels::Conflict;
use crate::allocation::permissions;
use crate::family::Family;
use crate::message::answer::Answer;
use crate::message::{Malformed, channel_data};

impl Server {
    /// Installs permissions: all that are named or none (RFC 8656 §10.2).
    pub(super) fn create_permission(
        &mut self,
        request: Request<'_>,
        member: &Member,
    ) -> Result<Option<Answer>, Refused> {
        let Request {
            from,
            message,
            asked,
            now,
        } = request;
        let id = self.allocation_of(from, member)?;
        // No more are judged and compared than an allocation may have: a request has room for hundreds.
        let mut named: Vec<IpAddr> = Vec::new();
        for peer in message.all::<XorPeerAddress>() {
            let ip = peer?.addr(asked.transaction).ip();
            if named.contains(&ip) {
                continue;
            }
            if named.len() >= permissions::MAX {
                return Err(Refused(ErrorCode::INSUFFICIENT_CAPACITY));
            }
            named.push(ip);
        }
        if named.is_empty() {
            return Err(Refused(ErrorCode::BAD_REQUEST));
        }
        let ips = named.iter().map(|ip| self.permissible(id, *ip));
        let ips: Vec<IpAddr> = ips.collect::<Result<_, Refused>>()?;
        let allocation = self
            .allocations
            .get_mut(id as usize)
            .ok_or(Refused(ErrorCode::ALLOCATION_MISMATCH))?;
        if !allocation.permissions.have_room_for(&ips, now) {
            return Err(Refused(ErrorCode::INSUFFICIENT_CAPACITY));
        }
        for ip in ips {
            allocation.permissions.install(ip, now);
        }
        Ok(Some(Answer::success(asked)))
    }

    /// Binds a channel to a peer, or refreshes it, and the permission with it (RFC 8656 §12.2).
    pub(super) fn bind_channel(&mut self, request: Request<'_>, member: &Member) -> Result<Option<Answer>, Refused> {
        let Request {
            from,
            message,
            asked,
            now,
        } = request;
        let id = self.allocation_of(from, member)?;
        let number = message.attribute::<ChannelNumber>()?.ok_or(Malformed)?.channel();
        let peer = message
            .attribute::<XorPeerAddress>()?
            .ok_or(Malformed)?
            .addr(asked.transaction);
        if !channel_data::NUMBERS.contains(&number) {
            return Err(Refused(ErrorCode::BAD_REQUEST));
        }
        let ip = self.permissible(id, peer.ip())?;
        if self.find_peer(peer) == Peer::Forbidden {
            return Err(Refused(ErrorCode::FORBIDDEN));
        }
        let peer = self.known_peer(peer);
        let allocation = self
            .allocations
            .get_mut(id as usize)
            .ok_or(Refused(ErrorCode::ALLOCATION_MISMATCH))?;
        match allocation.channels.check(number, peer, now) {
            Ok(()) if allocation.permissions.have_room_for(&[ip], now) => {}
            Err(Conflict::Bound) => return Err(Refused(ErrorCode::BAD_REQUEST)),
            Ok(()) | Err(Conflict::Full) => return Err(Refused(ErrorCode::INSUFFICIENT_CAPACITY)),
        }
        allocation.permissions.install(ip, now);
        allocation.channels.bind(number, peer, now);
        Ok(Some(Answer::success(asked)))
    }

    /// The address that a permission is about: 443 if the allocation has no address of its family, 403 if the policy refuses it
    /// (RFC 8656 §10.2, §12.2).
    fn permissible(&self, id: u32, ip: IpAddr) -> Result<IpAddr, Refused> {
        let family = Family::of(ip);
        let allocation = self
            .allocations
            .get(id as usize)
            .ok_or(Refused(ErrorCode::ALLOCATION_MISMATCH))?;
        let (Some(_), Some(relaying)) = (allocation.relays.of(family), self.relaying.of(family)) else {
            return Err(Refused(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH));
        };
        if !relaying.is_ours(ip) && !self.judge.allows_address(ip) {
            return Err(Refused(ErrorCode::FORBIDDEN));
        }
        Ok(relaying.known_ip(ip))
    }
}
