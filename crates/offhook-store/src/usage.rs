//! What calls cost: a row a call, written by the step that ends it, and the same summed by day.
//!
//! The row is the record; the days are what reports are read from. Both are written in one transaction, so neither can
//! be without the other, and [`reconcile`] proves it. [`report`] reads the days, [`export`] the rows.

mod export;
mod reconcile;
mod report;

use offhook_core::call::Role;
use offhook_core::id::{AppKey, CallId, UserKey};
use offhook_core::usage::{Portion, Usage};
use rusqlite::{Connection, OptionalExtension as _, Result, Row, named_params};

use crate::call::evidence_word;
use crate::columns::{Columns, time};

pub use export::{UsageExport, UsageExportCursor};
pub use reconcile::{ReconciledUsage, UsageDifference, UsageSubject};
pub use report::{UsageDay, UsageSum, UserUsage, UserUsageCursor, UserUsagePage};

/// What the relay carried for the two sides of a call, both ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct RelayedBytes {
    caller: i64,
    callee: i64,
}

/// Books a call that has ended. A second record of one call would be refused by the key: no minute is billed twice.
pub(crate) fn insert(connection: &Connection, number: i64, usage: &Usage) -> Result<()> {
    let relayed = relayed_bytes(connection, number)?;
    connection
        .prepare_cached(
            "insert into usage (app_key, call_id, caller_key, callee_key, is_video, connected_at, ended_at, evidence,
                caller_relayed_bytes, callee_relayed_bytes)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute((
            usage.app.0,
            usage.call_id.as_bytes(),
            usage.caller.as_bytes(),
            usage.callee.as_bytes(),
            usage.is_video,
            time(usage.connected_at),
            time(usage.ended_at),
            evidence_word(usage.evidence),
            relayed.caller,
            relayed.callee,
        ))?;
    for portion in usage.portions() {
        let of_call = |bytes| if portion.is_first { bytes } else { 0 };
        let all = of_call(relayed.caller.saturating_add(relayed.callee));
        book(connection, usage, &portion, None, all)?;
        book(connection, usage, &portion, Some(usage.caller), of_call(relayed.caller))?;
        book(connection, usage, &portion, Some(usage.callee), of_call(relayed.callee))?;
    }
    Ok(())
}

/// Adds to the day of the application, or of one of its users.
fn book(
    connection: &Connection,
    usage: &Usage,
    portion: &Portion,
    user: Option<UserKey>,
    relayed_bytes: i64,
) -> Result<()> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut booking = connection.prepare_cached(if user.is_some() { BOOK_USER } else { BOOK_APPLICATION })?;
    let numbers = named_params! {
        ":app_key": usage.app.0, ":day": portion.day.number(), ":calls": portion.is_first,
        ":video_calls": portion.is_first && usage.is_video, ":call_ms": count(portion.call_ms),
        ":by_second": count(portion.added_by_second_ms), ":by_minute": count(portion.added_by_minute_ms),
        ":relayed_bytes": relayed_bytes,
    };
    let key = user.map(|user| *user.as_bytes());
    let mut named = numbers.to_vec();
    if let Some(key) = &key {
        named.push((":user_key", key));
    }
    booking.execute(named.as_slice()).map(|_| ())
}

const BOOK_APPLICATION: &str = "
    insert into usage_day (app_key, day, calls, video_calls, call_ms, added_by_second_ms, added_by_minute_ms,
        relayed_bytes)
    values (:app_key, :day, :calls, :video_calls, :call_ms, :by_second, :by_minute, :relayed_bytes)
    on conflict (app_key, day) do update set
        calls = calls + excluded.calls, video_calls = video_calls + excluded.video_calls,
        call_ms = call_ms + excluded.call_ms,
        added_by_second_ms = added_by_second_ms + excluded.added_by_second_ms,
        added_by_minute_ms = added_by_minute_ms + excluded.added_by_minute_ms,
        relayed_bytes = relayed_bytes + excluded.relayed_bytes";

