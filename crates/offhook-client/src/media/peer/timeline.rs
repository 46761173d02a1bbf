//! From the clock of RTP, which begins anywhere and anew after an outage, to a time that goes on.

use std::time::Duration;

/// How far ahead of its arrival a frame may be. A clock that runs further is another, or a lie: a recording would fill the gap with silence.
const AHEAD: Duration = Duration::from_secs(2);

/// How far behind one may be: of what was overtaken nothing is that late.
const BEHIND: Duration = Duration::from_secs(10);

/// Where the frames of one kind stand.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// A time stamp of this connection, and where it was put.
    origin: Option<(u64, Duration)>,
    last: Duration,
}

impl Timeline {
    /// The time stamps that follow are of another clock.
    pub(super) const fn interrupt(&mut self) {
        self.origin = None;
    }

    /// Puts a time stamp of `rate` units a second; `now` is where the first of a clock belongs.
    pub(super) fn place(&mut self, stamp: u64, rate: u64, now: Duration) -> Duration {
        let here = now.max(self.last);
        let (first, at) = *self.origin.get_or_insert((stamp, here));
        let mut time = if stamp >= first {
            at.saturating_add(time(stamp - first, rate))
        } else {
            // It was overtaken by what came first.
            at.saturating_sub(time(first - stamp, rate))
        };
        if time > here + AHEAD || time + BEHIND < here {
            self.origin = Some((stamp, here));
            time = here;
        }
        self.last = self.last.max(time);
        time
    }
}

fn time(ticks: u64, rate: u64) -> Duration {
    let nanoseconds = u128::from(ticks) * 1_000_000_000 / u128::from(rate.max(1));
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

/// A time in units of `rate` a second, to the nearest.
pub(super) fn ticks(time: Duration, rate: u64) -> u64 {
    let ticks = (time.as_nanos() * u128::from(rate) + 500_000_000) / 1_000_000_000;
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Timeline, ticks};

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn time_goes_on_over_another_clock() {
        let mut timeline = Timeline::default();
        assert_eq!(timeline.place(70_000, 48_000, ms(300)), ms(300));
        assert_eq!(timeline.place(70_960, 48_000, ms(999)), ms(320));
        assert_eq!(
            timeline.place(69_040, 48_000, ms(999)),
            ms(280),
            "one that was overtaken"
        );
        timeline.interrupt();
        assert_eq!(timeline.place(5, 48_000, ms(5000)), ms(5000));
        timeline.interrupt();
        assert_eq!(timeline.place(90, 48_000, ms(4000)), ms(5000), "never back");
    }

    #[test]
    fn a_clock_that_runs_ahead_of_the_world_is_taken_for_another() {
        let mut timeline = Timeline::default();
        timeline.place(0, 48_000, ms(0));
        for n in 1..1000 {
            let hour = n * 48_000 * 3600;
            let time = timeline.place(hour, 48_000, ms(20 * n));
            assert!(time <= ms(20 * n), "{time:?} after {n} packets");
        }
        assert_eq!(
            timeline.place(999 * 48_000 * 3600 + 960, 48_000, ms(20_000)),
            ms(20_000)
        );
    }

    #[test]
    fn a_clock_that_falls_far_behind_is_taken_for_another() {
        let mut timeline = Timeline::default();
        timeline.place(480_000, 48_000, ms(20_000));
        assert_eq!(timeline.place(4_800, 48_000, ms(20_020)), ms(10_100));
        assert_eq!(timeline.place(4_800, 48_000, ms(21_000)), ms(21_000));
        assert_eq!(timeline.place(5_760, 48_000, ms(21_020)), ms(21_020));
    }

    #[test]
    fn what_is_passed_on_keeps_its_time_stamps() {
        let mut timeline = Timeline::default();
        let first = timeline.place(1_234_567, 90_000, Duration::ZERO);
        for stamp in (0..900_000).step_by(3003) {
            let time = timeline.place(1_234_567 + stamp, 90_000, ms(stamp / 90));
            assert_eq!(ticks(time - first, 90_000), stamp);
        }
    }
}
