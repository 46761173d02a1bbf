//! What tokens are yet to be told of calls.

use std::time::Duration;

use offhook_core::call::{Call, EndResult, Happening, Stage};
use offhook_core::id::{AppId, UserKey};
use offhook_core::time::Timestamp;
use rusqlite::{Connection, Result, Row, named_params};

use super::{PushService, PushToken};
use crate::columns::{Columns, json, time};
use crate::{Store, StoreError};

/// How long a device that cannot be reached is yet told that a call rings no more: as long as somebody may be looking at a
/// notification that says that it does.
const STOP_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long a missed call is told later.
const MISSED_LIFETIME: Duration = Duration::from_secs(3 * 24 * 3600);
/// How many words of a lane are read at once.
const PER_LANE: u32 = 32;
/// How many words a token may be owed: of missed calls, the oldest is told no more.
const PER_TOKEN: u32 = 20;
/// How many words are dropped in one step: the writer has other work.
const EXPIRED_AT_ONCE: u32 = 500;

/// What is told of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// It rings.
    Ring,
    /// It was accepted or declined.
    Stop,
    /// It ended before anybody answered.
    Missed,
}

impl Notice {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Stop => "stop",
            Self::Missed => "missed",
        }
    }

    /// Whether somebody waits for it now.
    pub const fn is_urgent(self) -> bool {
        match self {
            Self::Ring | Self::Stop => true,
            Self::Missed => false,
        }
    }

    /// What to tell after a step, and until when it is worth it.
    fn after(call: &Call, is_new: bool, happened: &[Happening]) -> Option<(Self, Timestamp)> {
        if let (true, Stage::Ringing { until, .. }) = (is_new, &call.stage) {
            return Some((Self::Ring, *until));
        }
        let stop = Some((Self::Stop, call.updated_at + STOP_LIFETIME));
        match call.ending() {
            _ if happened.contains(&Happening::Accepted) => stop,
            Some(ending) if ending.accepted.is_none() && happened.iter().any(is_end) => match ending.result {
                EndResult::Declined => stop,
                EndResult::NoAnswer
                | EndResult::Canceled
                | EndResult::Completed
                | EndResult::TimedOut
                | EndResult::ConnectionLost
                | EndResult::NotConnected => Some((Self::Missed, ending.at + MISSED_LIFETIME)),
            },
            Some(_) | None => None,
        }
    }
}

const fn is_end(happening: &Happening) -> bool {
    matches!(happening, Happening::Ended(_))
}

/// A word that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushDelivery {
    /// Which delivery this is.
    pub id: PushDeliveryId,
    /// Where it waits: behind its like to the same service.
    pub lane: String,
    /// Whom to.
    pub token: PushToken,
    /// The public id of the application.
    pub app_id: AppId,
    /// The call as it stands.
    pub call: Call,
    /// What to tell of it.
    pub notice: Notice,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// From when on it is not worth telling.
    pub expires_at: Timestamp,
}

/// A word as it was read; what is said of it counts for no word that took its place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PushDeliveryId {
    number: i64,
    revision: i64,
    token_number: i64,
}

/// What is not to be taken up now.
#[derive(Debug, Clone, Default)]
pub struct PushesToSkip {
    /// What is being sent.
    pub under_way: Vec<PushDeliveryId>,
    /// Lanes that have no place.
    pub lanes: Vec<String>,
    /// Callees who have none.
    pub callees: Vec<UserKey>,
}

impl Store {
    /// Reads what is due, a few words of each lane and at most `limit`: what is urgent first, then the longest due.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn due_pushes(
        &self,
        now: Timestamp,
        skip: &PushesToSkip,
        limit: u32,
    ) -> std::result::Result<Vec<PushDelivery>, StoreError> {
        let skip = skip.clone();
        self.read(move |connection| {
            let callees: Vec<String> = skip.callees.iter().map(|user| hex(user.as_bytes())).collect();
            connection
                .prepare_cached(DUE)?
                .query_map(
                    named_params! {
                        ":now": time(now), ":limit": limit, ":per_lane": PER_LANE, ":under_way": numbers(&skip.under_way)?,
                        ":lanes": json(&skip.lanes)?, ":callees": json(&callees)?,
                    },
                    delivery,
                )?
                .collect()
        })
        .await
    }

    /// Drops what is not worth telling any more, a bounded number at once. What is being sent stays: it has its own end.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn drop_expired_pushes(
        &self,
        now: Timestamp,
        under_way: &[PushDeliveryId],
    ) -> std::result::Result<(), StoreError> {
        let under_way = under_way.to_vec();
        // Mostly there is nothing, and a read disturbs nobody.
        let expired: Vec<i64> = self
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "select push_delivery_number from push_delivery where expires_at <= ?1
                            and push_delivery_number not in (select value from json_each(?2)) limit ?3",
                    )?
                    .query_map((time(now), numbers(&under_way)?, EXPIRED_AT_ONCE), |row| row.get(0))?
                    .collect()
            })
            .await?;
        if expired.is_empty() {
            return Ok(());
        }
        self.write(move |connection| {
            // A later word may have taken the place of one since.
            let mut drop = connection
                .prepare_cached("delete from push_delivery where push_delivery_number = ?1 and expires_at <= ?2")?;
            for number in &expired {
                drop.execute((number, time(now)))?;
            }
            Ok(())
        })
        .await
    }

    /// It was told, or never can be.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn finish_push(&self, id: PushDeliveryId) -> std::result::Result<(), StoreError> {
        self.write(move |connection| {
            connection
                .prepare_cached("delete from push_delivery where push_delivery_number = ?1 and revision = ?2")?
                .execute((id.number, id.revision))?;
            Ok(())
        })
        .await
    }

    /// It was not told, and is to be tried again at `at`. Where a later word has taken its place, that is due at once.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn retry_push(&self, id: PushDeliveryId, at: Timestamp) -> std::result::Result<(), StoreError> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "update push_delivery set attempts = attempts + 1, next_attempt_at = ?3
                     where push_delivery_number = ?1 and revision = ?2",
                )?
                .execute((id.number, id.revision, time(at)))?;
            Ok(())
        })
        .await
    }

    /// The token is dead: its service knows it no more.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn forget_push_token(&self, id: PushDeliveryId) -> std::result::Result<(), StoreError> {
        self.write(move |connection| Ok(forget(connection, id.token_number)?))
            .await
    }
}

