//! Reading what calls came to, from the sums by day: however many calls there were, a report reads days.

use std::fmt;
use std::str::FromStr;

use offhook_core::id::AppKey;
use offhook_core::usage::{Day, Rounding};
use rusqlite::{Connection, Result, Row, named_params};

use crate::call::InvalidCursor;
use crate::{Store, StoreError};

/// What calls came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageSum {
    /// Calls that were connected.
    pub calls: u64,
    /// Those of them that were dialled as video calls.
    pub video_calls: u64,
    /// From connected to end, together, each call rounded.
    pub call_ms: u64,
    /// What the relay carried for them, both ways.
    pub relayed_bytes: u64,
}

/// What the calls of a day came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageDay {
    /// The day.
    pub day: Day,
    /// What they came to.
    pub sum: UsageSum,
}

/// What the calls of a user came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserUsage {
    /// The application's id of the user; empty for all who were deleted, together.
    pub user_id: String,
    /// What they came to.
    pub sum: UsageSum,
}

/// Some users of a report, those with the longest time first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserUsagePage {
    /// The users.
    pub users: Vec<UserUsage>,
    /// What all calls of the time came to.
    pub total: UsageSum,
    /// Where the next page begins; `None` at the end.
    pub next: Option<UserUsageCursor>,
}

/// Where a report by user goes on. A user whose calls end between two pages may change places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserUsageCursor {
    call_ms: u64,
    user_id: String,
}

impl fmt::Display for UserUsageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.call_ms, self.user_id)
    }
}

impl FromStr for UserUsageCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> std::result::Result<Self, InvalidCursor> {
        let (call_ms, user_id) = text.split_once('/').ok_or(InvalidCursor)?;
        Ok(Self {
            call_ms: call_ms.parse().map_err(|_| InvalidCursor)?,
            user_id: user_id.to_owned(),
        })
    }
}

impl Store {
    /// What the application's calls came to on each day from `first` to `last`, in order. Days without any are left out.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn usage_by_day(
        &self,
        app: AppKey,
        first: Day,
        last: Day,
        rounding: Rounding,
    ) -> std::result::Result<Vec<UsageDay>, StoreError> {
        self.read(move |connection| by_day(connection, app, first, last, rounding))
            .await
    }

    /// At most `limit` users whose calls came to something from `first` to `last`, those with the longest time first.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn usage_by_user(
        &self,
        app: AppKey,
        (first, last): (Day, Day),
        rounding: Rounding,
        after: Option<UserUsageCursor>,
        limit: u32,
    ) -> std::result::Result<UserUsagePage, StoreError> {
        self.read(move |connection| {
            let mut users = by_user(connection, app, (first, last), rounding, after.as_ref(), limit)?;
            // One more than asked for was read: whether there is a next page is known, not guessed.
            let limit = limit as usize;
            let has_next = users.len() > limit;
            users.truncate(limit);
            let last_user = users.last().filter(|_| has_next);
            Ok(UserUsagePage {
                next: last_user.map(|user| UserUsageCursor {
                    call_ms: user.sum.call_ms,
                    user_id: user.user_id.clone(),
                }),
                total: UsageSum::of(
                    by_day(connection, app, first, last, rounding)?
                        .iter()
                        .map(|day| day.sum),
                ),
                users,
            })
        })
        .await
    }
}

impl UsageSum {
    /// All of them together.
    pub fn of(sums: impl Iterator<Item = Self>) -> Self {
        sums.fold(Self::default(), |all, one| Self {
            calls: all.calls.saturating_add(one.calls),
            video_calls: all.video_calls.saturating_add(one.video_calls),
            call_ms: all.call_ms.saturating_add(one.call_ms),
            relayed_bytes: all.relayed_bytes.saturating_add(one.relayed_bytes),
        })
    }
}

fn by_day(connection: &Connection, app: AppKey, first: Day, last: Day, rounding: Rounding) -> Result<Vec<UsageDay>> {
    connection
        .prepare_cached(&format!(
            "select day, calls, video_calls, call_ms + {} as call_ms, relayed_bytes from usage_day
             where app_key = ?1 and day between ?2 and ?3 order by day",
            added(rounding)
        ))?
        .query_map((app.0, first.number(), last.number()), |row| {
            Ok(UsageDay {
                day: Day::from_number(row.get("day")?),
                sum: sum(row)?,
            })
        })?
        .collect()
}

fn by_user(
    connection: &Connection,
    app: AppKey,
    (first, last): (Day, Day),
    rounding: Rounding,
    after: Option<&UserUsageCursor>,
    limit: u32,
) -> Result<Vec<UserUsage>> {
    connection
        .prepare_cached(&format!(
            "with spent as (
                select user_key, sum(calls) as calls, sum(video_calls) as video_calls,
                    sum(call_ms + {}) as call_ms, sum(relayed_bytes) as relayed_bytes
                from usage_user_day where app_key = :app_key and day between :first and :last group by user_key
             ), named as (
                select coalesce(user_id, '') as user_id, sum(calls) as calls, sum(video_calls) as video_calls,
                    sum(call_ms) as call_ms, sum(relayed_bytes) as relayed_bytes
                from spent left join user using (user_key) group by coalesce(user_id, '')
             )
             select * from named
             where :after_ms is null or call_ms < :after_ms or (call_ms = :after_ms and user_id > :after_user)
             order by call_ms desc, user_id limit :limit",
            added(rounding)
        ))?
        .query_map(
            named_params! {
                ":app_key": app.0, ":first": first.number(), ":last": last.number(),
                ":after_ms": after.map(|after| i64::try_from(after.call_ms).unwrap_or(i64::MAX)),
                ":after_user": after.map(|after| &after.user_id), ":limit": i64::from(limit) + 1,
            },
            |row| {
                Ok(UserUsage {
                    user_id: row.get("user_id")?,
                    sum: sum(row)?,
                })
            },
        )?
        .collect()
}

fn sum(row: &Row<'_>) -> Result<UsageSum> {
    let number = |column| {
        row.get::<_, i64>(column)
            .map(|number| u64::try_from(number).unwrap_or(0))
    };
    Ok(UsageSum {
        calls: number("calls")?,
        video_calls: number("video_calls")?,
        call_ms: number("call_ms")?,
        relayed_bytes: number("relayed_bytes")?,
    })
}

/// The column with what rounding adds.
const fn added(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::None => "0",
        Rounding::Second => "added_by_second_ms",
        Rounding::Minute => "added_by_minute_ms",
    }
}
