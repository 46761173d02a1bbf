//! Reading every record of usage, page by page: each page is a snapshot of its own, so nothing is read for long.

use offhook_core::id::{AppKey, CallId};
use offhook_core::time::Timestamp;
use offhook_core::usage::Usage;
use rusqlite::{Result, Row, named_params};

use super::{booked_relayed, recorded};
use crate::columns::time;
use crate::{Store, StoreError};

/// The record of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageExport {
    /// What was metered.
    pub usage: Usage,
    /// The caller's id; `None` if the user was deleted.
    pub caller_user_id: Option<String>,
    /// The callee's id; `None` if the user was deleted.
    pub callee_user_id: Option<String>,
    /// What the relay carried for the caller, both ways.
    pub caller_relayed_bytes: u64,
    /// What the relay carried for the callee, both ways.
    pub callee_relayed_bytes: u64,
}

/// Where an export goes on: after this call. Calls that end meanwhile neither repeat nor hide others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageExportCursor {
    connected_at: Timestamp,
    call_id: CallId,
}

impl UsageExport {
    /// Where an export goes on after this record.
    pub const fn cursor(&self) -> UsageExportCursor {
        UsageExportCursor {
            connected_at: self.usage.connected_at,
            call_id: self.usage.call_id,
        }
    }
}

impl Store {
    /// At most `limit` records of calls that were connected in `[from, to)`, in the order they were connected.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn export_usage(
        &self,
        app: AppKey,
        (from, to): (Timestamp, Timestamp),
        after: Option<UsageExportCursor>,
        limit: u32,
    ) -> std::result::Result<Vec<UsageExport>, StoreError> {
        // Before the first: no call was connected earlier, and none has a lower id.
        let after_at = after.map_or(time(from) - 1, |after| time(after.connected_at));
        let after_id = after.map_or([0xff; 16], |after| *after.call_id.as_bytes());
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "select usage.*, caller.user_id as caller_user_id, callee.user_id as callee_user_id
                     from usage indexed by usage_time
                     left join user as caller on caller.user_key = caller_key
                     left join user as callee on callee.user_key = callee_key
                     where usage.app_key = :app_key and (connected_at, call_id) > (:after_at, :after_id)
                        and connected_at < :to
                     order by connected_at, call_id limit :limit",
                )?
                .query_map(
                    named_params! {
                        ":app_key": app.0, ":after_at": after_at, ":after_id": after_id, ":to": time(to),
                        ":limit": limit,
                    },
                    exported,
                )?
                .collect()
        })
        .await
    }
}

fn exported(row: &Row<'_>) -> Result<UsageExport> {
    let relayed = booked_relayed(row)?;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(UsageExport {
        usage: recorded(row)?,
        caller_user_id: row.get("caller_user_id")?,
        callee_user_id: row.get("callee_user_id")?,
        caller_relayed_bytes: count(relayed.caller),
        callee_relayed_bytes: count(relayed.callee),
    })
}
