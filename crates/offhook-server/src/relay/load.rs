//! How much the relay has to do, for people to see.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Over this long a rate is taken: shorter ones jump.
const LEAST_SPAN: Duration = Duration::from_secs(2);

/// The relay's load at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RelayLoad {
    /// Allocations.
    pub allocations: u64,
    /// Bits a second, of late, in both directions.
    pub bits_per_second: u64,
}

/// Counts; the relay's thread writes, everybody reads.
#[derive(Debug, Default)]
pub struct LoadMeter {
    allocations: AtomicU64,
    carried_bytes: AtomicU64,
    last: Mutex<Option<Sample>>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Instant,
    carried_bytes: u64,
    bits_per_second: u64,
}

impl LoadMeter {
    /// Says how many allocations there are.
    pub fn has_allocations(&self, allocations: u64) {
        self.allocations.store(allocations, Ordering::Relaxed);
    }

    /// Adds what was carried.
    pub fn carried(&self, bytes: u64) {
        self.carried_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Reads it. The rate is that since it was last read, two seconds ago or more: whoever watches reads every few seconds.
    pub fn read(&self, now: Instant) -> RelayLoad {
        let carried_bytes = self.carried_bytes.load(Ordering::Relaxed);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let bits_per_second = match *last {
            None => 0,
            Some(sample) if now.saturating_duration_since(sample.at) < LEAST_SPAN => sample.bits_per_second,
            Some(sample) => rate(
                carried_bytes - sample.carried_bytes,
                now.saturating_duration_since(sample.at),
            ),
        };
        if last.is_none_or(|sample| now.saturating_duration_since(sample.at) >= LEAST_SPAN) {
            *last = Some(Sample {
                at: now,
                carried_bytes,
                bits_per_second,
            });
        }
        RelayLoad {
            allocations: self.allocations.load(Ordering::Relaxed),
            bits_per_second,
        }
    }
}

fn rate(bytes: u64, span: Duration) -> u64 {
    let bits = u128::from(bytes) * 8 * 1000;
    u64::try_from(bits / span.as_millis().max(1)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
