//! Sign-ins. Of the session key only the hash is here.

use offhook_core::application::AccessTokenPermission;
use offhook_core::id::{SessionId, UserKey};
use offhook_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use crate::application::{self, Application};
use crate::columns::{Columns, json, time};
use crate::user::{self, User};
use crate::{Store, StoreError, TokenHash};

/// The most sessions of a user; at the next sign-in the oldest goes.
pub const MAX_SESSIONS: u32 = 20;

/// What a session came from, as of the moment it was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// No token: the application allowed it.
    None,
    /// The user's access token of that number.
    AccessToken {
        /// The number of access tokens issued until then.
        number: u32,
    },
    /// A session token.
    SessionToken {
        /// The generation it carries.
        generation: u32,
        /// Its end.
        expires_at: Timestamp,
    },
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, which is no secret.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserKey,
    /// What it came from.
    pub credential: Credential,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
}

/// A session to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// 128 random bits.
    pub id: SessionId,
    /// The hash of the session key.
    pub key_hash: TokenHash,
    /// Who signs in.
    pub user: UserKey,
    /// With what, which the server has checked.
    pub credential: Credential,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
}

/// A session with everything its validity hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
    /// The user's application.
    pub application: Application,
}

/// Why a session does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionRefusal {
    /// There is none: signed out, swept, or the user was deleted (400303).
    #[error("the session is not known")]
    Unknown,
    /// The user was deactivated (400300).
    #[error("the user is deactivated")]
    Deactivated,
    /// It, or the session token it came from, has ended (400309).
    #[error("the session has expired")]
    Expired,
    /// What it came from was revoked or replaced (400309).
    #[error("the session was revoked")]
    Revoked,
}

/// Why a session was not made or renewed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The session does not count, or would not.
    #[error(transparent)]
    Refused(#[from] SessionRefusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for SessionError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A session that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedSession {
    /// It, its user and application.
    pub signed_in: SignedIn,
    /// The user's sessions that had to go for it: their sockets close.
    pub swept: Vec<SessionId>,
}

impl SignedIn {
    /// Whether the user may answer calls, but not dial: no token was needed, and the application lets such users read only.
    pub fn is_read_only(&self) -> bool {
        self.session.credential == Credential::None && self.application.permission == AccessTokenPermission::ReadOnly
    }

    /// Whether the session counts.
    ///
    /// # Errors
    /// Says why it does not.
    pub fn check(&self, now: Timestamp) -> Result<(), SessionRefusal> {
        if !self.user.is_active {
            return Err(SessionRefusal::Deactivated);
        }
        let is_current = match self.session.credential {
            Credential::None => !self.user.has_had_token && self.application.permission != AccessTokenPermission::Deny,
            Credential::AccessToken { number } => number == self.user.access_token_number,
            Credential::SessionToken { generation, .. } => generation == self.user.generation,
        };
        if !is_current {
            return Err(SessionRefusal::Revoked);
        }
        let token_end = match self.session.credential {
            Credential::SessionToken { expires_at, .. } => expires_at,
            Credential::None | Credential::AccessToken { .. } => self.session.expires_at,
        };
        if token_end.min(self.session.expires_at) <= now {
            return Err(SessionRefusal::Expired);
        }
        Ok(())
    }
}

impl Store {
    /// Makes a session, unless what it comes from was revoked since the server checked it.
    ///
    /// # Errors
    /// [`SessionRefusal::Unknown`] if the user is gone; otherwise why the session would not count.
    pub async fn create_session(&self, new: NewSession, now: Timestamp) -> Result<CreatedSession, SessionError> {
        self.write(move |connection| {
            user::by_key(connection, new.user)?.ok_or(SessionRefusal::Unknown)?;
            let swept = sweep(connection, new.user, now)?;
            connection
                .prepare_cached(
                    "insert into session (session_id, key_hash, user_key, credential, created_at, expires_at)
                     values (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute((
                    new.id.as_bytes(),
                    new.key_hash,
                    new.user.as_bytes(),
                    json(&new.credential)?,
                    time(now),
                    time(new.expires_at),
                ))?;
            connection
                .prepare_cached("update user set has_ever_logged_in = true, last_seen_at = ?2 where user_key = ?1")?
                .execute((new.user.as_bytes(), time(now)))?;
            let signed_in = by_id(connection, new.id)?.ok_or(SessionRefusal::Unknown)?;
            signed_in.check(now)?;
            Ok(CreatedSession { signed_in, swept })
        })
        .await
    }

    /// Finds a session by the hash of its key. Whether it counts, [`SignedIn::check`] says.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn session_by_key_hash(&self, hash: TokenHash) -> Result<Option<SignedIn>, StoreError> {
        self.read(move |connection| {
            let found = connection
                .prepare_cached("select * from session where key_hash = ?1")?
                .query_row([hash], session)
                .optional()?;
            signed_in(connection, found)
        })
        .await
    }

    /// Finds a session by its id. Whether it counts, [`SignedIn::check`] says.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn session(&self, id: SessionId) -> Result<Option<SignedIn>, StoreError> {
        self.read(move |connection| by_id(connection, id)).await
    }

