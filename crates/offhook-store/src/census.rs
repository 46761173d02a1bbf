//! How much there is of what operators watch.

use offhook_core::time::Timestamp;
use rusqlite::Connection;

use crate::columns::Columns;
use crate::{NodeId, Store, StoreError};

/// Counts of a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// Calls that have not ended.
    pub live_calls: u64,
    /// Webhook deliveries that wait.
    pub waiting_deliveries: u64,
    /// Webhook deliveries that were given up and are kept.
    pub dead_deliveries: u64,
    /// Pushes that wait.
    pub waiting_pushes: u64,
    /// The size of the database, without its log.
    pub store_bytes: u64,
    /// Every node that is known, and its last heartbeat.
    pub nodes: Vec<(NodeId, Timestamp)>,
}

impl Store {
    /// Counts.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn census(&self) -> Result<Census, StoreError> {
        self.read(|connection| {
            Ok(Census {
                live_calls: count(connection, "select count(*) from call where ended_at is null")?,
                waiting_deliveries: count(connection, "select count(*) from outbox where settled_at is null")?,
                // Each application's are together in the index.
                dead_deliveries: count(
                    connection,
                    "select count(*) from application cross join outbox using (app_key) where state = 'dead'",
                )?,
                waiting_pushes: count(connection, "select count(*) from push_delivery")?,
                store_bytes: count(
                    connection,
                    "select page_count * page_size from pragma_page_count(), pragma_page_size()",
                )?,
                nodes: connection
                    .prepare_cached("select node_id, heartbeat_at from node order by heartbeat_at desc")?
                    .query_map([], |row| {
                        Ok((NodeId::from_bits(row.get("node_id")?), row.time("heartbeat_at")?))
                    })?
                    .collect::<rusqlite::Result<_>>()?,
            })
        })
        .await
    }
}

fn count(connection: &Connection, query: &str) -> rusqlite::Result<u64> {
    let number: i64 = connection.prepare_cached(query)?.query_row([], |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or(0))
}

#[cfg(test)]
mod tests;
