//! Nodes that serve, and the devices connected to them.

use offhook_core::call::Input;
use offhook_core::id::{DeviceId, SessionId, UserKey};
use offhook_core::time::Timestamp;

use crate::columns::{Columns, time};
use crate::{Actor, CallChange, CallError, Store, StoreError, call, user};

/// A running server, from its start to its end. The next run is another node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeId(i64);

impl NodeId {
    /// Takes random bits, which the server draws when it starts.
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    /// The bits.
    pub const fn bits(self) -> i64 {
        self.0
    }
}

/// One socket's entry. A device that reconnects has a new one, so the end of the old socket does not take it along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnectionId(i64);

impl Store {
    /// Announces a node that starts. One node at a time serves an SQLite database, so whatever other node is entered has
    /// died, and its connections are removed. Answers the last heartbeat before: until then calls were served.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn start_node(&self, node: NodeId, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.write(move |connection| {
            let served_until =
                connection.query_row("select max(heartbeat_at) as served_until from node", [], |row| {
                    row.time_or_none("served_until")
                })?;
            connection.execute("delete from node", [])?;
            connection.execute(
                "insert into node (node_id, heartbeat_at) values (?1, ?2)",
                (node.0, time(now)),
            )?;
            Ok(served_until)
        })
        .await
    }

    /// Says that the node serves. One that another has replaced meanwhile stays removed.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn node_heartbeat(&self, node: NodeId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection
                .prepare_cached("update node set heartbeat_at = ?2 where node_id = ?1")?
                .execute((node.0, time(now)))?;
            Ok(())
        })
        .await
    }

    /// Enters a device whose socket `node` holds; `None` if the session is gone or the node was never started. The live
    /// calls that the device carries hang on this session from now on.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn connect_device(
        &self,
        node: NodeId,
        session: SessionId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<Option<ConnectionId>, StoreError> {
        self.write(move |connection| {
            let mut insert = connection.prepare_cached(
                "insert into connection (node_id, session_id, user_key, device_id, since)
                 select node_id, session_id, user_key, ?3, ?4 from session, node
                 where session_id = ?1 and node_id = ?2 returning connection_id",
            )?;
            let mut rows = insert.query((session.as_bytes(), node.0, device.as_bytes(), time(now)))?;
            let Some(id) = rows.next()?.map(|row| row.get(0).map(ConnectionId)).transpose()? else {
                return Ok(None);
            };
            // A statement that returns rows is done when it has returned the last.
            while rows.next()?.is_some() {}
            seen(connection, id, now)?;
            call::carried_by(connection, session, device)?;
            Ok(Some(id))
        })
        .await
    }

    /// Removes the entry of a device that was last known to be there at `last_seen`. If it was the device's last one, the
    /// calls it carries are told ([`Input::Vanish`]), in the same transaction: a socket that ends late cannot take away
    /// a device that is back already. Answers the calls that changed.
    ///
    /// # Errors
    /// If the store failed. An entry that is gone already is no error.
    pub async fn disconnect_device(
        &self,
        id: ConnectionId,
        last_seen: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<CallChange>, CallError> {
        self.write(move |connection| {
            seen(connection, id, now)?;
            let gone = connection
                .prepare_cached("delete from connection where connection_id = ?1 returning user_key, device_id")?
                .query_map([id.0], |row| {
                    Ok((row.user_key("user_key")?, row.device_id("device_id")?))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let mut changes = Vec::new();
            for (user, device) in gone {
                changes.extend(vanish(connection, user, device, last_seen, now)?);
            }
            Ok(changes)
        })
        .await
    }
}

/// Tells the live calls of a device that it is gone, unless it has another connection.
fn vanish(
    connection: &rusqlite::Connection,
    user: UserKey,
    device: DeviceId,
    last_seen: Timestamp,
    now: Timestamp,
) -> Result<Vec<CallChange>, CallError> {
    let is_back: bool = connection
        .prepare_cached("select exists (select 1 from connection where user_key = ?1 and device_id = ?2)")?
        .query_row((user.as_bytes(), device.as_bytes()), |row| row.get(0))?;
    let mut changes = Vec::new();
    if is_back {
        return Ok(changes);
    }
    let Some(signed_off) = user::by_key(connection, user)? else {
        return Ok(changes);
    };
    for call in call::live_of(connection, signed_off.app, user)? {
        let input = Input::Vanish {
            user,
            device,
            last_seen,
        };
        let change = call::apply(connection, call.app, call.id, Actor::System, input, now)?;
        if change.is_change() {
            changes.push(change);
        }
    }
    Ok(changes)
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

#[cfg(test)]
mod tests;
