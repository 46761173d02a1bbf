//! Carries words to devices: takes what is due from the store, sends it, and notes what became of it.
//!
//! A service that is slow holds up nobody else's: no host, and no application, may have more than its share under way. What
//! finds no place waits in the store, behind what has not waited yet.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use offhook_core::id::AppKey;
use offhook_core::time::Timestamp;
use offhook_store::{PushDelivery, PushService, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::outcome::Outcome;
use super::web::Subscription;
use crate::node::{Node, stopped};
use crate::secret;

/// How long a push service may take for one request.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(10);
/// How often the store is looked at without a bell: what is to be tried again is that much late at most.
const POLL: Duration = Duration::from_secs(1);
/// How long what found no place waits.
const DEFERRAL: Duration = Duration::from_millis(500);
/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// How many requests may be under way at once: in all, for one application, to one host.
const PLACES: (usize, usize, usize) = (512, 128, 64);
/// How long requests that are under way may take when the program stops. What is cut short is sent again after the start.
const STOP_DEADLINE: Duration = Duration::from_secs(2);

/// Runs until the node stops.
pub async fn run(node: Node) {
    if let Err(error) = node.store().release_pushes().await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "pushes of the last run not taken up"
        );
    }
    let mut stopping = node.stopping();
    let mut poll = interval(POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut under_way = JoinSet::new();
    let mut places = Places::default();
    loop {
        tokio::select! {
            _ = poll.tick() => {}
            () = node.push().rung() => {}
            Some(ended) = under_way.join_next() => note_end(ended),
            () = stopped(&mut stopping) => break,
        }
        if let Err(error) = deliver_due(&node, &mut under_way, &mut places).await {
            tracing::error!(error = &error as &dyn std::error::Error, "pushes not sent");
        }
    }
    let rest = async {
        while let Some(ended) = under_way.join_next().await {
            note_end(ended);
        }
    };
    if timeout(STOP_DEADLINE, rest).await.is_err() {
        under_way.shutdown().await;
    }
}

async fn deliver_due(node: &Node, under_way: &mut JoinSet<()>, places: &mut Places) -> Result<(), StoreError> {
    loop {
        let room = u32::try_from(PLACES.0.saturating_sub(under_way.len())).unwrap_or(0);
        if room == 0 {
            return Ok(());
        }
        let now = node.clock().now();
        let due = node.store().claim_pushes(now, room).await?;
        let is_all = (due.len() as u64) < u64::from(room);
        let mut crowded = Vec::new();
        for delivery in due {
            match places.take(&delivery) {
                Some(place) => drop(under_way.spawn(deliver(node.clone(), delivery, place))),
                None => crowded.push(delivery.claim),
            }
        }
        let deferred = join_all(
            crowded
                .iter()
                .map(|claim| node.store().defer_push(*claim, now + DEFERRAL)),
        );
        deferred.await.into_iter().collect::<Result<(), _>>()?;
        if is_all {
            return Ok(());
        }
    }
}

async fn deliver(node: Node, delivery: PushDelivery, _place: Place) {
    let now = node.clock().now();
    let outcome = node.push().send(&delivery, now).await;
    let service = word(delivery.token.service);
    metrics::counter!("offhook_pushes_total", "service" => service, "outcome" => outcome.as_str()).increment(1);
    let (call_id, notice) = (delivery.call.id, delivery.notice.as_str());
    match outcome {
        Outcome::Refused(reason) if reason != "not_configured" => {
            tracing::warn!(call.id = %call_id, service, notice, reason, "push refused");
        }
        _ => tracing::debug!(
            call.id = %call_id, service, notice, outcome = outcome.as_str(), reason = outcome.reason(), "push sent"
        ),
    }
    if let Err(error) = note(&node, &delivery, outcome).await {
        tracing::error!(error = &error as &dyn std::error::Error, "outcome of a push not noted");
    }
}

async fn note(node: &Node, delivery: &PushDelivery, outcome: Outcome) -> Result<(), StoreError> {
    let (store, claim) = (node.store(), delivery.claim);
    match outcome {
        Outcome::Delivered | Outcome::Refused(_) => store.finish_push(claim).await?,
        Outcome::Dead => store.forget_push_token(claim).await?,
        Outcome::Later(_, asked) => {
            match next_attempt(
                node.clock().now(),
                delivery.attempts,
                delivery.expires_at,
                asked,
                u16::from_be_bytes(secret::random()),
            ) {
                Some(at) => store.retry_push(claim, at).await?,
                None => store.finish_push(claim).await?,
            }
        }
    }
    // What took its place while it was sent is due.
    node.push().ring();
    Ok(())
}

/// When to try again; never, if it is not worth telling by then. `chance` spreads those that failed together.
fn next_attempt(
    now: Timestamp,
    attempts: u32,
    expires_at: Timestamp,
    asked: Option<Duration>,
    chance: u16,
) -> Option<Timestamp> {
    let doubled = FIRST_WAIT.saturating_mul(1 << attempts.min(12)).min(LONGEST_WAIT);
    let wait = asked.unwrap_or(doubled).max(doubled);
    let spread = doubled.mul_f64(f64::from(chance) / f64::from(u16::MAX) / 2.0);
    Some(now + wait + spread).filter(|at| *at < expires_at)
}

fn note_end(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(error = %error, "a push did not end well");
    }
}

const fn word(service: PushService) -> &'static str {
    match service {
        PushService::Fcm => "fcm",
        PushService::Apns => "apns",
        PushService::Web => "web",
    }
}

/// Who has how many requests under way.
#[derive(Default)]
struct Places {
    of_application: HashMap<AppKey, Arc<Semaphore>>,
    of_host: HashMap<String, Arc<Semaphore>>,
}

/// The right to a request under way; it ends when dropped.
struct Place {
    _of_application: OwnedSemaphorePermit,
    _of_host: OwnedSemaphorePermit,
}

impl Places {
    fn take(&mut self, delivery: &PushDelivery) -> Option<Place> {
        let host = match delivery.token.service {
            PushService::Web => Subscription::host_of(&delivery.token),
            service @ (PushService::Fcm | PushService::Apns) => word(service).to_owned(),
        };
        Some(Place {
            _of_application: place(&mut self.of_application, delivery.call.app, PLACES.1)?,
            _of_host: place(&mut self.of_host, host, PLACES.2)?,
        })
    }
}

fn place<K: Hash + Eq>(places: &mut HashMap<K, Arc<Semaphore>>, key: K, most: usize) -> Option<OwnedSemaphorePermit> {
    // Those that nobody is at need no row.
    if places.len() >= PLACES.0 {
        places.retain(|_, semaphore| semaphore.available_permits() < most);
    }
    let semaphore = places.entry(key).or_insert_with(|| Arc::new(Semaphore::new(most)));
    Arc::clone(semaphore).try_acquire_owned().ok()
}

#[cfg(test)]
mod tests;
