//! How much one device may say.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// Messages a second, in the long run, and at once.
const MESSAGES: (NonZeroU32, NonZeroU32) = (NonZeroU32::new(50).unwrap(), NonZeroU32::new(300).unwrap());
/// KiB a second, in the long run, and at once: some SDPs and many candidates.
const KIBIBYTES: (NonZeroU32, NonZeroU32) = (NonZeroU32::new(64).unwrap(), NonZeroU32::new(1024).unwrap());
/// A device that was told this often that it says too much is cut.
const PATIENCE: u32 = 200;

/// Counts what a device says.
#[derive(Debug)]
pub struct Limits {
    messages: DefaultDirectRateLimiter,
    kibibytes: DefaultDirectRateLimiter,
    refused: u32,
}

/// What to do with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Carry it out.
    Allowed,
    /// Refuse it.
    TooMuch,
    /// Close the socket.
    Flood,
}

impl Default for Limits {
    fn default() -> Self {
        let limiter = |(rate, burst)| RateLimiter::direct(Quota::per_second(rate).allow_burst(burst));
        Self {
            messages: limiter(MESSAGES),
            kibibytes: limiter(KIBIBYTES),
            refused: 0,
        }
    }
}

impl Limits {
    /// Counts a message of `bytes`.
    pub fn count(&mut self, bytes: usize) -> Verdict {
        let kibibytes = u32::try_from(bytes / 1024).unwrap_or(u32::MAX).saturating_add(1);
        let kibibytes = NonZeroU32::new(kibibytes).unwrap_or(NonZeroU32::MIN);
        let fits = self.messages.check().is_ok() && matches!(self.kibibytes.check_n(kibibytes), Ok(Ok(())));
        if fits {
            return Verdict::Allowed;
        }
        self.refused += 1;
        if self.refused > PATIENCE {
            Verdict::Flood
        } else {
            Verdict::TooMuch
        }
    }
}

#[cfg(test)]
mod tests;
