//! What tokens are yet to be told of calls.

use std::time::Duration;

use offhook_core::call::{Call, EndResult, Happening, Stage};
use offhook_core::id::AppId;
use offhook_core::time::Timestamp;
use rusqlite::{Connection, Result, Row, named_params};

use super::{PushService, PushToken};
use crate::columns::{Columns, time};
use crate::{Store, StoreError};

/// How long a device that cannot be reached is yet told that a call rings no more: as long as somebody may be looking at a
/// notification that says that it does.
const STOP_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long a missed call is told later.
const MISSED_LIFETIME: Duration = Duration::from_secs(3 * 24 * 3600);

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
    pub claim: PushClaim,
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

/// A word that this process is sending; it must say how that went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PushClaim {
    number: i64,
    revision: i64,
    token_number: i64,
}

impl Store {
    /// Gives back what was being sent when the process ended, and says how many that were.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn release_pushes(&self) -> std::result::Result<usize, StoreError> {
        self.write(|connection| {
            Ok(connection.execute("update push_delivery set is_claimed = false where is_claimed", [])?)
        })
        .await
    }

    /// Takes what is due, at most `limit` words. What is not worth telling any more is dropped, and
    /// what is meant for users who may not sign in.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn claim_pushes(&self, now: Timestamp, limit: u32) -> std::result::Result<Vec<PushDelivery>, StoreError> {
        // Mostly there is nothing, and a read disturbs nobody.
        let is_due = self.read(move |connection| {
            connection
                .prepare_cached(
                    "select exists (select 1 from push_delivery where not is_claimed and next_attempt_at <= ?1)
                        or exists (select 1 from push_delivery where expires_at <= ?1)",
                )?
                .query_row([time(now)], |row| row.get(0))
        });
        if !is_due.await? {
            return Ok(Vec::new());
        }
        self.write(move |connection| Ok(claim(connection, now, limit)?)).await
    }

    /// It was told, or never can be.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn finish_push(&self, claim: PushClaim) -> std::result::Result<(), StoreError> {
        self.write(move |connection| {
            connection
                .prepare_cached("delete from push_delivery where push_delivery_number = ?1 and revision = ?2")?
                .execute((claim.number, claim.revision))?;
            Ok(release(connection, claim)?)
        })
        .await
    }

    /// It was not told, and is to be tried again at `at`. Where a later word has taken its place, that is due at once.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn retry_push(&self, claim: PushClaim, at: Timestamp) -> std::result::Result<(), StoreError> {
        self.postpone(claim, at, 1).await
    }

    /// It was not tried, and is to be taken up again at `at`.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn defer_push(&self, claim: PushClaim, at: Timestamp) -> std::result::Result<(), StoreError> {
        self.postpone(claim, at, 0).await
    }

    async fn postpone(&self, claim: PushClaim, at: Timestamp, tried: u32) -> std::result::Result<(), StoreError> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "update push_delivery set attempts = attempts + ?3, next_attempt_at = ?4
                     where push_delivery_number = ?1 and revision = ?2",
                )?
                .execute((claim.number, claim.revision, tried, time(at)))?;
            Ok(release(connection, claim)?)
        })
        .await
    }

    /// The token is dead: its service knows it no more.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn forget_push_token(&self, claim: PushClaim) -> std::result::Result<(), StoreError> {
        self.write(move |connection| Ok(forget(connection, claim.token_number)?))
            .await
    }
}

/// Owes every token of the callee what a step of a call is to be told, in the step's own transaction.
pub(crate) fn owe(
    connection: &Connection,
    call_number: i64,
    call: &Call,
    is_new: bool,
    happened: &[Happening],
) -> Result<()> {
    let Some((notice, expires_at)) = Notice::after(call, is_new, happened) else {
        return Ok(());
    };
    connection
        .prepare_cached(
            "insert into push_delivery (push_token_number, call_number, notice, revision, is_claimed, attempts,
                next_attempt_at, expires_at)
             select push_token_number, :call_number, :notice, 1, false, 0, :now, :expires_at
                from push_token join user using (user_key)
                where push_token.user_key = :user_key and push_token.app_key = :app_key and is_active
             on conflict (push_token_number, call_number) do update set
                notice = excluded.notice, revision = revision + 1, attempts = 0,
                next_attempt_at = excluded.next_attempt_at, expires_at = excluded.expires_at",
        )?
        .execute(named_params! {
            ":call_number": call_number, ":notice": notice.as_str(), ":now": time(call.updated_at),
            ":expires_at": time(expires_at), ":user_key": call.callee.user.as_bytes(), ":app_key": call.app.0,
        })
        .map(|_| ())
}

/// A word that is being sent is not dropped here: it has its own end, and must be able to tell of it.
fn claim(connection: &Connection, now: Timestamp, limit: u32) -> Result<Vec<PushDelivery>> {
    connection
        .prepare_cached("delete from push_delivery where expires_at <= ?1 and not is_claimed")?
        .execute([time(now)])?;
    connection
        .prepare_cached(
            "delete from push_delivery where push_delivery_number in (select push_delivery_number
                from push_delivery join push_token using (push_token_number) join user using (user_key)
                where not is_claimed and next_attempt_at <= ?1 and not is_active)",
        )?
        .execute([time(now)])?;
    let due: Vec<_> = connection
        .prepare_cached(
            "select push_delivery.*, push_token.*, call.body, app_id
             from push_delivery join push_token using (push_token_number) join call using (call_number)
                join application on application.app_key = push_token.app_key
             where not is_claimed and next_attempt_at <= ?1
             order by next_attempt_at limit ?2",
        )?
        .query_map((time(now), limit), delivery)?
        .collect::<Result<_>>()?;
    let mut take =
        connection.prepare_cached("update push_delivery set is_claimed = true where push_delivery_number = ?1")?;
    for delivery in &due {
        take.execute([delivery.claim.number])?;
    }
    Ok(due)
}

fn release(connection: &Connection, claim: PushClaim) -> Result<()> {
    connection
        .prepare_cached("update push_delivery set is_claimed = false where push_delivery_number = ?1")?
        .execute([claim.number])
        .map(|_| ())
}

pub(super) fn forget(connection: &Connection, token_number: i64) -> Result<()> {
    connection
        .prepare_cached("delete from push_token where push_token_number = ?1")?
        .execute([token_number])
        .map(|_| ())
}

fn delivery(row: &Row<'_>) -> Result<PushDelivery> {
    Ok(PushDelivery {
        claim: PushClaim {
            number: row.get("push_delivery_number")?,
            revision: row.get("revision")?,
            token_number: row.get("push_token_number")?,
        },
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
        address: row.get("address")?,
        subscription_keys: row.get("subscription_keys")?,
    })
}
