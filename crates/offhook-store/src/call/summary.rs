//! What a user's calls come to.

use std::time::Duration;

use offhook_core::call::Role;
use offhook_core::id::UserKey;
use offhook_core::time::Timestamp;

use crate::columns::{Columns, time};
use crate::{Store, StoreError};

/// How many ended calls of a kind a user has, and how long they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallTally {
    /// The user's side in them.
    pub role: Role,
    /// Whether they were dialled as video calls.
    pub is_video: bool,
    /// Whether they were completed.
    pub is_completed: bool,
    /// How many.
    pub count: u64,
    /// From accept to end, together.
    pub duration: Duration,
}

impl Store {
    /// The user's calls that were dialled at `from` or later and had ended by `to`, counted by kind. Takes time with
    /// each of them: half a second for a user with a million calls.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn call_tallies(
        &self,
        user: UserKey,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Vec<CallTally>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "select role, is_video, end_result = 'completed' as is_completed, count(*) as count,
                        sum(duration_ms) as duration_ms
                     from call_party
                     where user_key = ?1 and started_at >= ?2 and ended_at <= ?3
                     group by 1, 2, 3",
                )?
                .query_map(
                    (user.as_bytes(), from.map_or(i64::MIN, time), to.map_or(i64::MAX, time)),
                    |row| {
                        Ok(CallTally {
                            role: row.variant("role")?,
                            is_video: row.get("is_video")?,
                            is_completed: row.get("is_completed")?,
                            count: u64::try_from(row.get::<_, i64>("count")?).unwrap_or(0),
                            duration: row.duration("duration_ms")?,
                        })
                    },
                )?
                .collect()
        })
        .await
    }
}
