//! Reports of what calls came to, as the Platform API and the command line give them.

pub mod csv;

use offhook_core::id::AppKey;
use offhook_core::time::Timestamp;
use offhook_core::usage::{Day, Rounding};
use offhook_proto::platform::{UsageGrouping, UsageReport, UsageRounding, UsageRow};
use offhook_store::{Store, StoreError, UsageSum, UserUsageCursor};

/// The most days of a report: a leap year.
pub const MAX_DAYS: u32 = 366;

/// What a report is of. Days are whole: a report begins and ends at midnight, UTC.
#[derive(Debug, Clone)]
pub struct WantedReport {
    /// Whose calls.
    pub app: AppKey,
    /// The first day.
    pub first: Day,
    /// The last day, which is part of it.
    pub last: Day,
    /// What a row stands for.
    pub group_by: UsageGrouping,
    /// How each call's time is rounded.
    pub rounding: UsageRounding,
    /// Where the rows begin; of users only.
    pub after: Option<UserUsageCursor>,
    /// How many rows there are at most; of users only.
    pub limit: u32,
}

/// Why there is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDays {
    /// The end is not after the start.
    #[error("the end of the time is not after its start")]
    Empty,
    /// It is too long.
    #[error("a report is of {MAX_DAYS} days at most")]
    TooMany,
}

/// Checks the days of a report.
///
/// # Errors
/// [`InvalidDays`] says what is wrong with them.
pub const fn check_days(first: Day, last: Day) -> Result<(), InvalidDays> {
    if last.number() < first.number() {
        return Err(InvalidDays::Empty);
    }
    if last.number() - first.number() >= MAX_DAYS {
        return Err(InvalidDays::TooMany);
    }
    Ok(())
}

/// The days that a time touches.
///
/// # Errors
/// [`InvalidDays`] says what is wrong with it.
pub fn days_of(from: Timestamp, to: Timestamp) -> Result<(Day, Day), InvalidDays> {
    if to <= from {
        return Err(InvalidDays::Empty);
    }
    // The end is no part of the time: midnight is the end of the day before.
    let last = Timestamp::from_millis(to.as_millis() - 1);
    let days = (Day::of(from), Day::of(last));
    check_days(days.0, days.1).map(|()| days)
}

/// Makes a report.
///
/// # Errors
/// If the store failed.
pub async fn report(store: &Store, wanted: WantedReport) -> Result<UsageReport, StoreError> {
    let (app, first, last) = (wanted.app, wanted.first, wanted.last);
    let rounding = rounding(wanted.rounding);
    let (rows, total, next) = match wanted.group_by {
        UsageGrouping::Day => {
            let found = store.usage_by_day(app, first, last, rounding).await?;
            let total = UsageSum::of(found.iter().map(|day| day.sum));
            let mut found = found.into_iter().peekable();
            // A day without calls has a row, too: a chart has no gaps.
            let rows = first.through(last).map(|day| {
                let sum = found
                    .next_if(|found| found.day == day)
                    .map_or_else(UsageSum::default, |found| found.sum);
                of_all(Some(day.to_string()), sum)
            });
            (rows.collect(), total, None)
        }
        UsageGrouping::User => {
            let page = store
                .usage_by_user(app, (first, last), rounding, wanted.after, wanted.limit)
                .await?;
            let rows = page.users.into_iter().map(|user| of_user(user.user_id, user.sum));
            (rows.collect(), page.total, page.next)
        }
        UsageGrouping::Total => {
            let found = store.usage_by_day(app, first, last, rounding).await?;
            let total = UsageSum::of(found.iter().map(|day| day.sum));
            (vec![of_all(None, total)], total, None)
        }
    };
    Ok(UsageReport {
        from: first.start().as_millis(),
        to: last.end().as_millis(),
        group_by: wanted.group_by,
        rounding: wanted.rounding,
        rows,
        total: of_all(None, total),
        has_next: next.is_some(),
        next: next.map(|next| next.to_string()).unwrap_or_default(),
    })
}

/// The rule's word for the wire's.
const fn rounding(rounding: UsageRounding) -> Rounding {
    match rounding {
        UsageRounding::None => Rounding::None,
        UsageRounding::Second => Rounding::Second,
        UsageRounding::Minute => Rounding::Minute,
    }
}

/// A call has two participants.
const fn of_all(key: Option<String>, sum: UsageSum) -> UsageRow {
    UsageRow {
        key,
        calls: sum.calls,
        video_calls: sum.video_calls,
        call_ms: sum.call_ms,
        participant_ms: sum.call_ms.saturating_mul(2),
        relayed_bytes: sum.relayed_bytes,
    }
}

/// A user is one of them: together, users come to the time of all participants.
const fn of_user(user_id: String, sum: UsageSum) -> UsageRow {
    UsageRow {
        key: Some(user_id),
        calls: sum.calls,
        video_calls: sum.video_calls,
        call_ms: sum.call_ms,
        participant_ms: sum.call_ms,
        relayed_bytes: sum.relayed_bytes,
    }
}

#[cfg(test)]
mod tests;
