//! Nodes that serve, and the devices connected to them.

use offhook_core::id::{DeviceId, SessionId, UserKey};
use offhook_core::time::Timestamp;
use rusqlite::Row;
use std::time::Duration;

use crate::columns::{Columns, time};
use crate::{Store, StoreError};

/// After this long without a heartbeat (one is due every 5 s) a node counts as dead.
pub const NODE_DEAD_AFTER: Duration = Duration::from_secs(30);

/// A running server. The same id after a restart is the same node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NodeId(String);

impl NodeId {
    /// Takes the name that the configuration gives.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One socket's entry. A device that reconnects has a new one, so the end of the old socket does not take it along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnectionId(i64);

/// A device that is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// The entry.
    pub id: ConnectionId,
    /// The node that holds the socket.
    pub node: NodeId,
    /// The session it came with.
    pub session: SessionId,
    /// The device.
    pub device: DeviceId,
    /// Since when.
    pub since: Timestamp,
}

impl Store {
    /// Announces a node that starts. Its connections of an earlier run and those of dead nodes are removed. Answers the
    /// last heartbeat of any node before: until then calls were served.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn start_node(&self, node: &NodeId, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let node = node.clone();
        self.write(move |connection| {
            let served_until =
                connection.query_row("select max(heartbeat_at) as served_until from node", [], |row| {
                    row.time_or_none("served_until")
                })?;
            let dead_before = now.as_millis().saturating_sub(NODE_DEAD_AFTER.as_millis() as u64);
            connection.execute(
                "delete from node where node_id = ?1 or heartbeat_at < ?2",
                (node.as_str(), time(Timestamp::from_millis(dead_before))),
            )?;
            connection.execute(
                "insert into node (node_id, heartbeat_at) values (?1, ?2)",
                (node.as_str(), time(now)),
            )?;
            Ok(served_until)
        })
        .await
    }

    /// Says that the node serves.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn node_heartbeat(&self, node: &NodeId, now: Timestamp) -> Result<(), StoreError> {
        let node = node.clone();
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "insert into node (node_id, heartbeat_at) values (?1, ?2)
                     on conflict do update set heartbeat_at = excluded.heartbeat_at",
                )?
                .execute((node.as_str(), time(now)))?;
            Ok(())
        })
        .await
    }

    /// Enters a device whose socket `node` holds; `None` if the session is gone or the node was never started.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn connect_device(
        &self,
        node: &NodeId,
        session: SessionId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<Option<ConnectionId>, StoreError> {
        let node = node.clone();
        self.write(move |connection| {
            let mut insert = connection.prepare_cached(
                "insert into connection (node_id, session_id, user_key, device_id, since)
                 select node_id, session_id, user_key, ?3, ?4 from session, node
                 where session_id = ?1 and node_id = ?2 returning connection_id",
            )?;
            let mut rows = insert.query((session.as_bytes(), node.as_str(), device.as_bytes(), time(now)))?;
            let Some(id) = rows.next()?.map(|row| row.get(0).map(ConnectionId)).transpose()? else {
                return Ok(None);
            };
            // A statement that returns rows is done when it has returned the last.
            while rows.next()?.is_some() {}
            seen(connection, id, now)?;
            Ok(Some(id))
        })
        .await
    }

    /// Removes a device's entry. One that is gone already is no error.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn disconnect_device(&self, id: ConnectionId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            seen(connection, id, now)?;
            connection
                .prepare_cached("delete from connection where connection_id = ?1")?
                .execute([id.0])?;
            Ok(())
        })
        .await
    }

    /// Whether a device of the user is connected.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn is_online(&self, user: UserKey) -> Result<bool, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("select exists (select 1 from connection where user_key = ?1)")?
                .query_row([user.as_bytes()], |row| row.get(0))
        })
        .await
    }

    /// The connected devices of a user.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn connections_of(&self, user: UserKey) -> Result<Vec<Connected>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("select * from connection where user_key = ?1 order by connection_id")?
                .query_map([user.as_bytes()], connected)?
                .collect()
        })
        .await
    }
}

fn seen(connection: &rusqlite::Connection, id: ConnectionId, now: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "update user set last_seen_at = ?2
             where user_key = (select user_key from connection where connection_id = ?1)",
        )?
        .execute((id.0, time(now)))
        .map(|_| ())
}

fn connected(row: &Row<'_>) -> rusqlite::Result<Connected> {
    Ok(Connected {
        id: row.get("connection_id").map(ConnectionId)?,
        node: row.get("node_id").map(NodeId)?,
        session: row.session_id("session_id")?,
        device: row.device_id("device_id")?,
        since: row.time("since")?,
    })
}

#[cfg(test)]
mod tests;
