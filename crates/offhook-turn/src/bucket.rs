//! A token bucket of bits.

use crate::time::Time;

/// How much a rate may be exceeded for a moment: what it allows in this time.
const BURST_MS: u64 = 1000;

/// The smallest burst: one packet of any size must fit, or a low rate would let none pass.
const MIN_BURST_BITS: u64 = 65_536 * 8;

/// What is left of a bit rate; in thousandths of bits, so that a millisecond at any rate is a whole number.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    left: u64,
    at: Time,
}

impl Bucket {
    /// Makes a full bucket.
    pub const fn new(rate_bps: u64, now: Time) -> Self {
        Self {
            left: capacity(rate_bps),
            at: now,
        }
    }

    /// Adds what has come in since the last time, and says whether `bits` are there.
    pub fn holds(&mut self, bits: u64, rate_bps: u64, now: Time) -> bool {
        let elapsed_ms = now.as_millis().saturating_sub(self.at.as_millis());
        if elapsed_ms > 0 {
            self.at = now;
            let come_in = rate_bps.saturating_mul(elapsed_ms);
            self.left = self.left.saturating_add(come_in).min(capacity(rate_bps));
        }
        self.left >= bits.saturating_mul(1000)
    }

    /// Takes bits that are there.
    pub const fn take(&mut self, bits: u64) {
        self.left = self.left.saturating_sub(bits.saturating_mul(1000));
    }
}

/// What a full bucket holds.
const fn capacity(rate_bps: u64) -> u64 {
    let burst = rate_bps.saturating_mul(BURST_MS);
    let least = MIN_BURST_BITS * 1000;
    if burst > least { burst } else { least }
}