const BOOK_USER: &str = "
    insert into usage_user_day (app_key, day, user_key, calls, video_calls, call_ms, added_by_second_ms,
        added_by_minute_ms, relayed_bytes)
    values (:app_key, :day, :user_key, :calls, :video_calls, :call_ms, :by_second, :by_minute, :relayed_bytes)
    on conflict (app_key, day, user_key) do update set
        calls = calls + excluded.calls, video_calls = video_calls + excluded.video_calls,
        call_ms = call_ms + excluded.call_ms,
        added_by_second_ms = added_by_second_ms + excluded.added_by_second_ms,
        added_by_minute_ms = added_by_minute_ms + excluded.added_by_minute_ms,
        relayed_bytes = relayed_bytes + excluded.relayed_bytes";

/// Books what the relay has carried for a call since its cost was booked. Of a call that was never connected or has not
/// ended there is nothing to book yet.
pub(crate) fn take_relayed(connection: &Connection, app: AppKey, call_id: CallId) -> Result<()> {
    let booked = connection
        .prepare_cached(
            "select usage.*, call_number from usage join call using (app_key, call_id)
             where app_key = ?1 and call_id = ?2",
        )?
        .query_row((app.0, call_id.as_bytes()), |row| {
            Ok((recorded(row)?, booked_relayed(row)?, row.get("call_number")?))
        })
        .optional()?;
    let Some((usage, before, number)) = booked else {
        return Ok(());
    };
    let now = relayed_bytes(connection, number)?;
    if now == before {
        return Ok(());
    }
    connection
        .prepare_cached(
            "update usage set caller_relayed_bytes = ?3, callee_relayed_bytes = ?4 where app_key = ?1 and call_id = ?2",
        )?
        .execute((app.0, call_id.as_bytes(), now.caller, now.callee))?;
    let Some(first) = usage.portions().next() else {
        return Ok(());
    };
    let (caller, callee) = (now.caller - before.caller, now.callee - before.callee);
    connection
        .prepare_cached("update usage_day set relayed_bytes = relayed_bytes + ?3 where app_key = ?1 and day = ?2")?
        .execute((app.0, first.day.number(), caller + callee))?;
    for (user, more) in [(usage.caller, caller), (usage.callee, callee)] {
        connection
            .prepare_cached(
                "update usage_user_day set relayed_bytes = relayed_bytes + ?4
                 where app_key = ?1 and day = ?2 and user_key = ?3",
            )?
            .execute((app.0, first.day.number(), user.as_bytes(), more))?;
    }
    Ok(())
}

fn relayed_bytes(connection: &Connection, number: i64) -> Result<RelayedBytes> {
    connection
        .prepare_cached(
            "select coalesce(sum(bytes) filter (where role = ?2), 0), coalesce(sum(bytes) filter (where role = ?3), 0)
             from (select role, to_peer_bytes + to_client_bytes as bytes from relay_usage where call_number = ?1)",
        )?
        .query_row((number, Role::Caller.as_str(), Role::Callee.as_str()), |row| {
            Ok(RelayedBytes {
                caller: row.get(0)?,
                callee: row.get(1)?,
            })
        })
}

fn booked_relayed(row: &Row<'_>) -> Result<RelayedBytes> {
    Ok(RelayedBytes {
        caller: row.get("caller_relayed_bytes")?,
        callee: row.get("callee_relayed_bytes")?,
    })
}

/// A row as it was recorded.
fn recorded(row: &Row<'_>) -> Result<Usage> {
    Ok(Usage {
        app: row.app_key("app_key")?,
        call_id: row.call_id("call_id")?,
        caller: row.user_key("caller_key")?,
        callee: row.user_key("callee_key")?,
        is_video: row.get("is_video")?,
        connected_at: row.time("connected_at")?,
        ended_at: row.time("ended_at")?,
        evidence: row.variant("evidence")?,
    })
}

#[cfg(test)]
mod tests;
