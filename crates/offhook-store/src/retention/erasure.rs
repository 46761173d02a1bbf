//! Past calls forget a user who was deleted.
//!
//! A call is its two parties' record: the other side keeps that it was, when and how long. Who was on this side goes: id,
//! name, picture, metadata, device. What is left is the internal key, drawn at random, which led to the user only.

use offhook_core::call::{Call, Role};
use offhook_core::id::{AppKey, UserKey};
use rusqlite::{Connection, OptionalExtension as _, Result};

use super::{CALLS, Removed};
use crate::columns::{Columns, json};
use crate::{Store, StoreError};

/// A user who is to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// The application.
    pub app: AppKey,
    /// The key of the user who was deleted.
    pub user: UserKey,
}

impl Store {
    /// At most `limit` users who were deleted and whose calls have not all forgotten them.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn erasures(&self, limit: u32) -> std::result::Result<Vec<Erasure>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("select app_key, user_key from erasure order by user_key limit ?1")?
                .query_map([limit], |row| {
                    Ok(Erasure {
                        app: row.app_key("app_key")?,
                        user: row.user_key("user_key")?,
                    })
                })?
                .collect()
        })
        .await
    }

    /// Lets some calls forget a user. It stops before a call that lives, or of which an event is yet to be told, and goes on
    /// from there when it is called again.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn erase_user(&self, user: UserKey) -> std::result::Result<Removed, StoreError> {
        self.write(move |connection| Ok(erase(connection, user)?)).await
    }
}

/// Notes that a user who is deleted is to be forgotten.
pub(crate) fn ask_erasure(connection: &Connection, app: AppKey, user: UserKey) -> Result<()> {
    connection
        .prepare_cached("insert into erasure (user_key, app_key, started_at, call_number) values (?1, ?2, -1, 0)")?
        .execute((user.as_bytes(), app.0))
        .map(|_| ())
}

fn erase(connection: &Connection, user: UserKey) -> Result<Removed> {
    let done: Option<(i64, i64)> = connection
        .prepare_cached("select started_at, call_number from erasure where user_key = ?1")?
        .query_row([user.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some(done) = done else {
        return Ok(Removed::default());
    };
    let calls = connection
        .prepare_cached(
            "select call_party.started_at, call_number, role, body from call_party join call using (call_number)
             where user_key = ?1 and (call_party.started_at, call_number) > (?2, ?3)
             order by call_party.started_at, call_number limit ?4",
        )?
        .query_map((user.as_bytes(), done.0, done.1, CALLS), |row| {
            Ok(((row.get(0)?, row.get(1)?), row.variant("role")?, row.json("body")?))
        })?
        .collect::<Result<Vec<((i64, i64), Role, Call)>>>()?;
    let has_more = calls.len() == CALLS as usize;
    let first_live = connection
        .prepare_cached(
            "select started_at, call_number from live_party where user_key = ?1 order by started_at, call_number limit 1",
        )?
        .query_row([user.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (mut rows, mut last, mut is_stopped) = (0, None, false);
    for (place, role, mut call) in calls {
        if first_live.is_some_and(|live| live < place) || is_told(connection, place.1)? {
            is_stopped = true;
            break;
        }
        call.forget(role);
        forget(connection, place.1, role, &call)?;
        rows += 1;
        last = Some(place);
    }
    if is_stopped || has_more || first_live.is_some() {
        if let Some((started_at, number)) = last {
            connection
                .prepare_cached("update erasure set started_at = ?2, call_number = ?3 where user_key = ?1")?
                .execute((user.as_bytes(), started_at, number))?;
        }
    } else {
        connection
            .prepare_cached("delete from erasure where user_key = ?1")?
            .execute([user.as_bytes()])?;
    }
    Ok(Removed {
        rows,
        has_more: has_more && !is_stopped,
    })
}

/// Whether an event of the call is yet to be told: within a day it is told or given up.
fn is_told(connection: &Connection, number: i64) -> Result<bool> {
    connection
        .prepare_cached("select exists (select 1 from outbox where call_number = ?1 and settled_at is null)")?
        .query_row([number], |row| row.get(0))
}

/// Nobody is told that the call has changed: to the other side's devices it is as it was.
fn forget(connection: &Connection, number: i64, role: Role, call: &Call) -> Result<()> {
    connection
        .prepare_cached("update call set body = ?2 where call_number = ?1")?
        .execute((number, json(call)?))?;
    // Of events that were given up, and may be told all the same one day.
    let events = connection
        .prepare_cached("select event_number, call_body from outbox where call_number = ?1 and call_body is not null")?
        .query_map([number], |row| Ok((row.get("event_number")?, row.json("call_body")?)))?
        .collect::<Result<Vec<(i64, Call)>>>()?;
    for (event, mut call) in events {
        call.forget(role);
        connection
            .prepare_cached("update outbox set call_body = ?2 where event_number = ?1")?
            .execute((event, json(&call)?))?;
    }
    Ok(())
}
