//! Calls and measurements whose time is over, as the application's settings have it.

use offhook_core::id::AppKey;
use offhook_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Result};

use super::{Budget, CALLS, Removed, SAMPLES_OF_CALL, remove_call, spend};
use crate::columns::{Columns, time};
use crate::{Store, StoreError};

impl Store {
    /// Removes some of the application's calls that ended before `before`, those that were dialled first of all, and notes
    /// in their usage that they are gone.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn remove_old_calls(
        &self,
        app: AppKey,
        before: Timestamp,
        now: Timestamp,
    ) -> std::result::Result<Removed, StoreError> {
        self.write(move |connection| Ok(remove_calls(connection, app, before, now)?))
            .await
    }

    /// Removes some of the measurements of the application's calls that ended before `before`.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn remove_old_quality(&self, app: AppKey, before: Timestamp) -> std::result::Result<Removed, StoreError> {
        self.write(move |connection| Ok(remove_quality(connection, app, before)?))
            .await
    }
}

/// A call was dialled before it ended: those that may be old are at the start of the list.
fn remove_calls(connection: &Connection, app: AppKey, before: Timestamp, now: Timestamp) -> Result<Removed> {
    let old = connection
        .prepare_cached(
            "select call_number, call_id from call indexed by call_list
             where app_key = ?1 and started_at < ?2 and ended_at < ?2 order by started_at, call_number limit ?3",
        )?
        .query_map((app.0, time(before), CALLS), |row| {
            Ok((row.get("call_number")?, row.call_id("call_id")?))
        })?
        .collect::<Result<Vec<(i64, _)>>>()?;
    let mut budget = Budget::of_a_unit();
    let is_full = old.len() == CALLS as usize;
    for (number, call_id) in old {
        if !remove_call(connection, number, &mut budget)? {
            return Ok(budget.removed(true));
        }
        connection
            .prepare_cached("update usage set call_removed_at = ?3 where app_key = ?1 and call_id = ?2")?
            .execute((app.0, call_id.as_bytes(), time(now)))?;
    }
    Ok(budget.removed(is_full))
}

/// Walks along the list of calls and remembers how far it came, so that no call is looked at twice. It stops before a call
/// that is not old yet, or lives.
fn remove_quality(connection: &Connection, app: AppKey, before: Timestamp) -> Result<Removed> {
    let done: Option<(i64, i64)> = connection
        .prepare_cached("select started_at, call_number from quality_retention where app_key = ?1")?
        .query_row([app.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let done = done.unwrap_or((-1, 0));
    let next = connection
        .prepare_cached(
            "select started_at, call_number, ended_at from call indexed by call_list
             where app_key = ?1 and (started_at, call_number) > (?2, ?3) and started_at < ?4
             order by started_at, call_number limit ?5",
        )?
        .query_map((app.0, done.0, done.1, time(before), CALLS), |row| {
            Ok(((row.get(0)?, row.get(1)?), row.time_or_none("ended_at")?))
        })?
        .collect::<Result<Vec<((i64, i64), Option<Timestamp>)>>>()?;
    let mut budget = Budget::of_a_unit();
    let mut has_more = next.len() == CALLS as usize;
    let mut last = None;
    for (place, ended_at) in next {
        if ended_at.is_none_or(|ended_at| ended_at >= before) {
            has_more = false;
            break;
        }
        spend(connection, SAMPLES_OF_CALL, place.1, &mut budget)?;
        if budget.is_spent() {
            has_more = true;
            break;
        }
        last = Some(place);
    }
    if let Some((started_at, number)) = last {
        connection
            .prepare_cached(
                "insert into quality_retention (app_key, started_at, call_number) values (?1, ?2, ?3)
                 on conflict (app_key) do update set started_at = ?2, call_number = ?3",
            )?
            .execute((app.0, started_at, number))?;
    }
    Ok(budget.removed(has_more))
}
