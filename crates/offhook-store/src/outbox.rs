//! What applications' servers are yet to be told: written in the transaction of the call's step, so that no crash
//! between commit and sending loses an event.
//!
//! ```text
//!  step of a call ─▶ note: a row a webhook, numbered ─▶ due ─▶ sent ─▶ settle ─▶ the next of that call is due
//!                                                        ▲                │
//!                                                        └──── replay ◀── dead, until it is swept
//! ```
//!
//! Of one webhook and call only the first row that waits is due, so they arrive in order. Rows share a lane with what goes to
//! the same receiver of the same application for a share of the callers: who dials may choose path and headers, and by a
//! path that is slow holds up his own share, not the application. [`Store::due_events`] takes a few of each lane, so a lane
//! that does not move holds up no other. Which rows are being sent is known to the process that sends; one that starts
//! anew sends them again.
//!
//! [`webhook`] says where events are told, [`due`] what is to be sent, [`settlement`] what becomes of it, [`delivery`] shows it
//! to operators, who may send again what was given up.

mod delivery;
mod due;
mod settlement;
mod webhook;

use offhook_core::call::{Call, Happening};
use offhook_core::id::UserKey;
use offhook_core::webhook::EventCategory;
use rusqlite::{Connection, Result, named_params};

use crate::Sealed;
use crate::columns::{Columns, json, time};

pub use delivery::{Delivery, DeliveryFilter, DeliveryPage, DeliveryState, ReplayError};
pub use due::{DueEvent, OutgoingEvent};
pub use settlement::Settlement;
pub(crate) use webhook::attach;
pub use webhook::{ApplicationWebhook, ApplicationWebhookPatch, WebhookError};

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

impl EventNumber {
    /// Takes the number as it was shown.
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    /// The number as it is shown.
    pub const fn bits(self) -> i64 {
        self.0
    }
}

/// Where what is told of a call goes.
struct Listener {
    webhook: i64,
    lane: String,
    enabled_events: Vec<EventCategory>,
}

/// Writes down for each webhook what it is to be told of a step of the call. Says whether there is anything to tell.
pub(crate) fn note(
    connection: &Connection,
    number: i64,
    call: &Call,
    is_new: bool,
    happened: &[Happening],
) -> Result<bool> {
    let mut categories = EventCategory::of_step(is_new, happened).peekable();
    if categories.peek().is_none() {
        return Ok(false);
    }
    let mut is_told = false;
    let listeners = listeners(connection, number, call)?;
    for category in categories {
        for listener in &listeners {
            if listener.enabled_events.contains(&category) {
                insert(connection, listener, number, category, call)?;
                is_told = true;
            }
        }
    }
    if call.is_ended() {
        webhook::forget(connection, number)?;
    }
    Ok(is_told)
}

/// An application's own webhook has lanes of its own, whatever its address.
fn listeners(connection: &Connection, number: i64, call: &Call) -> Result<Vec<Listener>> {
    let share = share(call.caller.user);
    connection
        .prepare_cached(
            "select webhook_id, app_key || '/' || host || '/' || ?3, enabled_events
             from webhook where call_number = ?1
             union all
             select webhook_id, app_key || '//' || ?3, enabled_events
             from webhook where app_key = ?2 and call_number is null and is_enabled",
        )?
        .query_map((number, call.app.0, share), |row| {
            Ok(Listener {
                webhook: row.get(0)?,
                lane: row.get(1)?,
                enabled_events: row.json(2)?,
            })
        })?
        .collect()
}

/// Keys are random, and nobody knows another's: nobody picks his share.
const fn share(caller: UserKey) -> u8 {
    let [_, _, _, bits, ..] = *caller.as_bytes();
    bits % SHARES
}

/// The first of its call is due at once, the others when those before them are settled.
fn insert(
    connection: &Connection,
    listener: &Listener,
    number: i64,
    category: EventCategory,
    call: &Call,
) -> Result<()> {
    let (last, is_waiting): (i64, bool) = connection
        .prepare_cached(
            "select coalesce(max(sequence), 0), coalesce(max(settled_at is null), false) from outbox
             where webhook_id = ?1 and call_number = ?2",
        )?
        .query_row((listener.webhook, number), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let now = time(call.updated_at);
    connection
        .prepare_cached(
            "insert into outbox (app_key, webhook_id, call_number, sequence, category, call_body, created_at, state,
                attempts, failures, lane, next_attempt_at)
             values (:app, :webhook, :number, :sequence, :category, :call, :now, 'waiting', 0, 0, :lane, :next_attempt_at)",
        )?
        .execute(named_params! {
            ":app": call.app.0, ":webhook": listener.webhook, ":number": number, ":sequence": last + 1,
            ":category": category.as_str(), ":call": json(call)?, ":now": now, ":lane": listener.lane,
            ":next_attempt_at": (!is_waiting).then_some(now),
        })
        .map(|_| ())
}

#[cfg(test)]
mod tests;
