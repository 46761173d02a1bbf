//! Tells applications' servers of calls, from the outbox of the store.
//!
//! ```text
//!  outbox ─▶ due ─▶ choose (few a receiver) ─▶ sign ─▶ post ─▶ taken: the next of the call · not taken: again later
//! ```
//!
//! At least once and in order for each call: what was sent when the process ended without a word is sent again.
//! [`request`] judges what a dial asks for, [`signature`] proves to the receiver who speaks.

mod queue;
pub mod request;
pub mod signature;

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use offhook_core::call::Happening;
use offhook_core::time::Timestamp;
use offhook_core::webhook::EventCategory;
use offhook_proto::webhook::WebhookEvent;
use offhook_store::{DueEvent, EventNumber, Settlement, StoreError};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tracing::Instrument as _;

use crate::credential;
use crate::node::{Node, stopped};
use crate::outbound::OutboundError;
use crate::secret::NotOpened;
use crate::telemetry::spans;
use queue::InFlight;

/// How often the outbox is looked at in case nobody said that there is something: also how late a retry may be.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is counted.
const COUNT: Duration = Duration::from_secs(10);
/// How many events are read at once: enough for many receivers beside some that do not answer.
const BATCH: u32 = 1024;
/// How long a receiver may take to answer: the published interface waits as long.
const ANSWER_DEADLINE: Duration = Duration::from_secs(5);
/// How long a receiver that fails is tried: the last time at the end of it.
const TRIED_FOR: Duration = Duration::from_secs(24 * 3600);
/// How long to wait after each failure; then as after the last of them.
const DELAYS: [Duration; 8] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(2 * 3600),
];

/// Wakes whoever tells.
#[derive(Debug, Default)]
pub struct Webhooks {
    has_news: Notify,
}

impl Webhooks {
    /// After a step of a call: if it is one that may be told, the outbox is looked at.
    pub fn follow(&self, is_new: bool, happened: &[Happening]) {
        if EventCategory::of_step(is_new, happened).next().is_some() {
            self.has_news.notify_one();
        }
    }
}

/// Why a receiver was not told.
#[derive(Debug, thiserror::Error)]
enum NotTold {
    /// The host is not on the application's list any more.
    #[error("the host is not on the application's list any more")]
    NotAllowed,
    /// The secrets do not open, or are no address.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    /// The receiver answered, but not with a success.
    #[error("the receiver answered {0}")]
    Refused(u16),
    /// There was no answer.
    #[error(transparent)]
    NoAnswer(#[from] OutboundError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NotTold {
    /// Whether to try again would be in vain.
    const fn is_final(&self) -> bool {
        match self {
            Self::NotAllowed | Self::NotOpened(_) => true,
            Self::Refused(_) | Self::NoAnswer(_) | Self::Store(_) => false,
        }
    }
}

/// Runs until the node stops. What is being sent then may end first.
pub async fn run(node: Node) {
    let mut stopping = node.stopping();
    let (mut look, mut count) = (interval(LOOK), interval(COUNT));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    count.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut in_flight = InFlight::default();
    let mut sending = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(number) = sending.next() => in_flight.remove(number),
            () = node.webhooks().has_news.notified() => {}
            _ = look.tick() => {}
            _ = count.tick() => {
                count_waiting(&node).await;
                continue;
            }
            () = stopped(&mut stopping) => break,
        }
        if !in_flight.has_room() {
            continue;
        }
        match node.store().due_events(node.clock().now(), BATCH).await {
            Ok(due) => sending.extend(in_flight.choose(due).into_iter().map(|event| tell(&node, event))),
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "the outbox was not read"),
        }
    }
    // What does not end in time is sent again after the start.
    _ = timeout(ANSWER_DEADLINE, async { while sending.next().await.is_some() {} }).await;
}

async fn count_waiting(node: &Node) {
    match node.store().waiting_events().await {
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        Ok(waiting) => metrics::gauge!("offhook_webhooks_waiting").set(waiting as f64),
        Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "the outbox was not counted"),
    }
}

/// Sends an event once, and notes what became of it.
async fn tell(node: &Node, event: DueEvent) -> EventNumber {
    let span = spans::webhook(event.call.id, event.category.as_str());
    let outcome = send(node, &event).instrument(span.clone()).await;
    span.record("outcome", if outcome.is_ok() { "delivered" } else { "failed" });
    let now = node.clock().now();
    let settlement = match &outcome {
        Ok(()) => Settlement::Done,
        Err(error) if error.is_final() => Settlement::Done,
        Err(_) => again_at(event.attempts, event.created_at, now).map_or(Settlement::Done, Settlement::Again),
    };
    record(&event, &outcome, settlement);
    if let Err(error) = node.store().settle_event(event.number, settlement, now).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "what became of a webhook was not noted"
        );
        // It is due still: not to be sent over and over while the store fails.
        sleep(LOOK).await;
    }
    event.number
}

async fn send(node: &Node, event: &DueEvent) -> Result<(), NotTold> {
    let application = node.store().application(event.app).await?;
    let application = application.filter(|application| application.webhook_hosts.contains(&event.host));
    let application = application.ok_or(NotTold::NotAllowed)?;
    let target = request::open(node.key(), event.app, event.call.id, &event.webhook)?;
    let body = WebhookEvent::of(
        event.category,
        event.created_at,
        event.sequence,
        application.id,
        &event.call,
    );
    // Only maps with keys that are no text cannot be written.
    let body = serde_json::to_vec(&body).map_err(|_| NotOpened)?;
    let mut headers = target.headers;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    sign(node, event, &body, &mut headers).await?;
    let answer = node
        .outbound()
        .post(&target.url, headers, body, ANSWER_DEADLINE)
        .await?;
    if answer.is_success() {
        Ok(())
    } else {
        Err(NotTold::Refused(answer.status))
    }
}

async fn sign(node: &Node, event: &DueEvent, body: &[u8], headers: &mut HeaderMap) -> Result<(), NotTold> {
    let now = node.clock().now();
    let mut keys = Vec::new();
    for sealed in node.store().webhook_keys(event.app, now).await? {
        keys.push(credential::open_webhook_key(node.key(), &sealed)?);
    }
    signature::sign(&keys, now, body, headers);
    Ok(())
}

/// When an event is sent again that failed now after so many failures; never, where it was tried long enough.
fn again_at(failures_before: u32, created_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let last = created_at + TRIED_FOR;
    let index = usize::try_from(failures_before).unwrap_or(usize::MAX);
    let delay = DELAYS.get(index).or(DELAYS.last()).copied().unwrap_or(LOOK);
    (now < last).then(|| (now + delay).min(last))
}

/// The address is a secret of the application: it is in no line.
fn record(event: &DueEvent, outcome: &Result<(), NotTold>, settlement: Settlement) {
    let (app, call, category, attempts) = (event.app.0, event.call.id, event.category, event.attempts + 1);
    let outcome_word = match (outcome, settlement) {
        (Ok(()), _) => {
            tracing::debug!(app.key = app, call.id = %call, category = %category, attempts, "webhook delivered");
            "delivered"
        }
        (Err(error), Settlement::Again(_)) => {
            tracing::debug!(app.key = app, call.id = %call, category = %category, attempts, error = %error, "webhook not delivered");
            "failed"
        }
        (Err(error), Settlement::Done) => {
            tracing::warn!(app.key = app, call.id = %call, category = %category, attempts, error = %error, "webhook given up");
            "given_up"
        }
    };
    metrics::counter!("offhook_webhooks_total", "outcome" => outcome_word).increment(1);
}

#[cfg(test)]
mod tests;