    /// The sessions of a user, oldest first.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn sessions_of(&self, user: UserKey) -> Result<Vec<Session>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("select * from session where user_key = ?1 order by created_at, session_id")?
                .query_map([user.as_bytes()], session)?
                .collect()
        })
        .await
    }

    /// Prolongs a session that is in use. Never shortens it.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn touch_session(&self, id: SessionId, expires_at: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection
                .prepare_cached("update session set expires_at = max(expires_at, ?2) where session_id = ?1")?
                .execute((id.as_bytes(), time(expires_at)))?;
            Ok(())
        })
        .await
    }

    /// Puts a session on a new credential of the same user, which the server has checked.
    ///
    /// # Errors
    /// [`SessionRefusal`] if the session is gone or would not count.
    pub async fn renew_session(
        &self,
        id: SessionId,
        credential: Credential,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<SignedIn, SessionError> {
        self.write(move |connection| {
            connection
                .prepare_cached("update session set credential = ?2, expires_at = ?3 where session_id = ?1")?
                .execute((id.as_bytes(), json(&credential)?, time(expires_at)))?;
            let signed_in = by_id(connection, id)?.ok_or(SessionRefusal::Unknown)?;
            signed_in.check(now)?;
            Ok(signed_in)
        })
        .await
    }

    /// Signs out. Says whether there was such a session.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn delete_session(&self, id: SessionId) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let deleted = connection
                .prepare_cached("delete from session where session_id = ?1")?
                .execute([id.as_bytes()])?;
            Ok(deleted > 0)
        })
        .await
    }

    /// Deletes at most `limit` sessions that ended before `ended_before` and have no connection. Says how many.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn sweep_sessions(&self, ended_before: Timestamp, limit: u32) -> Result<usize, StoreError> {
        self.write(move |connection| {
            let deleted = connection
                .prepare_cached(
                    "delete from session where session_id in (
                        select session_id from session where expires_at < ?1
                            and not exists (select 1 from connection where connection.session_id = session.session_id)
                        order by expires_at limit ?2)",
                )?
                .execute((time(ended_before), limit))?;
            Ok(deleted)
        })
        .await
    }
}

pub(crate) fn by_id(connection: &Connection, id: SessionId) -> rusqlite::Result<Option<SignedIn>> {
    let found = connection
        .prepare_cached("select * from session where session_id = ?1")?
        .query_row([id.as_bytes()], session)
        .optional()?;
    signed_in(connection, found)
}

/// Makes room for one more session of the user.
fn sweep(connection: &Connection, user: UserKey, now: Timestamp) -> rusqlite::Result<Vec<SessionId>> {
    connection
        .prepare_cached(
            "delete from session where user_key = ?1 and (expires_at <= ?2 or session_id in (
                select session_id from session where user_key = ?1
                order by created_at desc, session_id limit -1 offset ?3))
             returning session_id",
        )?
        .query_map((user.as_bytes(), time(now), MAX_SESSIONS - 1), |row| {
            row.session_id("session_id")
        })?
        .collect()
}

fn signed_in(connection: &Connection, session: Option<Session>) -> rusqlite::Result<Option<SignedIn>> {
    let Some(session) = session else { return Ok(None) };
    // Both are there by foreign key, and read on the same snapshot.
    let Some(user) = user::by_key(connection, session.user)? else {
        return Ok(None);
    };
    let Some(application) = application::by_key(connection, user.app)? else {
        return Ok(None);
    };
    Ok(Some(SignedIn {
        session,
        user,
        application,
    }))
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.session_id("session_id")?,
        user: row.user_key("user_key")?,
        credential: row.json("credential")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

#[cfg(test)]
mod tests;
