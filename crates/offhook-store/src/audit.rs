//! What administrators did, or tried to.

use std::str::FromStr;

use offhook_core::time::Timestamp;
use rusqlite::{Result, Row, named_params};

use crate::columns::{Columns, time};
use crate::{Store, StoreError};

/// How many entries one sweep forgets.
const SWEEP: u32 = 1000;

/// The number of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditId(i64);

/// Where a page of the log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCursor(i64);

impl std::fmt::Display for AuditCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for AuditCursor {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Something that was done, or tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who: a name, or `command line`.
    pub actor: String,
    /// From which address.
    pub address: Option<String>,
    /// What: a method and the route.
    pub action: String,
    /// In which application.
    pub app_id: Option<String>,
    /// To what.
    pub target: Option<String>,
    /// Whether it was done; else it was refused, or failed.
    pub is_allowed: bool,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this application only.
    pub app_id: Option<String>,
    /// Of this actor only.
    pub actor: Option<String>,
    /// Before that one.
    pub before: Option<AuditCursor>,
    /// At most so many.
    pub limit: u32,
}

/// A page of the log, the latest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins, if there is one.
    pub next: Option<AuditCursor>,
}

impl Store {
    /// Notes what is about to be done, or was refused.
    ///
    /// # Errors
    /// If the store failed: then it must not be done.
    pub async fn note_audit(&self, entry: AuditEntry) -> Result<AuditId, StoreError> {
        self.write(move |connection| {
            Ok(connection
                .prepare_cached(
                    "insert into audit (happened_at, actor, address, action, app_id, target, is_allowed)
                     values (:at, :actor, :address, :action, :app_id, :target, :is_allowed) returning audit_number",
                )?
                .query_row(
                    named_params! {
                        ":at": time(entry.at), ":actor": entry.actor, ":address": entry.address,
                        ":action": entry.action, ":app_id": entry.app_id, ":target": entry.target,
                        ":is_allowed": entry.is_allowed,
                    },
                    |row| row.get(0).map(AuditId),
                )?)
        })
        .await
    }

    /// Notes how it went, and what it turned out to be done to.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn settle_audit(&self, id: AuditId, is_allowed: bool, target: Option<String>) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "update audit set is_allowed = ?2, target = coalesce(?3, target) where audit_number = ?1",
                )?
                .execute((id.0, is_allowed, target))?;
            Ok(())
        })
        .await
    }

    /// A page of the log.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn list_audit(&self, filter: AuditFilter) -> Result<AuditPage, StoreError> {
        self.read(move |connection| {
            // A column that is compared with null is not looked at: each combination has a plan of its own.
            let app = filter.app_id.as_ref().map_or("", |_| "and app_id = :app_id");
            let actor = filter.actor.as_ref().map_or("", |_| "and actor = :actor");
            let mut statement = connection.prepare_cached(&format!(
                "select * from audit where audit_number < :before {app} {actor} order by audit_number desc limit :limit"
            ))?;
            let before = filter.before.map_or(i64::MAX, |before| before.0);
            let limit = i64::from(filter.limit) + 1;
            let mut values: Vec<(&str, &dyn rusqlite::ToSql)> = vec![(":before", &before), (":limit", &limit)];
            if let Some(app_id) = &filter.app_id {
                values.push((":app_id", app_id));
            }
            if let Some(actor) = &filter.actor {
                values.push((":actor", actor));
            }
            let mut rows: Vec<(i64, AuditEntry)> =
                statement.query_map(values.as_slice(), entry)?.collect::<Result<_>>()?;
            let wanted = usize::try_from(filter.limit).unwrap_or(usize::MAX);
            let has_next = rows.len() > wanted;
            rows.truncate(wanted);
            Ok(AuditPage {
                next: rows.last().filter(|_| has_next).map(|(number, _)| AuditCursor(*number)),
                entries: rows.into_iter().map(|(_, entry)| entry).collect(),
            })
        })
        .await
    }

    /// Forgets entries from before `end`, a bounded number at a time.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn sweep_audit(&self, end: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute(
                "delete from audit where audit_number in
                     (select audit_number from audit where happened_at < ?1 order by happened_at limit ?2)",
                (time(end), SWEEP),
            )?;
            Ok(())
        })
        .await
    }
}

fn entry(row: &Row<'_>) -> Result<(i64, AuditEntry)> {
    let entry = AuditEntry {
        at: row.time("happened_at")?,
        actor: row.get("actor")?,
        address: row.get("address")?,
        action: row.get("action")?,
        app_id: row.get("app_id")?,
        target: row.get("target")?,
        is_allowed: row.get("is_allowed")?,
    };
    Ok((row.get("audit_number")?, entry))
}

#[cfg(test)]
mod tests;
