//! Sign-ins. Of the session key only the hash is here.

mod list;

use std::sync::Arc;

use offhook_core::id::{SessionId, UserKey};
use offhook_core::session::{Act, ENDED_SESSION_KEPT, MAX_SESSIONS, Session, SessionFacts, SessionRefusal, Validity};
use offhook_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::application::{self, Application};
use crate::columns::{Columns, json, time};
use crate::user::{self, User};
use crate::{Store, StoreError, TokenHash};

pub use list::ListedSession;

/// A session with everything its validity hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
    /// The user's application: one for all its sessions, as long as it stays as it is.
    pub application: Arc<Application>,
}

/// Why a session was not made or renewed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The user is gone.
    #[error("there is no such user")]
    NoSuchUser,
    /// The session is gone: signed out, swept, or its user was deleted (400303).
    #[error("there is no such session")]
    NoSuchSession,
    /// The session would not count.
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
    /// It.
    pub session: Session,
    /// Its user, as signing in has left it.
    pub user: User,
    /// The user's sessions that had to go for it: their sockets close.
    pub swept: Vec<SessionId>,
}

impl SignedIn {
    /// What the session allows at `now`.
    ///
    /// # Errors
    /// Says why it allows nothing any more.
    pub fn validity(&self, now: Timestamp) -> Result<Validity, SessionRefusal> {
        let facts = SessionFacts {
            is_active: self.user.is_active,
            generation: self.user.generation,
            access_token_number: self.user.access_token_number,
            has_had_token: self.user.has_had_token,
            permission: self.application.permission,
        };
        self.session.validity(&facts, now)
    }
}

impl Store {
    /// Keeps a session that was opened just now, unless what it comes from was revoked since the server checked it.
    ///
    /// # Errors
    /// [`SessionError::NoSuchUser`] if the user is gone; otherwise why the session would not count.
    pub async fn create_session(&self, new: Session, key_hash: TokenHash) -> Result<CreatedSession, SessionError> {
        self.write(move |connection| {
            let now = new.created_at;
            let found = connection
                .prepare_cached(
                    "update user set has_ever_logged_in = true, last_seen_at = ?3 where user_key = ?1 and app_key = ?2",
                )?
                .execute((new.user.as_bytes(), new.app.0, time(now)))?;
            if found == 0 {
                return Err(SessionError::NoSuchUser);
            }
            let swept = sweep(connection, new.user, now)?;
            connection
                .prepare_cached(
                    "insert into session (session_id, key_hash, user_key, credential, created_at, expires_at)
                     values (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute((
                    new.id.as_bytes(),
                    key_hash,
                    new.user.as_bytes(),
                    json(&new.credential)?,
                    time(now),
                    time(new.expires_at),
                ))?;
            let standing = standing(connection, new.id)?.ok_or(SessionError::NoSuchSession)?;
            standing.validity(now)?.permit(Act::Begin)?;
            let user = user::by_key(connection, new.user)?.ok_or(SessionError::NoSuchUser)?;
            Ok(CreatedSession {
                session: new,
                user,
                swept,
            })
        })
        .await
    }

    /// Finds a session by its id and the hash of its key. Whether it counts, [`SignedIn::validity`] says.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn session_by_key(&self, id: SessionId, hash: TokenHash) -> Result<Option<SignedIn>, StoreError> {
        let found = self.look_up(|connection| {
            let found = connection
                .prepare_cached(&format!("select {SESSION} where session_id = ?1 and key_hash = ?2"))?
                .query_row((id.as_bytes(), hash), session)
                .optional()?;
            signed_in(connection, found)
        });
        found
            .await
            .map(|found| found.map(|found| self.share_application(found)))
    }

    /// Finds a session by its id. Whether it counts, [`SignedIn::validity`] says.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn session(&self, id: SessionId) -> Result<Option<SignedIn>, StoreError> {
        let found = self.look_up(|connection| by_id(connection, id)).await;
        found.map(|found| found.map(|found| self.share_application(found)))
    }

    /// Of these sessions, those that somebody has to look at: they are gone, do not allow everything any more, or their end is to be
    /// moved ([`Session::slide`]).
    ///
    /// # Errors
    /// If the store failed.
    pub async fn sessions_to_look_at(
        &self,
        sessions: Vec<SessionId>,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.read(move |connection| {
            let mut found = Vec::new();
            for id in sessions {
                let is_quiet = standing(connection, id)?.is_some_and(|standing| {
                    standing.validity(now) == Ok(Validity::Full) && standing.session.slide(now).is_none()
                });
                if !is_quiet {
                    found.push(id);
                }
            }
            Ok(found)
        })
        .await
    }

