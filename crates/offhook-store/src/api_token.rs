//! API tokens: the master, which signs webhooks and can be read with the server's key, and secondary ones, of which only
//! the hash is kept.

use offhook_core::id::AppKey;
use offhook_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::columns::{Columns, time};
use crate::{Application, ApplicationError, Sealed, Store, StoreError, TokenHash, application};

/// The most secondary tokens of an application.
pub const MAX_SECONDARY_TOKENS: u32 = 100;

/// A master API token: found by its hash, and readable only by whoever has the server's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its hash.
    pub hash: TokenHash,
    /// Its last four letters, by which people tell it from others.
    pub hint: String,
    /// The token, sealed.
    pub sealed: Sealed,
}

/// What an application's tokens are told apart by. No number is used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApiTokenNumber(pub u32);

impl ApiTokenNumber {
    /// The master's.
    pub const MASTER: Self = Self(1);
}

/// What is known of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiTokenEntry {
    /// Its number.
    pub number: ApiTokenNumber,
    /// Its last four letters.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Why a secondary token was not made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum ApiTokenError {
    /// There is none of that number, or the token is none of the application's.
    #[error("there is no such api token")]
    NoSuchToken,
    /// The master is replaced, never revoked.
    #[error("the master api token cannot be revoked")]
    Master,
    /// The application has as many as it may.
    #[error("an application has at most {MAX_SECONDARY_TOKENS} secondary api tokens")]
    TooMany,
    /// There is none of that number.
    #[error("there is no such application")]
    NoSuchApplication,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for ApiTokenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Finds the application that an API token opens, and which of its tokens that is.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn application_by_api_token(
        &self,
        hash: TokenHash,
    ) -> Result<Option<(Application, ApiTokenNumber)>, StoreError> {
        self.look_up(|connection| {
            connection
                .prepare_cached(
                    "select application.*, token_number from api_token join application using (app_key)
                     where token_hash = ?1",
                )?
                .query_row([hash], |row| Ok((application::application(row)?, number(row)?)))
                .optional()
        })
        .await
    }

    /// The application's master API token, sealed.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn api_token(&self, app: AppKey) -> Result<Option<Sealed>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("select sealed from api_token where app_key = ?1 and token_number = 1")?
                .query_row([app.0], |row| row.get("sealed"))
                .optional()
        })
        .await
    }

    /// What is known of the application's tokens, the master first, then in the order they were made.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn list_api_tokens(&self, app: AppKey) -> Result<Vec<ApiTokenEntry>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "select token_number, hint, created_at from api_token where app_key = ?1 order by token_number",
                )?
                .query_map([app.0], entry)?
                .collect()
        })
        .await
    }

    /// What is known of one token, by its hash.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn api_token_entry(&self, app: AppKey, hash: TokenHash) -> Result<Option<ApiTokenEntry>, StoreError> {
        self.read(move |connection| by_hash(connection, app, hash)).await
    }

    /// Replaces the application's master API token; the one before opens nothing any more.
    ///
    /// # Errors
    /// [`ApplicationError::NoSuchApplication`].
    pub async fn rotate_api_token(&self, app: AppKey, to: ApiToken, now: Timestamp) -> Result<(), ApplicationError> {
        self.write(move |connection| {
            application::by_key(connection, app)?.ok_or(ApplicationError::NoSuchApplication)?;
            connection.execute("delete from api_token where app_key = ?1 and token_number = 1", [app.0])?;
            Ok(insert_master(connection, app, &to, now)?)
        })
        .await
    }

    /// Keeps the hash and the hint of a new secondary token.
    ///
    /// # Errors
    /// [`ApiTokenError::TooMany`] if the application has as many as it may.
    pub async fn add_api_token(
        &self,
        app: AppKey,
        hash: TokenHash,
        hint: String,
        now: Timestamp,
    ) -> Result<ApiTokenEntry, ApiTokenError> {
        self.write(move |connection| {
            application::by_key(connection, app)?.ok_or(ApiTokenError::NoSuchApplication)?;
            let count: u32 = connection.query_row(
                "select count(*) from api_token where app_key = ?1 and token_number > 1",
                [app.0],
                |row| row.get(0),
            )?;
            if count >= MAX_SECONDARY_TOKENS {
                return Err(ApiTokenError::TooMany);
            }
            let number = connection.query_row(
                "update application set last_token_number = last_token_number + 1 where app_key = ?1
                 returning last_token_number as token_number",
                [app.0],
                number,
            )?;
            connection.execute(
                "insert into api_token (token_hash, app_key, token_number, hint, created_at) values (?1, ?2, ?3, ?4, ?5)",
                (hash, app.0, number.0, &hint, time(now)),
            )?;
            Ok(ApiTokenEntry {
                number,
                hint,
                created_at: now,
            })
        })
        .await
    }

    /// Revokes a secondary token by its number: it opens nothing any more.
    ///
    /// # Errors
    /// [`ApiTokenError`] says why not.
    pub async fn revoke_api_token(&self, app: AppKey, number: ApiTokenNumber) -> Result<(), ApiTokenError> {
        self.write(move |connection| revoke(connection, app, number)).await
    }

    /// The same, by its hash.
    ///
    /// # Errors
    /// [`ApiTokenError`] says why not.
    pub async fn revoke_api_token_by_hash(&self, app: AppKey, hash: TokenHash) -> Result<(), ApiTokenError> {
        self.write(move |connection| {
            let found = by_hash(connection, app, hash)?.ok_or(ApiTokenError::NoSuchToken)?;
            revoke(connection, app, found.number)
        })
        .await
    }
}

pub(crate) fn insert_master(
    connection: &Connection,
    app: AppKey,
    token: &ApiToken,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .execute(
            "insert into api_token (token_hash, app_key, token_number, hint, sealed, created_at)
             values (?1, ?2, ?3, ?4, ?5, ?6)",
            (
                token.hash,
                app.0,
                ApiTokenNumber::MASTER.0,
                &token.hint,
                &token.sealed,
                time(now),
            ),
        )
        .map(|_| ())
}

fn revoke(connection: &Connection, app: AppKey, number: ApiTokenNumber) -> Result<(), ApiTokenError> {
    if number == ApiTokenNumber::MASTER {
        return Err(ApiTokenError::Master);
    }
    let revoked = connection.execute(
        "delete from api_token where app_key = ?1 and token_number = ?2",
        (app.0, number.0),
    )?;
    if revoked == 0 {
        Err(ApiTokenError::NoSuchToken)
    } else {
        Ok(())
    }
}

fn by_hash(connection: &Connection, app: AppKey, hash: TokenHash) -> rusqlite::Result<Option<ApiTokenEntry>> {
    connection
        .prepare_cached("select token_number, hint, created_at from api_token where token_hash = ?1 and app_key = ?2")?
        .query_row((hash, app.0), entry)
        .optional()
}

fn entry(row: &Row<'_>) -> rusqlite::Result<ApiTokenEntry> {
    Ok(ApiTokenEntry {
        number: number(row)?,
        hint: row.get("hint")?,
        created_at: row.time("created_at")?,
    })
}

fn number(row: &Row<'_>) -> rusqlite::Result<ApiTokenNumber> {
    row.get("token_number").map(ApiTokenNumber)
}

#[cfg(test)]
mod tests;