/// Goes from lane to lane by the index, however long each is. The lanes of what is urgent sort before the others.
const DUE: &str = "
    with recursive lane (name) as (
        select min(lane) from push_delivery
        union all
        select (select min(lane) from push_delivery where lane > name) from lane where name is not null
    )
    select push_delivery.*, push_token.*, call.body, app_id
    from lane
    join push_delivery on push_delivery.push_delivery_number in (
        select push_delivery_number from push_delivery
        where push_delivery.lane = lane.name and next_attempt_at <= :now and expires_at > :now
            and push_delivery_number not in (select value from json_each(:under_way))
            and (:callees = '[]' or (select hex(user_key) from push_token
                where push_token.push_token_number = push_delivery.push_token_number)
                not in (select value from json_each(:callees)))
        order by next_attempt_at limit :per_lane
    )
    join push_token using (push_token_number) join call using (call_number)
    join application on application.app_key = push_token.app_key
    where lane.name not in (select value from json_each(:lanes))
    order by substr(lane.name, 1, 1), push_delivery.next_attempt_at, push_delivery_number limit :limit";

/// Owes every token of the callee what a step of a call is to be told, in the step's own transaction. Says whether
/// it owes anything.
pub(crate) fn owe(
    connection: &Connection,
    call_number: i64,
    call: &Call,
    is_new: bool,
    happened: &[Happening],
) -> Result<bool> {
    let Some((notice, expires_at)) = Notice::after(call, is_new, happened) else {
        return Ok(false);
    };
    let callee = call.callee.user.as_bytes();
    // Most have no token, and to look costs less than to add nothing.
    let has_token = connection
        .prepare_cached("select 1 from push_token where user_key = ?1")?
        .exists([callee])?;
    if !has_token {
        return Ok(false);
    }
    let owed = connection
        .prepare_cached(
            "insert into push_delivery (push_token_number, call_number, notice, lane, revision, attempts,
                next_attempt_at, expires_at)
             select push_token_number, :call_number, :notice, :urgency || push_token.app_key || '/' || host, 1, 0, :now,
                :expires_at
                from push_token join user using (user_key)
                where push_token.user_key = :user_key and push_token.app_key = :app_key and is_active
             on conflict (push_token_number, call_number) do update set
                notice = excluded.notice, lane = excluded.lane, revision = revision + 1, attempts = 0,
                next_attempt_at = excluded.next_attempt_at, expires_at = excluded.expires_at",
        )?
        .execute(named_params! {
            ":call_number": call_number, ":notice": notice.as_str(), ":now": time(call.updated_at),
            ":urgency": if notice.is_urgent() { "0/" } else { "1/" },
            ":expires_at": time(expires_at), ":user_key": callee, ":app_key": call.app.0,
        })?;
    if owed == 0 {
        return Ok(false);
    }
    connection
        .prepare_cached(
            "delete from push_delivery where push_delivery_number in (
                select push_delivery_number from (
                    select push_delivery_number, row_number() over (
                        partition by push_token_number order by notice = 'missed', push_delivery_number desc) as place
                    from push_token join push_delivery using (push_token_number) where user_key = ?1)
                where place > ?2)",
        )?
        .execute((callee, PER_TOKEN))
        .map(|_| true)
}

/// Drops all that a user was yet to be told.
pub(crate) fn drop_of_user(connection: &Connection, user: UserKey) -> Result<()> {
    connection
        .prepare_cached(
            "delete from push_delivery where push_token_number in (
                select push_token_number from push_token where user_key = ?1)",
        )?
        .execute([user.as_bytes()])
        .map(|_| ())
}

fn numbers(deliveries: &[PushDeliveryId]) -> Result<String> {
    json(&deliveries.iter().map(|delivery| delivery.number).collect::<Vec<_>>())
}

/// As SQLite writes it.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

pub(super) fn forget(connection: &Connection, token_number: i64) -> Result<()> {
    connection
        .prepare_cached("delete from push_token where push_token_number = ?1")?
        .execute([token_number])
        .map(|_| ())
}

fn delivery(row: &Row<'_>) -> Result<PushDelivery> {
    Ok(PushDelivery {
        id: PushDeliveryId {
            number: row.get("push_delivery_number")?,
            revision: row.get("revision")?,
            token_number: row.get("push_token_number")?,
        },
        lane: row.get("lane")?,
        token: token(row)?,
        app_id: row.word("app_id")?,
        call: row.json("body")?,
        notice: match row.get_ref("notice")?.as_str()? {
            "ring" => Notice::Ring,
            "stop" => Notice::Stop,
            _ => Notice::Missed,
        },
        attempts: row.get("attempts")?,
        expires_at: row.time("expires_at")?,
    })
}

pub(super) fn token(row: &Row<'_>) -> Result<PushToken> {
    Ok(PushToken {
        service: row.word::<PushService>("service")?,
        host: row.get("host")?,
        address: row.get("address")?,
        subscription_keys: row.get("subscription_keys")?,
    })
}