    /// The sessions of a user, oldest first.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn sessions_of(&self, user: UserKey) -> Result<Vec<Session>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(&format!(
                    "select {SESSION} where user_key = ?1 order by session.created_at, session_id"
                ))?
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

    /// Keeps a session as it was renewed ([`Session::renew`]): its credential and its end.
    ///
    /// # Errors
    /// [`SessionError`] if the session is gone or would not count; then it stays as it was.
    pub async fn renew_session(&self, renewed: Session, now: Timestamp) -> Result<SignedIn, SessionError> {
        let written = self.write(move |connection| {
            connection
                .prepare_cached("update session set credential = ?2, expires_at = ?3 where session_id = ?1")?
                .execute((
                    renewed.id.as_bytes(),
                    json(&renewed.credential)?,
                    time(renewed.expires_at),
                ))?;
            let signed_in = by_id(connection, renewed.id)?.ok_or(SessionError::NoSuchSession)?;
            signed_in.validity(now)?.permit(Act::Begin)?;
            Ok(signed_in)
        });
        written.await.map(|signed_in| self.share_application(signed_in))
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

    /// Deletes at most `limit` sessions that ended more than [`ENDED_SESSION_KEPT`] before `now` and have no connection.
    /// Says how many.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn sweep_sessions(&self, now: Timestamp, limit: u32) -> Result<usize, StoreError> {
        self.write(move |connection| {
            let deleted = connection
                .prepare_cached(
                    "delete from session where session_id in (
                        select session_id from session where expires_at < ?1
                            and not exists (select 1 from connection where connection.session_id = session.session_id)
                        order by expires_at limit ?2)",
                )?
                .execute((time(now - ENDED_SESSION_KEPT), limit))?;
            Ok(deleted)
        })
        .await
    }
}

pub(crate) fn by_id(connection: &Connection, id: SessionId) -> rusqlite::Result<Option<SignedIn>> {
    let found = connection
        .prepare_cached(&format!("select {SESSION} where session_id = ?1"))?
        .query_row([id.as_bytes()], session)
        .optional()?;
    signed_in(connection, found)
}

/// A session with what its validity hangs on, and nothing else: it is read at every step of a call.
pub(crate) struct Standing {
    pub session: Session,
    facts: SessionFacts,
}

impl Standing {
    /// What the session allows at `now`.
    pub fn validity(&self, now: Timestamp) -> Result<Validity, SessionRefusal> {
        self.session.validity(&self.facts, now)
    }

    /// Whether the user may answer calls, but not dial.
    pub const fn is_read_only(&self) -> bool {
        self.facts.permission.is_read_only(self.session.credential)
    }
}

pub(crate) fn standing(connection: &Connection, id: SessionId) -> rusqlite::Result<Option<Standing>> {
    connection
        .prepare_cached(
            "select session_id, app_key, user_key, credential, session.created_at, expires_at,
                is_active, generation, access_token_number, has_had_token, access_token_permission
             from session join user using (user_key) join application using (app_key)
             where session_id = ?1 and removed_at is null",
        )?
        .query_row([id.as_bytes()], |row| {
            Ok(Standing {
                session: session(row)?,
                facts: SessionFacts {
                    is_active: row.get(6)?,
                    generation: row.get(7)?,
                    access_token_number: row.get(8)?,
                    has_had_token: row.get(9)?,
                    permission: row.variant(10)?,
                },
            })
        })
        .optional()
}

/// Makes room for one more session of the user: the oldest goes, of those that carry no live call if there are any.
fn sweep(connection: &Connection, user: UserKey, now: Timestamp) -> rusqlite::Result<Vec<SessionId>> {
    let is_room = connection
        .prepare_cached(
            "select count(*) < ?3 and coalesce(min(expires_at), ?2) >= ?2 from session where user_key = ?1",
        )?
        .query_row(
            (user.as_bytes(), time(now - ENDED_SESSION_KEPT), MAX_SESSIONS as i64),
            |row| row.get(0),
        )?;
    if is_room {
        return Ok(Vec::new());
    }
    connection
        .prepare_cached(
            "delete from session where user_key = ?1 and (expires_at < ?2 or session_id in (
                select session_id from session where user_key = ?1
                order by session_id in (
                    select session_id from live_party where user_key = ?1 and session_id is not null) desc,
                    created_at desc, session_id limit -1 offset ?3))
             returning session_id",
        )?
        .query_map(
            (user.as_bytes(), time(now - ENDED_SESSION_KEPT), MAX_SESSIONS as i64 - 1),
            |row| row.session_id("session_id"),
        )?
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
        application: Arc::new(application),
    }))
}

/// What [`session`] reads, in its order, and where it is found.
const SESSION: &str = "session_id, app_key, user_key, credential, session.created_at, expires_at
    from session join user using (user_key)";

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.session_id(0)?,
        app: row.app_key(1)?,
        user: row.user_key(2)?,
        credential: row.json(3)?,
        created_at: row.time(4)?,
        expires_at: row.time(5)?,
    })
}

#[cfg(test)]
mod tests;
