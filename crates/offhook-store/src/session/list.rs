//! The sessions of a user, as the application is shown them.

use offhook_core::id::{SessionId, UserKey};
use offhook_core::session::Session;
use offhook_core::time::Timestamp;

use super::{session, signed_in};
use crate::columns::Columns;
use crate::{Store, StoreError};

/// A session that counts, and since when a device is connected by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSession {
    /// The session.
    pub session: Session,
    /// Since when its longest connection stands; `None` without one.
    pub connected_at: Option<Timestamp>,
}

impl Store {
    /// The sessions of a user that count at `now`, the latest first.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn valid_sessions_of(&self, user: UserKey, now: Timestamp) -> Result<Vec<ListedSession>, StoreError> {
        self.read(move |connection| {
            let found = connection
                .prepare_cached(
                    "select session_id, app_key, user_key, credential, session.created_at, expires_at, (
                        select min(since) from connection where connection.session_id = session.session_id
                     ) as connected_at
                     from session join user using (user_key)
                     where user_key = ?1 order by session.created_at desc, session_id",
                )?
                .query_map([user.as_bytes()], |row| {
                    Ok(ListedSession {
                        session: session(row)?,
                        connected_at: row.time_or_none("connected_at")?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let mut valid = Vec::with_capacity(found.len());
            for listed in found {
                let signed_in = signed_in(connection, Some(listed.session.clone()))?;
                if signed_in.is_some_and(|signed_in| signed_in.validity(now).is_ok()) {
                    valid.push(listed);
                }
            }
            Ok(valid)
        })
        .await
    }

    /// Deletes a session of this user. Says whether there was one; another user's stays.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn delete_session_of(&self, user: UserKey, id: SessionId) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let deleted = connection
                .prepare_cached("delete from session where session_id = ?1 and user_key = ?2")?
                .execute((id.as_bytes(), user.as_bytes()))?;
            Ok(deleted > 0)
        })
        .await
    }
}
