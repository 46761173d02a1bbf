//! Deleting an application: at once nobody finds it any more, and then all that belonged to it goes.

use offhook_core::call::Call;
use offhook_core::id::AppKey;
use offhook_core::time::Timestamp;
use rusqlite::{Connection, Result};

use super::{Budget, CALLS, Removed, remove_call, spend};
use crate::application;
use crate::columns::{Columns, time};
use crate::{ApplicationError, Store, StoreError};

/// What belongs to an application beside its calls. A user's sessions,
/// metadata and push tokens go with the user, so few users are removed at once.
const OF_APPLICATION: [&str; 4] = [
    "delete from user where user_number in (select user_number from user where app_key = ?1 limit min(?2, 25))",
    "delete from usage where (app_key, call_id) in (select app_key, call_id from usage where app_key = ?1 limit ?2)",
    "delete from usage_user_day where (app_key, day, user_key) in (
        select app_key, day, user_key from usage_user_day where app_key = ?1 limit ?2)",
    "delete from usage_day where (app_key, day) in (select app_key, day from usage_day where app_key = ?1 limit ?2)",
];

impl Store {
    /// Deletes an application. From here on nobody finds it: its tokens open nothing, its sessions are void, its id is free.
    /// What belonged to it goes bit by bit, by [`remove_of_application`](Self::remove_of_application). Its calls are not
    /// ended first: that is the server's step before.
    ///
    /// # Errors
    /// [`ApplicationError::NoSuchApplication`].
    pub async fn delete_application(&self, app: AppKey, now: Timestamp) -> std::result::Result<(), ApplicationError> {
        self.write(move |connection| {
            application::by_key(connection, app)?.ok_or(ApplicationError::NoSuchApplication)?;
            for table in ["api_token", "signing_key", "webhook_key"] {
                connection.execute(&format!("delete from {table} where app_key = ?1"), [app.0])?;
            }
            // No id has a stroke in it.
            connection.execute(
                "update application set removed_at = ?2, app_id = '/' || app_key where app_key = ?1",
                (app.0, time(now)),
            )?;
            Ok(())
        })
        .await
    }

    /// At most `limit` calls of the application that have not ended.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn live_calls_of_application(
        &self,
        app: AppKey,
        limit: u32,
    ) -> std::result::Result<Vec<Call>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("select body from call where app_key = ?1 and ended_at is null limit ?2")?
                .query_map((app.0, limit), |row| row.json("body"))?
                .collect()
        })
        .await
    }

    /// Applications that were deleted and are not gone yet.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn deleted_applications(&self) -> std::result::Result<Vec<AppKey>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("select app_key from application where removed_at is not null order by app_key")?
                .query_map([], |row| row.app_key("app_key"))?
                .collect()
        })
        .await
    }

    /// Removes some of what belonged to an application that was deleted, and in the end itself.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn remove_of_application(&self, app: AppKey) -> std::result::Result<Removed, StoreError> {
        self.write(move |connection| Ok(remove(connection, app)?)).await
    }
}

fn remove(connection: &Connection, app: AppKey) -> Result<Removed> {
    let is_deleted: bool = connection
        .prepare_cached("select exists (select 1 from application where app_key = ?1 and removed_at is not null)")?
        .query_row([app.0], |row| row.get(0))?;
    if !is_deleted {
        return Ok(Removed::default());
    }
    let mut budget = Budget::of_a_unit();
    let calls = connection
        .prepare_cached("select call_number from call where app_key = ?1 limit ?2")?
        .query_map((app.0, CALLS), |row| row.get(0))?
        .collect::<Result<Vec<i64>>>()?;
    for number in calls {
        if !remove_call(connection, number, &mut budget)? {
            return Ok(budget.removed(true));
        }
    }
    for statement in OF_APPLICATION {
        spend(connection, statement, app.0.into(), &mut budget)?;
        if budget.is_spent() {
            return Ok(budget.removed(true));
        }
    }
    if budget.removed(true).rows > 0 {
        return Ok(budget.removed(true));
    }
    let gone = connection
        .prepare_cached("delete from application where app_key = ?1")?
        .execute([app.0])?;
    budget.spend(gone);
    Ok(budget.removed(false))
}
