//! What is to be sent.

use std::time::Duration;

use offhook_core::call::Call;
use offhook_core::id::AppKey;
use offhook_core::time::Timestamp;
use offhook_core::webhook::EventCategory;
use rusqlite::{OptionalExtension, Result, Row, named_params};

use super::EventNumber;
use crate::columns::{Columns, time};
use crate::{Sealed, Store, StoreError};

/// How much one turn of [`Store::recall_events`] calls back.
const RECALLED: u32 = 256;

/// An event that is due to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEvent {
    /// Its row.
    pub number: EventNumber,
    /// What it shares places with.
    pub lane: String,
    /// Since when it is due.
    pub due_at: Timestamp,
}

impl DueEvent {
    /// Whom it goes to: that of all lanes of one receiver of an application.
    pub fn receiver(&self) -> &str {
        self.lane.rsplit_once('/').map_or(&self.lane, |(receiver, _)| receiver)
    }
}

/// An event with all that is needed to tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingEvent {
    /// Its row.
    pub number: EventNumber,
    /// The application.
    pub app: AppKey,
    /// The host with its port.
    pub host: String,
    /// Address and headers, sealed.
    pub webhook: Option<Sealed>,
    /// Whether the dial named the webhook, not the application.
    pub is_per_call: bool,
    /// Whether the webhook is to be told anything still.
    pub is_enabled: bool,
    /// The event's place among those of this call and webhook, from 1.
    pub sequence: u32,
    /// What happened.
    pub category: EventCategory,
    /// The call as it was then.
    pub call: Call,
    /// When it happened.
    pub created_at: Timestamp,
    /// How often it was sent in vain since it was written or replayed.
    pub failures: u32,
}

impl Store {
    /// Events that are due, at most `per_lane` of each lane and `limit` in all; those of a lane the longest due first.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn due_events(&self, now: Timestamp, per_lane: u32, limit: u32) -> Result<Vec<DueEvent>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(DUE)?
                .query_map(
                    named_params! { ":now": time(now), ":per_lane": per_lane, ":limit": limit },
                    due_event,
                )?
                .collect()
        })
        .await
    }

    /// All that is needed to tell events. Those that wait no more are left out.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn outgoing_events(&self, numbers: Vec<EventNumber>) -> Result<Vec<OutgoingEvent>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select outbox.*, webhook.host, webhook.sealed, webhook.is_enabled,
                    webhook.call_number is not null as is_per_call
                 from outbox join webhook using (webhook_id) where event_number = ?1 and settled_at is null",
            )?;
            let found = numbers
                .into_iter()
                .map(|number| statement.query_row([number.0], outgoing_event).optional());
            found.filter_map(Result::transpose).collect()
        })
        .await
    }

    /// Makes due now what is to be sent later than `longest` from now: no attempt is put off for so long, so the clock was
    /// set back meanwhile. Says how many; there may be more.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn recall_events(&self, now: Timestamp, longest: Duration) -> Result<usize, StoreError> {
        let latest = time(now + longest);
        let is_any = self.read(move |connection| {
            let mut stranded = connection.prepare_cached(STRANDED)?;
            stranded.exists(named_params! { ":latest": latest, ":limit": 1 })
        });
        if !is_any.await? {
            return Ok(0);
        }
        self.write(move |connection| {
            let mut recall = connection.prepare_cached(&format!(
                "update outbox set next_attempt_at = :now where event_number in ({STRANDED})"
            ))?;
            Ok(recall.execute(named_params! { ":now": time(now), ":latest": latest, ":limit": RECALLED })?)
        })
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

pub(super) const WAITING: &str = "select count(*) from outbox where settled_at is null";

/// Goes from lane to lane by the index, however long each is.
const DUE: &str = "
    with recursive lane (name) as (
        select min(lane) from outbox where next_attempt_at is not null
        union all
        select (select min(lane) from outbox where next_attempt_at is not null and lane > name)
        from lane where name is not null
    )
    select outbox.event_number, outbox.lane, outbox.next_attempt_at
    from lane
    join outbox on outbox.event_number in (
        select event_number from outbox
        where outbox.lane = lane.name and next_attempt_at is not null and next_attempt_at <= :now
        order by next_attempt_at, event_number limit :per_lane
    )
    order by outbox.next_attempt_at, outbox.event_number limit :limit";

/// The same way to those of each lane that are due last.
const STRANDED: &str = "
    with recursive lane (name) as (
        select min(lane) from outbox where next_attempt_at is not null
        union all
        select (select min(lane) from outbox where next_attempt_at is not null and lane > name)
        from lane where name is not null
    )
    select outbox.event_number from lane
    join outbox on outbox.lane = lane.name and next_attempt_at is not null and next_attempt_at > :latest limit :limit";

fn due_event(row: &Row<'_>) -> Result<DueEvent> {
    Ok(DueEvent {
        number: row.get("event_number").map(EventNumber)?,
        lane: row.get("lane")?,
        due_at: row.time("next_attempt_at")?,
    })
}

fn outgoing_event(row: &Row<'_>) -> Result<OutgoingEvent> {
    Ok(OutgoingEvent {
        number: row.get("event_number").map(EventNumber)?,
        app: row.app_key("app_key")?,
        host: row.get("host")?,
        webhook: row.get("sealed")?,
        is_per_call: row.get("is_per_call")?,
        is_enabled: row.get("is_enabled")?,
        sequence: row.get("sequence")?,
        category: row.variant("category")?,
        call: row.json("call_body")?,
        created_at: row.time("created_at")?,
        failures: row.get("failures")?,
    })
}
