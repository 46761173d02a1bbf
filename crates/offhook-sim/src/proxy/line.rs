//! When a packet leaves.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::random::Random;

/// What happens to packets on the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conditions {
    /// How long each packet takes at least.
    pub delay: Duration,
    /// How much longer it may take, by chance.
    pub jitter: Duration,
    /// Whether a packet may overtake one that was sent before it.
    pub is_reordering: bool,
    /// How many in a thousand datagrams never arrive. Streams lose nothing.
    pub loss_per_mille: u64,
    /// What chance is made from: the same seed and the same packets give the same fates.
    pub seed: u64,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It leaves in time.
    Kept,
    /// It is lost, as was asked for.
    Lost,
    /// It is lost, since too many are under way.
    Overflowed,
}

/// One way: packets go in with the time, and come out when they are due. Times count from any one moment.
#[derive(Debug)]
pub struct DelayLine<P> {
    conditions: Conditions,
    random: Random,
    /// By when it is due, then by the order of arrival.
    waiting: BTreeMap<(Duration, u64), P>,
    capacity: usize,
    arrived: u64,
    last_due: Duration,
}

impl<P> DelayLine<P> {
    /// Makes a line that holds `capacity` packets at most.
    pub fn new(conditions: Conditions, capacity: usize) -> Self {
        Self {
            conditions,
            random: Random::new(conditions.seed),
            waiting: BTreeMap::new(),
            capacity,
            arrived: 0,
            last_due: Duration::ZERO,
        }
    }

    /// Whether the next packet would overflow it.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= self.capacity
    }

    /// Takes a packet.
    pub fn handle_packet(&mut self, packet: P, now: Duration) -> Fate {
        if self.conditions.loss_per_mille > 0 && self.random.in_thousand(self.conditions.loss_per_mille) {
            return Fate::Lost;
        }
        if self.is_full() {
            return Fate::Overflowed;
        }
        let jitter = u64::try_from(self.conditions.jitter.as_micros()).unwrap_or(u64::MAX - 1);
        let mut due = now + self.conditions.delay + Duration::from_micros(self.random.between(0..=jitter));
        if !self.conditions.is_reordering {
            due = due.max(self.last_due);
            self.last_due = due;
        }
        self.arrived += 1;
        self.waiting.insert((due, self.arrived), packet);
        Fate::Kept
    }

    /// When the next packet is due.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.waiting.first_key_value().map(|((due, _), _)| *due)
    }

    /// The next packet that is due.
    pub fn poll_packet(&mut self, now: Duration) -> Option<P> {
        let next = self.waiting.first_entry()?;
        (next.key().0 <= now).then(|| next.remove())
    }
}

#[cfg(test)]
mod tests;
