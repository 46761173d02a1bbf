//! What applications' servers are yet to be told: written in the transaction of the call's step, so that no crash
//! between commit and sending loses an event.
//!
//! ```text
//!  step of a call ─▶ note: a row a webhook, numbered ─▶ due_events ─▶ sent ─▶ settle ─▶ the next of that call is due
//! ```
//!
//! Of one webhook and call only the first row that is not settled is due, so they arrive in order. Rows share a lane with
//! what goes to the same host of the same application for a share of the callers: who dials chooses path and headers, and
//! by a path that is slow holds up his own share, not the application. [`Store::due_events`] takes a few of each lane, so a
//! lane that does not move holds up no other. Which rows are being sent is known to the process that sends; one that
//! starts anew sends them again.

use offhook_core::call::{Call, Happening};
use offhook_core::id::{AppKey, UserKey};
use offhook_core::time::Timestamp;
use offhook_core::webhook::EventCategory;
use rusqlite::{Connection, Result, Row, named_params};

use crate::columns::{Columns, json, time};
use crate::{Sealed, Store, StoreError};

/// How many rows of one lane are due at once. With [`SHARES`], 48 are what one receiver is sent at a time.
const PER_LANE: u32 = 3;
/// How many lanes a receiver has: few enough to look at each, however many callers wait.
const SHARES: u8 = 16;

/// A webhook to be attached to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// The host with its port, which the application must list.
    pub host: String,
    /// Address and headers, sealed.
    pub sealed: Sealed,
    /// What is told.
    pub enabled_events: Vec<EventCategory>,
}

/// The number of a row in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventNumber(i64);

/// An event that is due to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEvent {
    /// Its row.
    pub number: EventNumber,
    /// The application.
    pub app: AppKey,
    /// The host with its port.
    pub host: String,
    /// Address and headers, sealed.
    pub webhook: Sealed,
    /// The event's place among those of this call and webhook, from 1.
    pub sequence: u32,
    /// What happened.
    pub category: EventCategory,
    /// The call as it was then.
    pub call: Call,
    /// When it happened.
    pub created_at: Timestamp,
    /// How often it was sent in vain.
    pub attempts: u32,
    /// Since when it is due.
    pub due_at: Timestamp,
}

/// What becomes of an event that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// It was not taken: to be sent again then.
    Again(Timestamp),
    /// It was taken, or is given up: the next may go.
    Done,
}

impl Store {
    /// Events that are due, a few of each lane, at most `limit`; those of a lane the longest due first.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn due_events(&self, now: Timestamp, limit: u32) -> Result<Vec<DueEvent>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(DUE)?
                .query_map(
                    named_params! { ":now": time(now), ":per_lane": PER_LANE, ":limit": limit },
                    due_event,
                )?
                .collect()
        })
        .await
    }

    /// Notes what became of an event that was sent. One that is settled already stays so.
    ///
    /// # Errors
    /// If the store failed; then the event may be sent again.
    pub async fn settle_event(
        &self,
        number: EventNumber,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |connection| Ok(settle(connection, number, settlement, now)?))
            .await
    }

    /// How many events wait to be told.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn waiting_events(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(WAITING)?
                .query_row([], |row| row.get::<_, i64>(0).map(i64::unsigned_abs))
        })
        .await
    }
}

const WAITING: &str = "select count(*) from outbox where settled_at is null";

/// Goes from lane to lane by the index, however long each is.
const DUE: &str = "
    with recursive lane (name) as (
        select min(lane) from outbox where next_attempt_at is not null
        union all
        select (select min(lane) from outbox where next_attempt_at is not null and lane > name)
        from lane where name is not null
    )
    select outbox.*, webhook.app_key, webhook.host, webhook.sealed
    from lane
    join outbox on outbox.event_number in (
        select event_number from outbox
        where outbox.lane = lane.name and next_attempt_at is not null and next_attempt_at <= :now
        order by next_attempt_at, event_number limit :per_lane
    )
    join webhook using (webhook_id)
    order by outbox.next_attempt_at, outbox.event_number limit :limit";

/// Attaches a webhook to a call that was just made.
pub(crate) fn attach(connection: &Connection, number: i64, call: &Call, webhook: &NewWebhook) -> Result<()> {
    connection
        .prepare_cached(
            "insert into webhook (app_key, call_number, host, sealed, enabled_events) values (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            call.app.0,
            number,
            &webhook.host,
            &webhook.sealed,
            json(&webhook.enabled_events)?,
        ))
        .map(|_| ())
}

