//! Tells applications' servers of calls, from the outbox of the store.
//!
//! ```text
//!  outbox ─▶ due ─▶ choose (few a lane) ─▶ load, together ─▶ sign and post ─▶ settle, together
//!                                                                                │
//!    taken: the next of the call is due · not taken: the same again later, for a day, then given up
//! ```
//!
//! At least once and in order for each call: what was sent when the process ended without a word is sent again.
//! [`request`] judges what a dial asks for, [`subscription`] what an application does, [`queue`] says what is sent next,
//! [`sending`] sends it, [`schedule`] when again, [`signature`] proves to the receiver who speaks, and [`upkeep`] sweeps.

mod queue;
pub mod request;
mod schedule;
mod sending;
pub mod signature;
pub mod subscription;
pub mod upkeep;

use std::collections::HashSet;
use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use offhook_store::{DueEvent, EventNumber, StoreError};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::node::{Node, stopped};
use queue::{InFlight, MAX_PER_LANE, Pace};
use sending::{ANSWER_DEADLINE, Batch, Told, tell};

/// How often the outbox is looked at in case nobody said that there is something: also how late a retry may be.
const LOOK: Duration = Duration::from_secs(1);
/// How many events are read at once: enough for many receivers beside some that do not answer.
const BATCH: u32 = 2048;

/// Wakes whoever tells.
#[derive(Debug, Default)]
pub struct Webhooks {
    has_news: Notify,
}

impl Webhooks {
    /// Something waits in the outbox.
    pub fn ring(&self) {
        self.has_news.notify_one();
    }
}

/// Runs until the node stops. What is being sent then may end first.
pub async fn run(node: Node) {
    let mut stopping = node.stopping();
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut in_flight = InFlight::default();
    let mut sending = FuturesUnordered::new();
    let mut told: Vec<Told> = Vec::new();
    // One at a time of each of these: what comes meanwhile goes together with the next.
    let (mut settling, mut reading, mut loading) = (
        FuturesUnordered::new(),
        FuturesUnordered::new(),
        FuturesUnordered::new(),
    );
    let mut may_be_due = true;
    loop {
        if settling.is_empty() && !told.is_empty() {
            settling.push(settle(&node, take(&mut told)));
        }
        if may_be_due && reading.is_empty() && loading.is_empty() && in_flight.has_room() {
            may_be_due = false;
            reading.push(read(&node));
        }
        tokio::select! {
            Some(first) = sending.next() => {
                told.push(first);
                while let Some(Some(next)) = sending.next().now_or_never() {
                    told.push(next);
                }
            }
            Some(settled) = settling.next() => {
                for (number, pace) in settled {
                    in_flight.remove(number, pace);
                }
                may_be_due = true;
            }
            Some(due) = reading.next() => {
                let chosen = in_flight.choose(due);
                if !chosen.is_empty() {
                    loading.push(load(&node, chosen));
                }
            }
            Some((numbers, batch)) = loading.next() => {
                let batch: Batch = batch;
                let loaded: HashSet<_> = batch.events.iter().map(|event| event.number).collect();
                for number in numbers {
                    if !loaded.contains(&number) {
                        in_flight.forget(number);
                    }
                }
                let speakers = Arc::new(batch.speakers);
                sending.extend(batch.events.into_iter().map(|event| tell(&node, Arc::clone(&speakers), event)));
            }
            () = node.webhooks().has_news.notified() => may_be_due = true,
            _ = look.tick() => may_be_due = true,
            () = stopped(&mut stopping) => break,
        }
    }
    // What does not end in time is sent again after the start.
    let ended = async {
        while let Some(last) = sending.next().await {
            told.push(last);
        }
    };
    _ = timeout(ANSWER_DEADLINE, ended).await;
    while settling.next().await.is_some() {}
    if !told.is_empty() {
        settle(&node, told).await;
    }
}

async fn read(node: &Node) -> Vec<DueEvent> {
    let due = node.store().due_events(node.clock().now(), MAX_PER_LANE, BATCH).await;
    due.unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the outbox was not read");
        Vec::new()
    })
}

/// Gives what was asked for, too: what is not in the batch is not sent now.
async fn load(node: &Node, numbers: Vec<EventNumber>) -> (Vec<EventNumber>, Batch) {
    let batch = Batch::load(node, numbers.clone()).await.unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the outbox was not read");
        Batch::default()
    });
    (numbers, batch)
}

/// Notes what became of events, in one unit of work.
async fn settle(node: &Node, told: Vec<Told>) -> Vec<(EventNumber, Pace)> {
    let paces = told.iter().map(|told| (told.number, told.pace)).collect();
    let settlements = told.into_iter().map(|told| (told.number, told.settlement)).collect();
    let settled: Result<(), StoreError> = node.store().settle_events(settlements, node.clock().now()).await;
    if let Err(error) = settled {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "what became of webhooks was not noted"
        );
        // They are due still: not to be sent over and over while the store fails.
        sleep(LOOK).await;
    }
    paces
}
