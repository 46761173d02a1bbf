//! A call's time, split by day.
//!
//! A call over midnight is split at the boundary, to the millisecond. A rounded call is rounded once, as a whole, and
//! what that adds is booked with the call's last portion: so the days of a report add up to its total under every
//! rounding, and any two reports of times that do not meet add up to the report of both.

use std::str::FromStr;
use std::time::Duration;

use super::{Day, Usage};
use crate::time::millis;

/// The most days that a call is split into. Where a clock was set by years in mid-call, the last takes the rest.
pub const MAX_PORTIONS: u32 = 366;

/// How the time of each call is rounded in a report. The record is never rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Not at all.
    None,
    /// Up to the next second.
    Second,
    /// Up to the next minute.
    Minute,
}

/// A word that is no rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a rounding: it is none, second or minute")]
pub struct InvalidRounding;

/// What of a call falls on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    /// The day.
    pub day: Day,
    /// Whether the call was connected on it: there it is counted, and so is what the relay carried.
    pub is_first: bool,
    /// How long it was connected on that day.
    pub call_ms: u64,
    /// What rounding the whole call up to a second adds: on its last day, else nothing.
    pub added_by_second_ms: u64,
    /// What rounding the whole call up to a minute adds: on its last day, else nothing.
    pub added_by_minute_ms: u64,
}

impl Rounding {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Second => "second",
            Self::Minute => "minute",
        }
    }

    /// How long a call of this length counts.
    pub fn round(self, duration: Duration) -> Duration {
        let unit_ms = match self {
            Self::None => 1,
            Self::Second => 1_000,
            Self::Minute => 60_000,
        };
        let length_ms = millis(duration);
        Duration::from_millis(length_ms.checked_next_multiple_of(unit_ms).unwrap_or(length_ms))
    }

    fn adds_ms(self, duration: Duration) -> u64 {
        millis(self.round(duration)) - millis(duration)
    }
}

impl FromStr for Rounding {
    type Err = InvalidRounding;

    fn from_str(text: &str) -> Result<Self, InvalidRounding> {
        [Self::None, Self::Second, Self::Minute]
            .into_iter()
            .find(|rounding| rounding.as_str() == text)
            .ok_or(InvalidRounding)
    }
}

impl Portion {
    /// How long the call counts on that day.
    pub const fn rounded_ms(&self, rounding: Rounding) -> u64 {
        self.call_ms
            + match rounding {
                Rounding::None => 0,
                Rounding::Second => self.added_by_second_ms,
                Rounding::Minute => self.added_by_minute_ms,
            }
    }
}

impl Usage {
    /// The call's time by day, in order: one portion at least, also of a call that ended as it was connected.
    pub fn portions(&self) -> impl Iterator<Item = Portion> {
        let (connected_at, ended_at) = (self.connected_at, self.ended_at.max(self.connected_at));
        let first = Day::of(connected_at);
        // A call that ends at midnight has nothing of the day that begins.
        let last = Day::of(ended_at.max(connected_at + MILLISECOND) - MILLISECOND);
        let last = last.min(Day::from_number(first.number().saturating_add(MAX_PORTIONS - 1)));
        let length = ended_at.since(connected_at);
        first.through(last).map(move |day| {
            let (is_first, is_last) = (day == first, day == last);
            let from = if is_first { connected_at } else { day.start() };
            let to = if is_last { ended_at } else { day.end() };
            let on_last_day = |added_ms| if is_last { added_ms } else { 0 };
            Portion {
                day,
                is_first,
                call_ms: millis(to.since(from)),
                added_by_second_ms: on_last_day(Rounding::Second.adds_ms(length)),
                added_by_minute_ms: on_last_day(Rounding::Minute.adds_ms(length)),
            }
        })
    }
}

const MILLISECOND: Duration = Duration::from_millis(1);