/// Writes down for each webhook what it is to be told of a step of the call.
pub(crate) fn note(
    connection: &Connection,
    number: i64,
    call: &Call,
    is_new: bool,
    happened: &[Happening],
) -> Result<()> {
    let mut categories = EventCategory::of_step(is_new, happened).peekable();
    if categories.peek().is_none() {
        return Ok(());
    }
    let webhooks: Vec<(i64, String, Vec<EventCategory>)> = connection
        .prepare_cached(
            "select webhook_id, app_key || '/' || host || '/' || ?2 as lane, enabled_events
             from webhook where call_number = ?1",
        )?
        .query_map((number, share(call.caller.user)), |row| {
            Ok((row.get("webhook_id")?, row.get("lane")?, row.json("enabled_events")?))
        })?
        .collect::<Result<_>>()?;
    for category in categories {
        for (webhook, lane, enabled) in &webhooks {
            if enabled.contains(&category) {
                insert(connection, (*webhook, lane), number, category, call)?;
            }
        }
    }
    if call.is_ended() && !webhooks.is_empty() {
        forget(connection, number)?;
    }
    Ok(())
}

/// Keys are random, and nobody knows another's: nobody picks his share.
const fn share(caller: UserKey) -> u8 {
    let [_, _, _, bits, ..] = *caller.as_bytes();
    bits % SHARES
}

/// The first of its call is due at once, the others when those before them are settled.
fn insert(
    connection: &Connection,
    (webhook, lane): (i64, &str),
    number: i64,
    category: EventCategory,
    call: &Call,
) -> Result<()> {
    let (last, is_waiting): (i64, bool) = connection
        .prepare_cached(
            "select coalesce(max(sequence), 0), coalesce(max(settled_at is null), false) from outbox
             where webhook_id = ?1 and call_number = ?2",
        )?
        .query_row((webhook, number), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let now = time(call.updated_at);
    connection
        .prepare_cached(
            "insert into outbox (webhook_id, call_number, sequence, category, call_body, created_at, attempts, lane,
                next_attempt_at)
             values (:webhook, :number, :sequence, :category, :call, :now, 0, :lane, :next_attempt_at)",
        )?
        .execute(named_params! {
            ":webhook": webhook, ":number": number, ":sequence": last + 1, ":category": category.as_str(),
            ":call": json(call)?, ":now": now, ":lane": lane, ":next_attempt_at": (!is_waiting).then_some(now),
        })
        .map(|_| ())
}

fn settle(connection: &Connection, number: EventNumber, settlement: Settlement, now: Timestamp) -> Result<()> {
    if let Settlement::Again(at) = settlement {
        return connection
            .prepare_cached(
                "update outbox set attempts = attempts + 1, next_attempt_at = ?2
                 where event_number = ?1 and settled_at is null",
            )?
            .execute((number.0, time(at)))
            .map(|_| ());
    }
    let settled = connection
        .prepare_cached(
            "update outbox set settled_at = ?2, next_attempt_at = null
             where event_number = ?1 and settled_at is null returning webhook_id, call_number",
        )?
        .query_map((number.0, time(now)), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(i64, i64)>>>()?;
    for (webhook, call) in settled {
        connection
            .prepare_cached(
                "update outbox set next_attempt_at = ?3 where event_number = (
                    select event_number from outbox where webhook_id = ?1 and call_number = ?2 and settled_at is null
                    order by sequence limit 1)",
            )?
            .execute((webhook, call, time(now)))?;
        forget(connection, call)?;
    }
    Ok(())
}

/// Address and headers are secrets that nobody needs once a call has ended and all is told.
fn forget(connection: &Connection, number: i64) -> Result<()> {
    connection
        .prepare_cached(
            "delete from webhook where call_number = ?1
             and exists (select 1 from call where call.call_number = ?1 and ended_at is not null)
             and not exists (
                select 1 from outbox where outbox.webhook_id = webhook.webhook_id and settled_at is null)",
        )?
        .execute([number])
        .map(|_| ())
}

fn due_event(row: &Row<'_>) -> Result<DueEvent> {
    Ok(DueEvent {
        number: row.get("event_number").map(EventNumber)?,
        app: row.app_key("app_key")?,
        host: row.get("host")?,
        webhook: row.get("sealed")?,
        sequence: row.get("sequence")?,
        category: row.variant("category")?,
        call: row.json("call_body")?,
        created_at: row.time("created_at")?,
        attempts: row.get("attempts")?,
        due_at: row.time("next_attempt_at")?,
    })
}

#[cfg(test)]
mod tests;
