//! Applications and their signing keys.

mod settings;
mod webhook_key;

use std::time::Duration;

use offhook_core::application::AccessTokenPermission;
use offhook_core::id::{AppId, AppKey, SigningKeyId};
use offhook_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row, named_params};

use crate::columns::{Columns, json, time};
use crate::{ApiToken, Sealed, Store, StoreError, api_token};

pub use settings::{ApplicationPatch, DialHook};
pub(crate) use settings::{DialLimits, dial_settings};
pub use webhook_key::FORMER_KEY_SIGNS_FOR;

/// An application, as it is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The internal number.
    pub key: AppKey,
    /// The public id.
    pub id: AppId,
    /// What operators call it.
    pub name: String,
    /// Who may sign in without a token.
    pub permission: AccessTokenPermission,
    /// The origins whose pages may use it; empty allows all.
    pub allowed_origins: Vec<String>,
    /// Whether its media takes no path but over the relay.
    pub is_relay_only: bool,
    /// The hosts, each with its port, that a call's webhook may be on; none, where calls may have no webhook.
    pub webhook_hosts: Vec<String>,
    /// The longest that its calls may ring, whatever a dial asks.
    pub max_ringing: Duration,
    /// The longest that its calls may take to connect, whatever a dial asks.
    pub max_connecting: Duration,
    /// How many days ended calls are kept; `None` is for ever.
    pub call_retention_days: Option<u32>,
    /// How many days measurements are kept; `None` is as long as their call.
    pub quality_retention_days: Option<u32>,
    /// How many days webhook deliveries are kept once they are settled.
    pub delivery_retention_days: u32,
    /// Who is asked before a call rings.
    pub dial_hook: Option<DialHook>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An application to be made.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// The public id.
    pub id: AppId,
    /// What operators call it.
    pub name: String,
    /// Who may sign in without a token.
    pub permission: AccessTokenPermission,
    /// The origins whose pages may use it; empty allows all.
    pub allowed_origins: Vec<String>,
    /// Whether its media takes no path but over the relay.
    pub is_relay_only: bool,
    /// The API token.
    pub api_token: ApiToken,
    /// The first signing key, sealed.
    pub signing_key: Sealed,
    /// The first key that signs its webhooks, sealed.
    pub webhook_key: Sealed,
}

/// A key that signs the session tokens of one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its number, which tokens carry.
    pub id: SigningKeyId,
    /// Whose tokens it signs.
    pub app: AppKey,
    /// The key, sealed.
    pub sealed: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it signs no new tokens; those it signed stay valid.
    pub retired_at: Option<Timestamp>,
}

