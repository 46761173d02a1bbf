//! Days of UTC: what reports are made of.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use crate::time::Timestamp;

/// A day of UTC has no leap second in this time.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// The years that are read and written with four digits.
const YEARS: RangeInclusive<i64> = 1970..=9999;

/// A day of UTC, counted from 1970-01-01. Written `2026-11-26`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(u32);

/// A text that is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day: write it as 2026-11-26")]
pub struct InvalidDay;

impl Day {
    /// Takes the number of days since 1970-01-01.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The number of days since 1970-01-01.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The day in which a moment lies.
    pub fn of(at: Timestamp) -> Self {
        Self(u32::try_from(at.as_millis() / DAY_MS).unwrap_or(u32::MAX))
    }

    /// The day's first moment.
    pub const fn start(self) -> Timestamp {
        Timestamp::from_millis(self.0 as u64 * DAY_MS)
    }

    /// The first moment after it.
    pub fn end(self) -> Timestamp {
        self.start() + Duration::from_millis(DAY_MS)
    }

    /// The day after.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The day so many days before.
    #[must_use]
    pub const fn before(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        let (_, _, day) = self.date();
        Self(self.0.saturating_sub(day.saturating_sub(1)))
    }

    /// Every day from the first to the last.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    /// Year, month and day of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
    fn date(self) -> (i64, u32, u32) {
        let since_march_of_year_0 = i64::from(self.0) + 719_468;
        let era = since_march_of_year_0 / 146_097;
        let day_of_era = since_march_of_year_0 % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let small = |number: i64| u32::try_from(number).unwrap_or(0);
        (year, small(month), small(day))
    }

    fn of_date(year: i64, month: i64, day: i64) -> Option<Self> {
        let year = if month <= 2 { year - 1 } else { year };
        let (era, year_of_era) = (year / 400, year % 400);
        let month_from_march = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        u32::try_from(era * 146_097 + day_of_era - 719_468).ok().map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let number = |part: Option<&str>, length: usize| {
            let part = part.filter(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()));
            part.and_then(|part| part.parse::<i64>().ok()).ok_or(InvalidDay)
        };
        let mut parts = text.split('-');
        let year = number(parts.next(), 4)?;
        let month = number(parts.next(), 2)?;
        let day_of_month = number(parts.next(), 2)?;
        if !YEARS.contains(&year) || !(1..=12).contains(&month) || parts.next().is_some() {
            return Err(InvalidDay);
        }
        let day = Self::of_date(year, month, day_of_month).ok_or(InvalidDay)?;
        // The thirtieth of February would be a day of March.
        (day.to_string() == text).then_some(day).ok_or(InvalidDay)
    }
}
