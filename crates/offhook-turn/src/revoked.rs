//! Which tickets were revoked, for as long as a credential with them could still be good.

use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher;
use std::time::Duration;

use crate::credential::Ticket;
use crate::hash::Keyed;
use crate::time::Time;

/// How far ahead a credential's expiry may lie: a day, which is what Offhook hands out, and an hour for clocks that differ.
///
/// Revocations are kept that long, so that none is forgotten while it matters; a credential that lasts longer is refused.
pub const MAX_CREDENTIAL_LIFE: Duration = Duration::from_secs(25 * 3600);

/// Revocations are forgotten an hour's worth at a time.
const SLICE: Duration = Duration::from_secs(3600);

/// How many revocations are remembered, at 8 bytes each and the set's room: three million calls a day. Beyond them the oldest hour is forgotten.
const MAX_REVOKED: usize = 1 << 22;

/// The tickets that were revoked, each by a keyed hash of 64 bits.
#[derive(Debug)]
pub struct Revoked {
    hasher: Keyed,
    slices: VecDeque<(Time, HashSet<u64, Keyed>)>,
    count: usize,
}

impl Revoked {
    /// Makes an empty set.
    pub const fn new(hasher: Keyed) -> Self {
        Self {
            hasher,
            slices: VecDeque::new(),
            count: 0,
        }
    }

    /// Remembers a ticket; `now` is the system's time, by which credentials end.
    pub fn insert(&mut self, ticket: &Ticket, now: Time) {
        self.forget(now);
        if self.contains(ticket) {
            return;
        }
        if self.slices.back().is_none_or(|(begun, _)| now.since(*begun) >= SLICE) {
            self.slices.push_back((now, HashSet::with_hasher(self.hasher.clone())));
        }
        if let Some((_, slice)) = self.slices.back_mut() {
            slice.insert(self.hasher.hash_one(ticket));
            self.count += 1;
        }
    }

    /// Whether a ticket was revoked.
    pub fn contains(&self, ticket: &Ticket) -> bool {
        let hash = self.hasher.hash_one(ticket);
        self.slices.iter().any(|(_, slice)| slice.contains(&hash))
    }

    /// Forgets what no longer matters.
    fn forget(&mut self, now: Time) {
        while let Some((begun, slice)) = self.slices.front() {
            let is_over = now.since(*begun) > MAX_CREDENTIAL_LIFE + SLICE;
            if !is_over && self.count < MAX_REVOKED {
                return;
            }
            self.count -= slice.len();
            self.slices.pop_front();
        }
    }
}

#[cfg(test)]
mod tests;
