//! Refresh (RFC 8656 §8), and how allocations end.

use stun_types::attribute::{AttributeStaticType, ErrorCode};
use turn_types::attribute::{Lifetime, RequestedAddressFamily};

use super::allocate::{MAX_ALLOCATION_LIFE, lifetime_for, read_family};
use super::member::Member;
use super::request::{Refused, Request};
use super::{Server, Timer};
use crate::family::Family;
use crate::message::answer::Answer;
use crate::output::Output;

impl Server {
    /// Makes an allocation last longer, or ends it; with REQUESTED-ADDRESS-FAMILY only one of its addresses (RFC 8656 §8.2).
    ///
    /// The credential's expiry is not looked at: a client cannot change it while its call lives. It ends a day after it was made.
    pub(super) fn refresh(&mut self, request: Request<'_>, member: &Member) -> Result<Option<Answer>, Refused> {
        let Request {
            from,
            message,
            asked,
            now,
        } = request;
        let id = self.allocation_of(from, member)?;
        let only = read_family(message.raw(RequestedAddressFamily::TYPE))?;
        let lifetime = message.attribute::<Lifetime>()?;
        let Some(allocation) = self.allocations.get_mut(id as usize) else {
            return Err(Refused(ErrorCode::ALLOCATION_MISMATCH));
        };
        if only.is_some_and(|family| allocation.relays.of(family).is_none()) {
            return Err(Refused(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH));
        }
        let is_meant = |family: &Family| only.is_none_or(|only| only == *family);
        let families = [Family::V4, Family::V6].into_iter().filter(is_meant);
        if lifetime.as_ref().is_some_and(|lifetime| lifetime.seconds() == 0) {
            for family in families {
                self.remove_relay(id, family);
            }
            return Ok(Some(Answer::success(asked).with(&Lifetime::new(0))));
        }
        let last = allocation.made_at.after(MAX_ALLOCATION_LIFE);
        let ends_at = now.after(lifetime_for(lifetime)).min(last);
        for family in families {
            if let Some(relay) = allocation.relays.of_mut(family) {
                self.timers.remove(&(relay.ends_at, Timer::Relay(relay.id)));
                relay.ends_at = ends_at;
                self.timers.insert((ends_at, Timer::Relay(relay.id)));
            }
        }
        let granted = Lifetime::new(ends_at.since(now).as_secs() as u32);
        Ok(Some(Answer::success(asked).with(&granted)))
    }

    /// Ends an allocation.
    pub(super) fn remove_allocation(&mut self, id: u32) {
        for family in [Family::V4, Family::V6] {
            self.remove_relay(id, family);
        }
    }

    /// Ends one relayed address, and the allocation with its last.
    pub(super) fn remove_relay(&mut self, id: u32, family: Family) {
        let Some(allocation) = self.allocations.get_mut(id as usize) else {
            return;
        };
        if let Some(relay) = allocation.relays.of_mut(family).take() {
            self.timers.remove(&(relay.ends_at, Timer::Relay(relay.id)));
            self.relays.try_remove(relay.id.index());
            self.outputs.push_back(Output::Close { relay: relay.id });
            self.free_port(family, relay.port);
        }
        let is_over = |relays: &crate::family::PerFamily<Option<_>>| relays.v4.is_none() && relays.v6.is_none();
        if !self
            .allocations
            .get(id as usize)
            .is_some_and(|allocation| is_over(&allocation.relays))
        {
            return;
        }
        let allocation = self.allocations.remove(id as usize);
        self.clients.remove(&allocation.client);
        self.accounts.remove_allocation(allocation.account, id);
        if let Some(ticket) = self.accounts.ticket(allocation.account).cloned() {
            self.outputs.push_back(Output::Released { ticket });
        }
        self.accounts.close(allocation.account);
    }
}