/// Why an application was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// The id is taken.
    #[error("there is an application of that id already")]
    AlreadyExists,
    /// There is none of that number.
    #[error("there is no such application")]
    NoSuchApplication,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for ApplicationError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Makes an application with its API token and its first signing key.
    ///
    /// # Errors
    /// [`ApplicationError::AlreadyExists`] if the id is taken.
    pub async fn create_application(
        &self,
        new: NewApplication,
        now: Timestamp,
    ) -> Result<Application, ApplicationError> {
        self.write(move |connection| {
            let inserted = connection.execute(
                "insert into application
                    (app_id, name, access_token_permission, allowed_origins, is_relay_only, webhook_hosts, created_at)
                 values (:app_id, :name, :permission, :allowed_origins, :is_relay_only, '[]', :now) on conflict do nothing",
                named_params! {
                    ":app_id": new.id.as_str(), ":name": new.name, ":permission": new.permission.as_str(),
                    ":allowed_origins": json(&new.allowed_origins)?, ":is_relay_only": new.is_relay_only, ":now": time(now),
                },
            )?;
            if inserted == 0 {
                return Err(ApplicationError::AlreadyExists);
            }
            let application = by_id(connection, &new.id)?.ok_or(ApplicationError::NoSuchApplication)?;
            api_token::insert_master(connection, application.key, &new.api_token, now)?;
            insert_signing_key(connection, application.key, &new.signing_key, now)?;
            webhook_key::insert(connection, application.key, &new.webhook_key, now)?;
            Ok(application)
        })
        .await
    }

    /// Finds an application by its public id.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn application_by_id(&self, id: &AppId) -> Result<Option<Application>, StoreError> {
        self.look_up(|connection| by_id(connection, id)).await
    }

    /// Finds an application by its number.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn application(&self, app: AppKey) -> Result<Option<Application>, StoreError> {
        self.look_up(|connection| by_key(connection, app)).await
    }

    /// All applications, in the order they were made.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn list_applications(&self) -> Result<Vec<Application>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("select * from application where removed_at is null order by app_key")?
                .query_map([], application)?
                .collect()
        })
        .await
    }

    /// Adds a signing key, which signs from now on; the one before is retired, and what it signed stays valid.
    ///
    /// # Errors
    /// [`ApplicationError::NoSuchApplication`].
    pub async fn add_signing_key(
        &self,
        app: AppKey,
        sealed: Sealed,
        now: Timestamp,
    ) -> Result<SigningKeyId, ApplicationError> {
        self.write(move |connection| {
            by_key(connection, app)?.ok_or(ApplicationError::NoSuchApplication)?;
            connection.execute(
                "update signing_key set retired_at = ?2 where app_key = ?1 and retired_at is null",
                (app.0, time(now)),
            )?;
            Ok(insert_signing_key(connection, app, &sealed, now)?)
        })
        .await
    }

    /// The key that signs the application's new session tokens.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn current_signing_key(&self, app: AppKey) -> Result<Option<SigningKey>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "select * from signing_key where app_key = ?1 and retired_at is null
                     order by signing_key_id desc limit 1",
                )?
                .query_row([app.0], signing_key)
                .optional()
        })
        .await
    }

    /// Finds a signing key by the number that a token carries.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn signing_key(&self, id: SigningKeyId) -> Result<Option<SigningKey>, StoreError> {
        self.look_up(|connection| {
            connection
                .prepare_cached("select * from signing_key where signing_key_id = ?1")?
                .query_row([id.0], signing_key)
                .optional()
        })
        .await
    }
}

pub(crate) fn by_key(connection: &Connection, app: AppKey) -> Result<Option<Application>> {
    connection
        .prepare_cached("select * from application where app_key = ?1 and removed_at is null")?
        .query_row([app.0], application)
        .optional()
}

fn by_id(connection: &Connection, id: &AppId) -> Result<Option<Application>> {
    connection
        .prepare_cached("select * from application where app_id = ?1 and removed_at is null")?
        .query_row([id.as_str()], application)
        .optional()
}

fn insert_signing_key(connection: &Connection, app: AppKey, sealed: &Sealed, now: Timestamp) -> Result<SigningKeyId> {
    connection.query_row(
        "insert into signing_key (app_key, sealed, created_at) values (?1, ?2, ?3) returning signing_key_id",
        (app.0, sealed, time(now)),
        |row| row.get(0).map(SigningKeyId),
    )
}

pub(crate) fn application(row: &Row<'_>) -> Result<Application> {
    Ok(Application {
        key: row.app_key("app_key")?,
        id: row.word("app_id")?,
        name: row.get("name")?,
        // The word in the column is the word of the JSON form.
        permission: row.variant("access_token_permission")?,
        allowed_origins: row.json("allowed_origins")?,
        is_relay_only: row.get("is_relay_only")?,
        webhook_hosts: row.json("webhook_hosts")?,
        max_ringing: row.duration("max_ringing_ms")?,
        max_connecting: row.duration("max_connecting_ms")?,
        call_retention_days: row.get("call_retention_days")?,
        quality_retention_days: row.get("quality_retention_days")?,
        delivery_retention_days: row.get("delivery_retention_days")?,
        dial_hook: settings::dial_hook(row)?,
        created_at: row.time("created_at")?,
    })
}

fn signing_key(row: &Row<'_>) -> Result<SigningKey> {
    Ok(SigningKey {
        id: row.get("signing_key_id").map(SigningKeyId)?,
        app: row.app_key("app_key")?,
        sealed: row.get("sealed")?,
        created_at: row.time("created_at")?,
        retired_at: row.time_or_none("retired_at")?,
    })
}

#[cfg(test)]
mod tests;
