//! What was: the call log of a user.

use std::fmt;
use std::str::FromStr;

use offhook_core::call::{Call, EndResult, Role};
use offhook_core::id::UserKey;
use offhook_core::time::Timestamp;
use rusqlite::{Result, ToSql, params_from_iter};

use crate::columns::{Columns, time};
use crate::{Store, StoreError};

/// Which calls a log holds. Every filter that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only calls the user dialled, or only those that rang.
    pub role: Option<Role>,
    /// Only calls that ended so; empty means all.
    pub end_results: Vec<EndResult>,
    /// Only calls dialled at this time or later.
    pub started_from: Option<Timestamp>,
    /// Only calls dialled at this time or earlier.
    pub started_to: Option<Timestamp>,
}

/// Where a log goes on. Calls that end meanwhile neither repeat nor hide others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogCursor {
    pub(super) started_at: i64,
    pub(super) call_number: i64,
}

/// A text that is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid cursor")]
pub struct InvalidCursor;

impl fmt::Display for LogCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.started_at, self.call_number)
    }
}

impl FromStr for LogCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (started_at, call_number) = text.split_once('-').ok_or(InvalidCursor)?;
        Ok(Self {
            started_at: started_at.parse().map_err(|_| InvalidCursor)?,
            call_number: call_number.parse().map_err(|_| InvalidCursor)?,
        })
    }
}

/// An ended call in a user's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedCall {
    /// The call.
    pub call: Call,
    /// The side of the user whose log it is.
    pub role: Role,
}

/// A page of a log, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The calls.
    pub calls: Vec<LoggedCall>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<LogCursor>,
}

impl Store {
    /// The user's ended calls, the latest dialled first: at most `limit` before `before`.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn call_log(
        &self,
        user: UserKey,
        filter: LogFilter,
        before: Option<LogCursor>,
        limit: u32,
    ) -> Result<LogPage, StoreError> {
        self.read(move |connection| {
            let (text, values) = query(user, &filter, before, limit);
            let found = connection
                .prepare_cached(&text)?
                .query_map(params_from_iter(values), |row| {
                    let cursor = LogCursor {
                        started_at: row.get("started_at")?,
                        call_number: row.get("call_number")?,
                    };
                    let logged = LoggedCall {
                        call: row.json("body")?,
                        role: row.variant("role")?,
                    };
                    Ok((cursor, logged))
                })?
                .collect::<Result<Vec<_>>>()?;
            // One more than asked for was read: whether there is a next page is known, not guessed.
            let limit = limit as usize;
            let next = (found.len() > limit)
                .then(|| found.get(limit.saturating_sub(1)).map(|(cursor, _)| *cursor))
                .flatten();
            Ok(LogPage {
                calls: found.into_iter().take(limit).map(|(_, logged)| logged).collect(),
                next,
            })
        })
        .await
    }
}

fn query(user: UserKey, filter: &LogFilter, before: Option<LogCursor>, limit: u32) -> (String, Vec<Box<dyn ToSql>>) {
    let mut text = "select call_party.started_at, call_number, role, body from call_party join call using (call_number)
        where user_key = ?"
        .to_owned();
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(*user.as_bytes())];
    if let Some(role) = filter.role {
        text.push_str(" and role = ?");
        values.push(Box::new(role.as_str()));
    }
    if !filter.end_results.is_empty() {
        let words: Vec<&str> = filter.end_results.iter().map(|result| result.as_str()).collect();
        text.push_str(" and call_party.end_result in (select value from json_each(?))");
        values.push(Box::new(serde_json::Value::from(words).to_string()));
    }
    if let Some(from) = filter.started_from {
        text.push_str(" and call_party.started_at >= ?");
        values.push(Box::new(time(from)));
    }
    if let Some(to) = filter.started_to {
        text.push_str(" and call_party.started_at <= ?");
        values.push(Box::new(time(to)));
    }
    if let Some(before) = before {
        text.push_str(" and (call_party.started_at, call_number) < (?, ?)");
        values.push(Box::new(before.started_at));
        values.push(Box::new(before.call_number));
    }
    text.push_str(" order by call_party.started_at desc, call_number desc limit ?");
    values.push(Box::new(i64::from(limit) + 1));
    (text, values)
}
