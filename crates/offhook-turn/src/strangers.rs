//! How often we answer whom we do not know: a flood with a forged source must not make us flood its victim.
//!
//! Each source has a bucket in each of three rows, found by a keyed hash, and shares it with others. It is answered as long as
//! *one* of its buckets has something left. A source that floods empties its own three; another loses its answers only if it shares
//! all three with floods, which for `f` floods happens with a probability of about `(f / 8192)³`. Nothing is remembered by
//! source, so there is nothing to fill up and nothing to push out.
//!
//! Whoever forges a source over UDP takes its answers there; over a stream, where nobody can, it has others.

use std::hash::BuildHasher;
use std::net::IpAddr;

use crate::client::FiveTuple;
use crate::hash::Keyed;
use crate::time::Time;

/// Buckets in a row.
const WIDTH: usize = 8192;

/// Rows.
const DEPTH: usize = 3;

/// The buckets of all sources: 192 KiB, whatever happens.
#[derive(Debug)]
pub struct Strangers {
    rows: [Keyed; DEPTH],
    buckets: Vec<Bucket>,
    per_second: u32,
}

/// How many answers are left.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    /// When it was last looked at: the low bits of the milliseconds.
    at: u32,
    /// Thousandths of answers that were given and not made good since.
    spent: u32,
}

impl Strangers {
    /// Takes a key for each row, and the answers that a source may have in a second; twice as many at once.
    pub fn new(keys: [u64; DEPTH], per_second: u32) -> Self {
        Self {
            rows: keys.map(Keyed::new),
            buckets: vec![Bucket::default(); WIDTH * DEPTH],
            per_second,
        }
    }

    /// Whether this source may be answered; if so, the answer is counted.
    pub fn may_answer(&mut self, client: &FiveTuple, now: Time) -> bool {
        let (limit, per_second) = (self.limit(), self.per_second);
        if !self.has_left(client, now) {
            return false;
        }
        for place in self.places(client) {
            if let Some(bucket) = self.buckets.get_mut(place) {
                bucket.spent = bucket.spent_at(now, per_second).saturating_add(1000).min(limit);
                bucket.at = now.as_millis() as u32;
            }
        }
        true
    }

    /// Whether this source may be answered.
    pub fn has_left(&self, client: &FiveTuple, now: Time) -> bool {
        self.places(client).into_iter().any(|place| {
            self.buckets
                .get(place)
                .is_some_and(|bucket| bucket.spent_at(now, self.per_second).saturating_add(1000) <= self.limit())
        })
    }

    /// What may be spent at once, in thousandths.
    const fn limit(&self) -> u32 {
        self.per_second.saturating_mul(2000)
    }

    /// The buckets of a source; an IPv6 source is its /64, since a host has all of it.
    fn places(&self, client: &FiveTuple) -> [usize; DEPTH] {
        let bits = match client.remote.ip() {
            IpAddr::V4(ip) => u64::from(ip.to_bits()),
            IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
                Some(ip) => u64::from(ip.to_bits()),
                // The highest bit is set in no IPv4 address written so.
                None => (ip.to_bits() >> 64) as u64 | 1 << 63,
            },
        };
        let mut row = 0;
        self.rows.each_ref().map(|keyed| {
            row += 1;
            (row - 1) * WIDTH + keyed.hash_one((bits, client.transport.is_stream())) as usize % WIDTH
        })
    }
}

impl Bucket {
    /// What is still spent at `now`.
    const fn spent_at(self, now: Time, per_second: u32) -> u32 {
        // Wraps after 49 days: a source that comes back to the millisecond then finds its bucket as it left it.
        let elapsed_ms = (now.as_millis() as u32).wrapping_sub(self.at);
        self.spent.saturating_sub(elapsed_ms.saturating_mul(per_second))
    }
}

#[cfg(test)]
mod tests;
