//! What operators see of the outbox, and what they send again.

use std::time::Duration;

use offhook_core::id::{AppKey, CallId};
use offhook_core::time::{Timestamp, millis};
use offhook_core::webhook::EventCategory;
use rusqlite::{Connection, OptionalExtension, Result, Row, named_params};
use serde::Deserialize;

use super::{EventNumber, settlement, webhook};
use crate::columns::{Columns, time};
use crate::{Store, StoreError};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent, or to be sent again.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// Given up: it may be replayed.
    Dead,
}

impl DeliveryState {
    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// One event for one webhook, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its row.
    pub number: EventNumber,
    /// The call.
    pub call_id: CallId,
    /// What happened.
    pub category: EventCategory,
    /// The event's place among those of this call and webhook, from 1.
    pub sequence: u32,
    /// What became of it.
    pub state: DeliveryState,
    /// The receiver's host and port.
    pub host: String,
    /// Whether the dial named the webhook, not the application.
    pub is_per_call: bool,
    /// How often it was sent.
    pub attempts: u32,
    /// When it happened.
    pub created_at: Timestamp,
    /// When it is sent again.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was delivered or given up.
    pub settled_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// Which deliveries are listed. Every filter that is set must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only those of which this became.
    pub state: Option<DeliveryState>,
    /// Only those of this call.
    pub call_id: Option<CallId>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPage {
    /// The deliveries, the latest first.
    pub deliveries: Vec<Delivery>,
    /// Where the next part begins, if there is one.
    pub next: Option<EventNumber>,
}

/// Why a delivery is not sent again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The application has none of that number.
    #[error("there is no such delivery")]
    NoSuchDelivery,
    /// It waits, or was taken.
    #[error("the delivery was not given up")]
    NotDead,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for ReplayError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// An application's deliveries, the latest first: at most `limit` before `before`.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn deliveries(
        &self,
        app: AppKey,
        filter: DeliveryFilter,
        before: Option<EventNumber>,
        limit: u32,
    ) -> Result<DeliveryPage, StoreError> {
        let mut query = String::from(SELECT);
        query.push_str(match filter.call_id {
            // The index of calls, whatever else is asked.
            Some(_) => {
                " where outbox.call_number = (select call_number from call where app_key = :app and call_id = :call)"
            }
            None => " where outbox.app_key = :app and :call is null",
        });
        query.push_str(match filter.state {
            Some(_) => " and state = :state",
            None => " and :state is null",
        });
        query.push_str(" and event_number < :before order by event_number desc limit :limit");
        let mut deliveries: Vec<Delivery> = self
            .read(move |connection| {
                connection
                    .prepare_cached(&query)?
                    .query_map(
                        named_params! {
                            ":app": app.0, ":call": filter.call_id.as_ref().map(CallId::as_bytes),
                            ":state": filter.state.map(DeliveryState::as_str),
                            ":before": before.map_or(i64::MAX, |before| before.0), ":limit": i64::from(limit) + 1,
                        },
                        delivery,
                    )?
                    .collect()
            })
            .await?;
        let has_more = deliveries.len() > limit as usize;
        deliveries.truncate(limit as usize);
        let last = deliveries.last().map(|delivery| delivery.number);
        Ok(DeliveryPage {
            next: last.filter(|_| has_more),
            deliveries,
        })
    }

    /// What the application's webhooks were told of one call, in order.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn deliveries_of_call(&self, app: AppKey, call_id: CallId) -> Result<Vec<Delivery>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(&format!(
                    "{SELECT} where call.app_key = ?1 and call.call_id = ?2 order by event_number"
                ))?
                .query_map((app.0, call_id.as_bytes()), delivery)?
                .collect()
        })
        .await
    }

    /// One of an application's deliveries.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn delivery(&self, app: AppKey, number: EventNumber) -> Result<Option<Delivery>, StoreError> {
        self.read(move |connection| by_number(connection, app, number)).await
    }

    /// Lets a delivery that was given up wait again, with the number and the body it had, and be tried as long as at first.
    ///
    /// # Errors
    /// [`ReplayError`] says why it is not sent again.
    pub async fn replay_delivery(
        &self,
        app: AppKey,
        number: EventNumber,
        now: Timestamp,
    ) -> Result<Delivery, ReplayError> {
        self.write(move |connection| {
            let found = by_number(connection, app, number)?.ok_or(ReplayError::NoSuchDelivery)?;
            if found.state != DeliveryState::Dead {
                return Err(ReplayError::NotDead);
            }
            revive(connection, number, now)?;
            by_number(connection, app, number)?.ok_or(ReplayError::NoSuchDelivery)
        })
        .await
    }

    /// Does the same with what was given up of what happened from `from` until before `to`: at most `limit` after `after`.
    /// Gives how many there were, and where to go on, if there may be more.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn replay_dead_deliveries(
        &self,
        app: AppKey,
        (from, to): (Timestamp, Timestamp),
        after: Option<EventNumber>,
        limit: u32,
        now: Timestamp,
    ) -> Result<(usize, Option<EventNumber>), StoreError> {
        self.write(move |connection| {
            let dead: Vec<EventNumber> = connection
                .prepare_cached(
                    "select event_number from outbox
                     where app_key = :app and state = 'dead' and event_number > :after
                        and created_at >= :from and created_at < :to
                     order by event_number limit :limit",
                )?
                .query_map(
                    named_params! {
                        ":app": app.0, ":after": after.map_or(0, |after| after.0), ":from": time(from),
                        ":to": time(to), ":limit": limit,
                    },
                    |row| row.get(0).map(EventNumber),
                )?
                .collect::<Result<_>>()?;
            for number in &dead {
                revive(connection, *number, now)?;
            }
            let next = dead.last().copied().filter(|_| dead.len() >= limit as usize);
            Ok((dead.len(), next))
        })
        .await
    }

    /// Deletes deliveries that were settled longer ago than their application keeps them, at most `limit`. Says how many.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn sweep_deliveries(&self, now: Timestamp, limit: u32) -> Result<usize, StoreError> {
        let applications: Vec<(i64, u32)> = self
            .read(|connection| {
                connection
                    .prepare_cached("select app_key, delivery_retention_days from application")?
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .await?;
        let mut swept = 0;
        for (app, days) in applications {
            let before = now.as_millis().saturating_sub(millis(DAY * days));
            let room = limit.saturating_sub(u32::try_from(swept).unwrap_or(limit));
            let is_any = self.read(move |connection| {
                let mut old =
                    connection.prepare_cached("select 1 from outbox where app_key = ?1 and settled_at < ?2")?;
                old.exists((app, time(Timestamp::from_millis(before))))
            });
            if room > 0 && is_any.await? {
                swept += self
                    .write(move |connection| {
                        sweep(connection, app, Timestamp::from_millis(before), room).map_err(StoreError::from)
                    })
                    .await?;
            }
        }
        Ok(swept)
    }
}

