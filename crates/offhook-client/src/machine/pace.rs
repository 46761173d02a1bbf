//! How much a device says to the other sides of its calls, however many there are and whatever they ask for.

use std::time::{Duration, Instant};

/// In the long run forty a second. The server takes fifty of a device, of which the rest is for requests.
const INTERVAL: Duration = Duration::from_millis(25);
/// So many at once, where little was said before; of the server's three hundred.
const BURST: u32 = 200;

/// A bucket that leaks (the generic cell rate algorithm).
#[derive(Default)]
pub(super) struct Pace {
    /// When all that was said would have been, one by one.
    next_at: Option<Instant>,
}

impl Pace {
    /// Whether one more may be said now; then it counts.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let at = self.next_at.map_or(now, |at| at.max(now));
        let is_allowed = at < now + INTERVAL * BURST;
        if is_allowed {
            self.next_at = Some(at + INTERVAL);
        }
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_forty_a_second_after_it() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let said = |pace: &mut Pace, at| (0..1000).filter(|_| pace.take(at)).count();
        assert_eq!(said(&mut pace, start), 200);
        assert_eq!(said(&mut pace, start), 0);
        assert_eq!(said(&mut pace, start + Duration::from_secs(1)), 40);
        assert_eq!(said(&mut pace, start + Duration::from_secs(60)), 200);
    }
}
