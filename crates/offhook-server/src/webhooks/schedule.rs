//! When an event is sent again that was not taken.

use std::time::Duration;

use offhook_core::time::Timestamp;

/// How long to wait after each failure. Together they are a day; it is counted, not timed, so that a clock that jumps gives
/// nothing up and an event that waited long behind another is tried as often.
const DELAYS: [Duration; 19] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(3600),
    LONGEST,
    LONGEST,
    LONGEST,
    LONGEST,
    LONGEST,
    LONGEST,
    LONGEST,
    LONGEST,
    LONGEST,
    LONGEST,
    LONGEST,
    // What is left of the day.
    Duration::from_secs(24 * 3600 - 11 * 2 * 3600 - 6156),
];

/// The longest that anything is put off.
pub const LONGEST: Duration = Duration::from_secs(2 * 3600);

/// When an event is sent again that failed now after so many failures; never, where it was tried long enough.
pub fn again_at(failures_before: u32, now: Timestamp) -> Option<Timestamp> {
    let index = usize::try_from(failures_before).unwrap_or(usize::MAX);
    DELAYS.get(index).map(|delay| now + *delay)
}

#[cfg(test)]
mod tests;
