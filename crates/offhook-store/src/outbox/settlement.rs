//! What becomes of events that were sent.

use offhook_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, named_params};

use super::{EventNumber, webhook};
use crate::columns::time;
use crate::{Store, StoreError};

/// What becomes of an event that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It was not taken: to be sent again then.
    Again {
        /// When.
        at: Timestamp,
        /// Why it was not taken.
        error: String,
    },
    /// It was taken: the next may go.
    Delivered,
    /// It is given up: the next may go. It may be replayed.
    Dead {
        /// Why it was not taken.
        error: String,
    },
}

impl Store {
    /// Notes what became of events that were sent, all together. One that is settled already stays so.
    ///
    /// # Errors
    /// If the store failed; then they may be sent again.
    pub async fn settle_events(
        &self,
        settlements: Vec<(EventNumber, Settlement)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            for (number, settlement) in &settlements {
                settle(connection, *number, settlement, now)?;
            }
            Ok(())
        })
        .await
    }
}

fn settle(connection: &Connection, number: EventNumber, settlement: &Settlement, now: Timestamp) -> Result<()> {
    let (state, error) = match settlement {
        Settlement::Again { at, error } => {
            return connection
                .prepare_cached(
                    "update outbox set attempts = attempts + 1, failures = failures + 1, last_error = ?3,
                        next_attempt_at = iif(next_attempt_at is null, null, ?2)
                     where event_number = ?1 and settled_at is null",
                )?
                .execute((number.0, time(*at), error))
                .map(|_| ());
        }
        Settlement::Delivered => ("delivered", None),
        Settlement::Dead { error } => ("dead", Some(error)),
    };
    let settled: Option<(i64, i64)> = connection
        .prepare_cached(
            "update outbox set state = :state, settled_at = :now, next_attempt_at = null, attempts = attempts + 1,
                last_error = :error, call_body = iif(:state = 'delivered', null, call_body)
             where event_number = :number and settled_at is null returning webhook_id, call_number",
        )?
        .query_row(
            named_params! { ":number": number.0, ":state": state, ":now": time(now), ":error": error },
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    if let Some((webhook, call)) = settled {
        make_first_due(connection, webhook, call, now)?;
        webhook::forget(connection, call)?;
    }
    Ok(())
}

/// Of what waits for a webhook of a call the first is due, now or when it was, and no other.
pub(super) fn make_first_due(connection: &Connection, webhook: i64, call: i64, now: Timestamp) -> Result<()> {
    let waiting: Vec<(i64, bool)> = connection
        .prepare_cached(
            "select event_number, next_attempt_at is not null from outbox
             where webhook_id = ?1 and call_number = ?2 and settled_at is null order by sequence",
        )?
        .query_map((webhook, call), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    let mut set = connection.prepare_cached("update outbox set next_attempt_at = ?2 where event_number = ?1")?;
    for (index, (number, is_due)) in waiting.into_iter().enumerate() {
        match (index, is_due) {
            (0, false) => set.execute((number, Some(time(now))))?,
            (1.., true) => set.execute((number, None::<i64>))?,
            (0, true) | (1.., false) => 0,
        };
    }
    Ok(())
}