const SELECT: &str = "
    select outbox.*, webhook.host, webhook.call_number is not null as is_per_call, call.call_id
    from outbox join webhook using (webhook_id) join call on call.call_number = outbox.call_number";

fn by_number(connection: &Connection, app: AppKey, number: EventNumber) -> Result<Option<Delivery>> {
    connection
        .prepare_cached(&format!("{SELECT} where outbox.app_key = ?1 and event_number = ?2"))?
        .query_row((app.0, number.0), delivery)
        .optional()
}

fn revive(connection: &Connection, number: EventNumber, now: Timestamp) -> Result<()> {
    let revived: Option<(i64, i64)> = connection
        .prepare_cached(
            "update outbox set state = 'waiting', settled_at = null, failures = 0
             where event_number = ?1 and state = 'dead' returning webhook_id, call_number",
        )?
        .query_row([number.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match revived {
        Some((webhook, call)) => settlement::make_first_due(connection, webhook, call, now),
        None => Ok(()),
    }
}

/// Of a call that goes on nothing is deleted: the numbers of its events are counted from those that are there.
fn sweep(connection: &Connection, app: i64, before: Timestamp, limit: u32) -> Result<usize> {
    let calls: Vec<i64> = connection
        .prepare_cached(
            "delete from outbox where event_number in (
                select event_number from outbox join call using (call_number)
                where outbox.app_key = ?1 and settled_at < ?2 and call.ended_at is not null
                order by settled_at limit ?3)
             returning call_number",
        )?
        .query_map((app, time(before), limit), |row| row.get(0))?
        .collect::<Result<_>>()?;
    for call in &calls {
        webhook::forget(connection, *call)?;
    }
    Ok(calls.len())
}

fn delivery(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery {
        number: row.get("event_number").map(EventNumber)?,
        call_id: row.call_id("call_id")?,
        category: row.variant("category")?,
        sequence: row.get("sequence")?,
        state: row.variant("state")?,
        host: row.get("host")?,
        is_per_call: row.get("is_per_call")?,
        attempts: row.get("attempts")?,
        created_at: row.time("created_at")?,
        next_attempt_at: row.time_or_none("next_attempt_at")?,
        settled_at: row.time_or_none("settled_at")?,
        last_error: row.get("last_error")?,
    })
}
