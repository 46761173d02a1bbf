//! The thread's clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use offhook_turn::Time;

/// Starts at the system's time and runs with the monotonic clock: allocations outlive a step of the system's time.
#[derive(Debug)]
pub struct RelayClock {
    started: Instant,
    base: Time,
}

impl RelayClock {
    /// Starts.
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
            base: Self::system(),
        }
    }

    /// What the system's clock says, by which credentials are made.
    pub fn system() -> Time {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Time::from_millis(offhook_core::time::millis(since_epoch))
    }

    /// The time now.
    pub fn now(&self) -> Time {
        self.base.after(self.started.elapsed())
    }
}
