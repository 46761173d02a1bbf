//! All that is known of one call: itself, its timeline, what the relay carried for it, how good its media was.

use std::collections::BTreeSet;

use offhook_core::call::{Call, Role};
use offhook_core::id::{AppKey, CallId};
use offhook_core::time::Timestamp;
use rusqlite::{Connection, Result, Row, named_params};

use super::quality::{QualitySample, measured};
use super::rows;
use crate::columns::Columns;
use crate::{Store, StoreError, usage};

/// A call and its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// The call.
    pub call: Call,
    /// What happened to it, in order.
    pub timeline: Vec<TimelineEntry>,
    /// What the relay carried for the caller.
    pub caller_relayed: Relayed,
    /// What the relay carried for the callee.
    pub callee_relayed: Relayed,
    /// What the caller's device measured, in order.
    pub caller_quality: Vec<QualitySample>,
    /// What the callee's device measured, in order.
    pub callee_quality: Vec<QualitySample>,
}

/// Something that happened to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// What, in a word such as `media_connected`.
    pub happening: String,
    /// Whose side it is about.
    pub role: Option<Role>,
    /// What there is to say beyond that: a path, an end result.
    pub detail: Option<String>,
}

/// What the relay carried for one side, headers left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Relayed {
    /// Bytes from this side to the other.
    pub to_peer_bytes: u64,
    /// Packets from this side to the other.
    pub to_peer_packets: u64,
    /// Bytes from the other side to this.
    pub to_client_bytes: u64,
    /// Packets from the other side to this.
    pub to_client_packets: u64,
}

/// What a ticket has carried for a call so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayUsage {
    /// The application.
    pub app: AppKey,
    /// The call.
    pub call_id: CallId,
    /// For which side.
    pub role: Role,
    /// The ticket's own number, drawn at random.
    pub ticket_number: i64,
    /// All of it, since the ticket was made: a word that is said twice counts once.
    pub relayed: Relayed,
}

impl Store {
    /// Everything about a call.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn call_record(&self, app: AppKey, call_id: CallId) -> Result<Option<CallRecord>, StoreError> {
        self.read(move |connection| {
            let Some(stored) = rows::load(connection, app, call_id)? else {
                return Ok(None);
            };
            Ok(Some(CallRecord {
                call: stored.call,
                timeline: timeline(connection, stored.number)?,
                caller_relayed: relayed(connection, stored.number, Role::Caller)?,
                callee_relayed: relayed(connection, stored.number, Role::Callee)?,
                caller_quality: measured(connection, stored.number, Role::Caller)?,
                callee_quality: measured(connection, stored.number, Role::Callee)?,
            }))
        })
        .await
    }

    /// Notes what tickets have carried for their calls, in one unit of work. What is smaller than what is noted is old,
    /// and a call that is gone has no use for it.
    ///
    /// # Errors
    /// If the store failed; then it may be said again.
    pub async fn note_relay_usage(&self, usage: Vec<RelayUsage>) -> Result<(), StoreError> {
        self.write(move |connection| {
            usage.iter().try_for_each(|usage| note(connection, usage))?;
            // The last bytes of a call may come after its end, when its cost is booked already.
            let calls: BTreeSet<_> = usage.iter().map(|usage| (usage.app, usage.call_id)).collect();
            calls
                .into_iter()
                .try_for_each(|(app, call_id)| Ok(usage::take_relayed(connection, app, call_id)?))
        })
        .await
    }
}

fn timeline(connection: &Connection, number: i64) -> Result<Vec<TimelineEntry>> {
    let entry = |row: &Row<'_>| {
        let role: Option<String> = row.get("role")?;
        Ok(TimelineEntry {
            at: row.time("happened_at")?,
            happening: row.get("happening")?,
            role: role.is_some().then(|| row.variant("role")).transpose()?,
            detail: row.get("detail")?,
        })
    };
    connection
        .prepare_cached("select * from call_event where call_number = ?1 order by event_number")?
        .query_map([number], entry)?
        .collect()
}

fn relayed(connection: &Connection, number: i64, role: Role) -> Result<Relayed> {
    connection
        .prepare_cached(
            "select coalesce(sum(to_peer_bytes), 0) as to_peer_bytes, coalesce(sum(to_peer_packets), 0) as to_peer_packets,
                coalesce(sum(to_client_bytes), 0) as to_client_bytes,
                coalesce(sum(to_client_packets), 0) as to_client_packets
             from relay_usage where call_number = ?1 and role = ?2",
        )?
        .query_row((number, role.as_str()), |row| {
            let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok(Relayed {
                to_peer_bytes: count("to_peer_bytes")?,
                to_peer_packets: count("to_peer_packets")?,
                to_client_bytes: count("to_client_bytes")?,
                to_client_packets: count("to_client_packets")?,
            })
        })
}

fn note(connection: &Connection, usage: &RelayUsage) -> Result<()> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let relayed = usage.relayed;
    connection
        .prepare_cached(
            "insert into relay_usage select call_number, :ticket_number, :role, :to_peer_bytes, :to_peer_packets,
                :to_client_bytes, :to_client_packets from call where app_key = :app_key and call_id = :call_id
             on conflict (call_number, ticket_number) do update set
                to_peer_bytes = max(to_peer_bytes, excluded.to_peer_bytes),
                to_peer_packets = max(to_peer_packets, excluded.to_peer_packets),
                to_client_bytes = max(to_client_bytes, excluded.to_client_bytes),
                to_client_packets = max(to_client_packets, excluded.to_client_packets)",
        )?
        .execute(named_params! {
            ":app_key": usage.app.0, ":call_id": usage.call_id.as_bytes(), ":role": usage.role.as_str(),
            ":ticket_number": usage.ticket_number, ":to_peer_bytes": count(relayed.to_peer_bytes),
            ":to_peer_packets": count(relayed.to_peer_packets), ":to_client_bytes": count(relayed.to_client_bytes),
            ":to_client_packets": count(relayed.to_client_packets),
        })
        .map(|_| ())
}

#[cfg(test)]
mod tests;
