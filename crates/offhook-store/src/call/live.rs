//! What is going on: calls that live, calls that are due, calls that changed.

use offhook_core::call::{Call, Input};
use offhook_core::id::{AppKey, CallId, DeviceId, SessionId, UserKey};
use offhook_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Result, Row};

use super::{Actor, CallChange, CallError, apply, rows};
use crate::columns::{Columns, time};
use crate::{Store, StoreError, session};

/// How many calls share a unit of work when all are resumed.
const RESUMED_AT_ONCE: usize = 128;

/// From the small table: of those that have ended nothing is read.
const ALL_LIVE: &str = "select app_key, call_id from live_party join call using (call_number)
     where role = 'dc_caller' order by call_number";

/// Which of all changes of calls one is: they count on. Up to one of them a node has read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeNumber(pub i64);

impl Store {
    /// The user's calls that have not ended, oldest first.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn live_calls_of(&self, app: AppKey, user: UserKey) -> Result<Vec<Call>, StoreError> {
        self.look_up(|connection| live_of(connection, app, user)).await
    }

    /// At most `limit` calls whose deadline has come, the longest overdue first. Each wants [`Input::Expire`].
    ///
    /// # Errors
    /// If the store failed.
    pub async fn due_calls(&self, now: Timestamp, limit: u32) -> Result<Vec<(AppKey, CallId)>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "select app_key, call_id from call where deadline_at <= ?1 order by deadline_at limit ?2",
                )?
                .query_map((time(now), limit), key)?
                .collect()
        })
        .await
    }

    /// Where a node that has just read everything starts to look for changes.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn last_change(&self) -> Result<ChangeNumber, StoreError> {
        self.look_up(rows::last_change).await
    }

    /// At most `limit` changes after `last`, in their order. Of a call that changed twice there is the later one alone.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn changes_since(&self, last: ChangeNumber, limit: u32) -> Result<Vec<ChangeNumber>, StoreError> {
        self.look_up(|connection| {
            connection
                .prepare_cached("select changed_seq from call where changed_seq > ?1 order by changed_seq limit ?2")?
                .query_map((last.0, limit), |row| row.get(0).map(ChangeNumber))?
                .collect()
        })
        .await
    }

    /// The call as that change left it; none, where it has changed again.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn changed_call(&self, change: ChangeNumber) -> Result<Option<Call>, StoreError> {
        self.look_up(|connection| {
            connection
                .prepare_cached("select body from call where changed_seq = ?1")?
                .query_row([change.0], body)
                .optional()
        })
        .await
    }

    /// Ends the calls whose device has lost its session: signed out, revoked, deactivated, or for want of a token. The
    /// device need not be connected. One that is merely away keeps its calls, and so does one that has come back by
    /// another session.
    ///
    /// # Errors
    /// If the store failed; then no call was ended.
    pub async fn end_calls_of_lost_sessions(
        &self,
        app: AppKey,
        user: UserKey,
        now: Timestamp,
    ) -> Result<Vec<CallChange>, CallError> {
        self.write(move |connection| {
            let mut changes = Vec::new();
            for carried in carried(connection, app, user)? {
                let signed_in = session::by_id(connection, carried.session)?;
                if signed_in.is_some_and(|signed_in| signed_in.validity(now).is_ok()) {
                    continue;
                }
                let input = Input::Leave {
                    user,
                    device: carried.device,
                };
                let change = apply(connection, app, carried.call_id, Actor::System, input, now)?;
                if change.is_change() {
                    changes.push(change);
                }
            }
            Ok(changes)
        })
        .await
    }

    /// After an outage: arms the deadlines for lost parties of every live call anew.
    ///
    /// # Errors
    /// If the store failed; then some calls may have been resumed, and doing it again does no harm.
    pub async fn resume_all(&self, last_seen: Timestamp, now: Timestamp) -> Result<Vec<CallChange>, CallError> {
        let keys = self
            .read(|connection| {
                connection
                    .prepare_cached(ALL_LIVE)?
                    .query_map([], key)?
                    .collect::<Result<Vec<_>>>()
            })
            .await?;
        let mut changes = Vec::with_capacity(keys.len());
        for part in keys.chunks(RESUMED_AT_ONCE) {
            let part = part.to_vec();
            let resumed = self
                .write(move |connection| {
                    part.into_iter()
                        .map(|(app, call_id)| {
                            apply(
                                connection,
                                app,
                                call_id,
                                Actor::System,
                                Input::Resume { last_seen },
                                now,
                            )
                        })
                        .collect::<Result<Vec<_>, CallError>>()
                })
                .await?;
            changes.extend(resumed);
        }
        Ok(changes)
    }
}

pub(crate) fn live_of(connection: &Connection, app: AppKey, user: UserKey) -> Result<Vec<Call>> {
    connection
        .prepare_cached(
            "select call_number, body from live_party join call using (call_number)
             where user_key = ?1 and app_key = ?2 order by call_number",
        )?
        .query_map((user.as_bytes(), app.0), |row| Ok(rows::stored(row)?.call))?
        .collect()
}

/// A live call on the side of one user, the device that carries it there, and the session by which that was last there.
struct Carried {
    call_id: CallId,
    device: DeviceId,
    session: SessionId,
}

fn carried(connection: &Connection, app: AppKey, user: UserKey) -> Result<Vec<Carried>> {
    connection
        .prepare_cached(
            "select call_id, device_id, session_id
             from live_party join call using (call_number)
             where user_key = ?1 and device_id is not null and app_key = ?2
             order by call_number",
        )?
        .query_map((user.as_bytes(), app.0), |row| {
            Ok(Carried {
                call_id: row.call_id("call_id")?,
                device: row.device_id("device_id")?,
                session: row.session_id("session_id")?,
            })
        })?
        .collect()
}

/// Notes that a device is there by this session now: the live calls that it carries hang on it from here on.
pub(crate) fn carried_by(connection: &Connection, session: SessionId, device: DeviceId) -> Result<()> {
    connection
        .prepare_cached(
            "update live_party set session_id = ?1
             where user_key = (select user_key from session where session_id = ?1) and device_id = ?2",
        )?
        .execute((session.as_bytes(), device.as_bytes()))
        .map(|_| ())
}

fn key(row: &Row<'_>) -> Result<(AppKey, CallId)> {
    Ok((row.app_key("app_key")?, row.call_id("call_id")?))
}

fn body(row: &Row<'_>) -> Result<Call> {
    row.json("body")
}

#[cfg(test)]
mod tests;
