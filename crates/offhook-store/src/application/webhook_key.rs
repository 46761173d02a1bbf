//! The keys that sign an application's webhooks.

use std::time::Duration;

use offhook_core::id::AppKey;
use offhook_core::time::{Timestamp, millis};
use rusqlite::{Connection, Result};

use super::{ApplicationError, by_key};
use crate::columns::time;
use crate::{Sealed, Store, StoreError};

/// For how long a key that was replaced signs beside its successor: receivers have that long to learn the new one.
pub const FORMER_KEY_SIGNS_FOR: Duration = Duration::from_secs(24 * 3600);

impl Store {
    /// The keys that sign the application's webhooks, sealed, the newest first: one, or two after it was replaced.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn webhook_keys(&self, app: AppKey, now: Timestamp) -> Result<Vec<Sealed>, StoreError> {
        let since = Timestamp::from_millis(now.as_millis().saturating_sub(millis(FORMER_KEY_SIGNS_FOR)));
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "select sealed from webhook_key where app_key = ?1 and (retired_at is null or retired_at > ?2)
                     order by webhook_key_id desc limit 2",
                )?
                .query_map((app.0, time(since)), |row| row.get("sealed"))?
                .collect()
        })
        .await
    }

    /// Replaces the key that signs the application's webhooks. The one before signs too for
    /// [`FORMER_KEY_SIGNS_FOR`]; those before it are forgotten.
    ///
    /// # Errors
    /// [`ApplicationError::NoSuchApplication`].
    pub async fn rotate_webhook_key(&self, app: AppKey, to: Sealed, now: Timestamp) -> Result<(), ApplicationError> {
        self.write(move |connection| {
            by_key(connection, app)?.ok_or(ApplicationError::NoSuchApplication)?;
            connection.execute(
                "delete from webhook_key where app_key = ?1 and retired_at is not null",
                [app.0],
            )?;
            connection.execute(
                "update webhook_key set retired_at = ?2 where app_key = ?1",
                (app.0, time(now)),
            )?;
            Ok(insert(connection, app, &to, now)?)
        })
        .await
    }
}

pub(super) fn insert(connection: &Connection, app: AppKey, sealed: &Sealed, now: Timestamp) -> Result<()> {
    connection
        .execute(
            "insert into webhook_key (app_key, sealed, created_at) values (?1, ?2, ?3)",
            (app.0, sealed, time(now)),
        )
        .map(|_| ())
}
