//! The application's own words about a user.

use std::collections::BTreeMap;

use offhook_core::id::{AppKey, UserKey};
use offhook_core::user::MAX_METADATA_ITEMS;
use rusqlite::{Connection, Result};

use super::{User, by_id, by_key};
use crate::{Store, StoreError};

/// Why metadata was not changed.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// The application has no user of that id.
    #[error("there is no such user")]
    NoSuchUser,
    /// The user has an item of that name, and it was to be new.
    #[error("there is an item of that name already")]
    AlreadyExists,
    /// There would be more than [`MAX_METADATA_ITEMS`].
    #[error("a user has at most {MAX_METADATA_ITEMS} items of metadata")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for MetadataError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Adds items. All names must be new.
    ///
    /// # Errors
    /// [`MetadataError`]; then nothing was added.
    pub async fn add_metadata(
        &self,
        app: AppKey,
        user_id: &str,
        items: BTreeMap<String, String>,
    ) -> Result<User, MetadataError> {
        self.change_metadata(app, user_id, move |connection, user| {
            if items.keys().any(|name| user.metadata.contains_key(name)) {
                return Err(MetadataError::AlreadyExists);
            }
            Ok(put(connection, user.key, &items)?)
        })
        .await
    }

    /// Sets items. Names that are new are added if `is_upsert`, else left out.
    ///
    /// # Errors
    /// [`MetadataError`]; then nothing was set.
    pub async fn put_metadata(
        &self,
        app: AppKey,
        user_id: &str,
        mut items: BTreeMap<String, String>,
        is_upsert: bool,
    ) -> Result<User, MetadataError> {
        self.change_metadata(app, user_id, move |connection, user| {
            items.retain(|name, _| is_upsert || user.metadata.contains_key(name));
            Ok(put(connection, user.key, &items)?)
        })
        .await
    }

    /// Deletes one item, or all. One that is not there is no error.
    ///
    /// # Errors
    /// [`MetadataError::NoSuchUser`].
    pub async fn delete_metadata(&self, app: AppKey, user_id: &str, name: Option<&str>) -> Result<User, MetadataError> {
        let name = name.map(str::to_owned);
        self.change_metadata(app, user_id, move |connection, user| {
            connection
                .prepare_cached("delete from user_metadata where user_key = ?1 and name = coalesce(?2, name)")?
                .execute((user.key.as_bytes(), name))?;
            Ok(())
        })
        .await
    }

    async fn change_metadata(
        &self,
        app: AppKey,
        user_id: &str,
        change: impl FnOnce(&Connection, &User) -> Result<(), MetadataError> + Send + 'static,
    ) -> Result<User, MetadataError> {
        let user_id = user_id.to_owned();
        self.write(move |connection| {
            let user = by_id(connection, app, &user_id)?.ok_or(MetadataError::NoSuchUser)?;
            change(connection, &user)?;
            let user = by_key(connection, user.key)?.ok_or(MetadataError::NoSuchUser)?;
            if user.metadata.len() > MAX_METADATA_ITEMS {
                return Err(MetadataError::TooMany);
            }
            Ok(user)
        })
        .await
    }
}

pub(super) fn put(connection: &Connection, user: UserKey, items: &BTreeMap<String, String>) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "insert into user_metadata (user_key, name, value) values (?1, ?2, ?3)
         on conflict do update set value = excluded.value",
    )?;
    for (name, value) in items {
        insert.execute((user.as_bytes(), name, value))?;
    }
    Ok(())
}
