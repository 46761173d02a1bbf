//! Sessions of the dashboard. Of the key only the hash is here.

use offhook_core::administrator::{MAX_SESSIONS, SESSION_IDLE, SESSION_LIFETIME, is_session_alive};
use offhook_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row};

use super::{Administrator, AdministratorError, AdministratorId, administrator};
use crate::columns::{Columns, time};
use crate::{Store, StoreError, TokenHash};

/// A session that counts, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// The hash of its key.
    pub key_hash: TokenHash,
    /// Whose it is.
    pub administrator: Administrator,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used, as far as that was written.
    pub used_at: Timestamp,
}

impl OpenSession {
    /// When it ends if it is not used again.
    pub fn expires_at(&self) -> Timestamp {
        (self.created_at + SESSION_LIFETIME).min(self.used_at + SESSION_IDLE)
    }
}

impl Store {
    /// Opens a session of an administrator who was found as `seen`. The oldest of too many have to go.
    ///
    /// # Errors
    /// [`AdministratorError::NoSuchAdministrator`] if they are gone, or their password is another by now.
    pub async fn open_admin_session(
        &self,
        seen: &Administrator,
        key_hash: TokenHash,
        now: Timestamp,
    ) -> Result<OpenSession, AdministratorError> {
        let (id, password_hash) = (seen.id, seen.password_hash.clone());
        self.write(move |connection| {
            let signed_in = connection.execute(
                "update administrator set last_signed_in_at = ?2
                 where administrator_number = ?1 and password_hash is ?3",
                (id.0, time(now), &password_hash),
            )?;
            if signed_in == 0 {
                return Err(AdministratorError::NoSuchAdministrator);
            }
            connection.execute(
                "insert into admin_session (key_hash, administrator_number, created_at, used_at) values (?1, ?2, ?3, ?3)",
                (key_hash, id.0, time(now)),
            )?;
            connection.execute(
                "delete from admin_session where administrator_number = ?1 and key_hash not in
                     (select key_hash from admin_session where administrator_number = ?1
                      order by created_at desc, key_hash = ?3 desc limit ?2)",
                (id.0, MAX_SESSIONS, key_hash),
            )?;
            by_hash(connection, key_hash)?.ok_or(AdministratorError::NoSuchAdministrator)
        })
        .await
    }

    /// Finds a session that counts by the hash of its key.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn admin_session(&self, key_hash: TokenHash, now: Timestamp) -> Result<Option<OpenSession>, StoreError> {
        let found = self.read(move |connection| by_hash(connection, key_hash)).await?;
        Ok(found.filter(|session| is_session_alive(session.created_at, session.used_at, now)))
    }

    /// Notes that a session is in use.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn touch_admin_session(&self, key_hash: TokenHash, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute(
                "update admin_session set used_at = max(used_at, ?2) where key_hash = ?1",
                (key_hash, time(now)),
            )?;
            Ok(())
        })
        .await
    }

    /// Ends a session. One that is gone is no failure.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn end_admin_session(&self, key_hash: TokenHash) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute("delete from admin_session where key_hash = ?1", [key_hash])?;
            Ok(())
        })
        .await
    }

    /// Forgets sessions that have ended.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn sweep_admin_sessions(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute(
                "delete from admin_session where created_at <= ?1 or used_at <= ?2",
                (time(now - SESSION_LIFETIME), time(now - SESSION_IDLE)),
            )?;
            Ok(())
        })
        .await
    }
}

/// Ends the sessions of an administrator, but for the one of that hash.
pub(super) fn end_all(connection: &Connection, id: AdministratorId, kept: Option<TokenHash>) -> Result<()> {
    connection
        .execute(
            "delete from admin_session where administrator_number = ?1 and key_hash is not ?2",
            (id.0, kept),
        )
        .map(|_| ())
}

fn by_hash(connection: &Connection, key_hash: TokenHash) -> Result<Option<OpenSession>> {
    connection
        .prepare_cached(
            "select administrator.*, key_hash, admin_session.created_at as opened_at, used_at
             from admin_session join administrator using (administrator_number) where key_hash = ?1",
        )?
        .query_row([key_hash], open_session)
        .optional()
}

fn open_session(row: &Row<'_>) -> Result<OpenSession> {
    Ok(OpenSession {
        key_hash: row.get("key_hash")?,
        administrator: administrator(row)?,
        created_at: row.time("opened_at")?,
        used_at: row.time("used_at")?,
    })
}
