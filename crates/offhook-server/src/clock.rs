//! The node's clock: runs with the monotonic clock, so that a step of the system's time moves no deadline.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use offhook_core::time::Timestamp;

/// A node whose clock is further than this from the system's is stepped, and says so.
const MAX_SKEW: Duration = Duration::from_secs(1);
/// How far one call of [`Clock::discipline`] slews a smaller difference.
const SLEW: Duration = Duration::from_millis(50);

/// A clock.
#[derive(Debug)]
pub struct Clock {
    /// An instant and the time it stands for.
    base: Mutex<(Instant, u64)>,
}

impl Clock {
    /// Starts at the system's time.
    pub fn start() -> Self {
        Self {
            base: Mutex::new((Instant::now(), system_millis())),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let (at, millis) = *self.base();
        Timestamp::from_millis(millis) + at.elapsed()
    }

    /// Moves the clock towards the system's: slowly if it is close, at once if not. Returns the step, if one was made:
    /// the machine slept, or somebody set its time, and deadlines for lost parties are to be armed anew.
    pub fn discipline(&self) -> Option<Duration> {
        let ours = self.now().as_millis();
        let system = system_millis();
        let skew = Duration::from_millis(ours.abs_diff(system));
        let move_by = if skew > MAX_SKEW { skew } else { skew.min(SLEW) };
        let move_by_ms = offhook_core::time::millis(move_by);
        let next = if system >= ours {
            ours.saturating_add(move_by_ms)
        } else {
            ours.saturating_sub(move_by_ms)
        };
        *self.base() = (Instant::now(), next);
        (skew > MAX_SKEW).then_some(skew)
    }

    fn base(&self) -> std::sync::MutexGuard<'_, (Instant, u64)> {
        self.base.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn system_millis() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, offhook_core::time::millis)
}
