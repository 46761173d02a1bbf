//! Carries words to devices: takes what is due from the store, sends it, and notes what became of it.
//!
//! A service that is slow holds up nobody else's: no host, no application and no callee may have more than its share under
//! way, and missed calls have half of it, so that a ring finds a place. What finds none waits in the store, untouched.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use offhook_core::id::{AppKey, UserKey};
use offhook_core::time::Timestamp;
use offhook_store::{PushDelivery, PushDeliveryId, PushesToSkip, StoreError};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::outcome::Outcome;
use crate::node::{Node, stopped};
use crate::secret;

/// How long a push service may take for one request.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(10);
/// How often the store is looked at without a bell: what is to be tried again is that much late at most.
const POLL: Duration = Duration::from_secs(1);
/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// How many requests may be under way at once.
const PLACES: usize = 512;
/// How many of them for one application.
const PLACES_OF_APPLICATION: usize = 128;
/// How many of them to one host.
const PLACES_OF_HOST: usize = 64;
/// How many of them to the devices of one callee.
const PLACES_OF_CALLEE: usize = 4;
/// How often one look goes to the store: each time on finds what stands behind those that were crowded before.
const READS: usize = 8;
/// How long requests that are under way may take when the program stops. What is cut short is sent again after the start.
const STOP_DEADLINE: Duration = Duration::from_secs(2);

/// Runs until the node stops.
pub async fn run(node: Node) {
    let mut stopping = node.stopping();
    let mut poll = interval(POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut under_way = JoinSet::new();
    let mut places = Places::default();
    loop {
        let mut done = Ok(());
        tokio::select! {
            _ = poll.tick() => {
                let sent: Vec<_> = places.deliveries().collect();
                done = node.store().drop_expired_pushes(node.clock().now(), &sent).await;
            }
            () = node.push().rung() => {}
            Some(ended) = under_way.join_next_with_id() => places.leave(ended),
            () = stopped(&mut stopping) => break,
        }
        while let Some(ended) = under_way.try_join_next_with_id() {
            places.leave(ended);
        }
        if done.is_ok() {
            done = deliver_due(&node, &mut under_way, &mut places).await;
        }
        if let Err(error) = done {
            tracing::error!(error = &error as &dyn std::error::Error, "pushes not sent");
        }
    }
    // What is cut short was not settled: it is due after the start.
    let rest = async {
        while let Some(ended) = under_way.join_next_with_id().await {
            places.leave(ended);
        }
    };
    if timeout(STOP_DEADLINE, rest).await.is_err() {
        under_way.shutdown().await;
    }
}

async fn deliver_due(node: &Node, under_way: &mut JoinSet<()>, places: &mut Places) -> Result<(), StoreError> {
    let mut skip = PushesToSkip {
        callees: places.full_callees(),
        ..PushesToSkip::default()
    };
    for _ in 0..READS {
        let room = u32::try_from(PLACES.saturating_sub(under_way.len())).unwrap_or(0);
        if room == 0 {
            break;
        }
        skip.under_way = places.deliveries().collect();
        let due = node.store().due_pushes(node.clock().now(), &skip, room).await?;
        if due.is_empty() {
            break;
        }
        for delivery in due {
            match places.crowd(&delivery) {
                None => {
                    let holder = Holder::of(&delivery);
                    let task = under_way.spawn(deliver(node.clone(), delivery));
                    places.enter(task.id(), holder);
                }
                Some(Crowd::Callee) => note_once(&mut skip.callees, delivery.call.callee.user),
                Some(Crowd::Lane) => note_once(&mut skip.lanes, delivery.lane),
            }
        }
    }
    Ok(())
}

async fn deliver(node: Node, delivery: PushDelivery) {
    let now = node.clock().now();
    let outcome = node.push().send(&delivery, now).await;
    let service = delivery.token.service.as_str();
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
        // It is due still: not to be sent over and over while the store fails.
        sleep(POLL).await;
    }
}

async fn note(node: &Node, delivery: &PushDelivery, outcome: Outcome) -> Result<(), StoreError> {
    let (store, id) = (node.store(), delivery.id);
    match outcome {
        Outcome::Delivered | Outcome::Refused(_) => store.finish_push(id).await?,
        Outcome::Dead => store.forget_push_token(id).await?,
        Outcome::Later(_, asked) => {
            match next_attempt(
                node.clock().now(),
                delivery.attempts,
                delivery.expires_at,
                asked,
                u16::from_be_bytes(secret::random()),
            ) {
                Some(at) => store.retry_push(id, at).await?,
                None => store.finish_push(id).await?,
            }
        }
    }
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

/// Who has how many requests under way.
#[derive(Default)]
struct Places {
    holders: HashMap<Id, Holder>,
    of_application: HashMap<AppKey, usize>,
    of_host: HashMap<String, usize>,
    of_callee: HashMap<UserKey, usize>,
}

/// Whose a request under way is.
#[derive(Debug, Clone)]
struct Holder {
    delivery: PushDeliveryId,
    application: AppKey,
    host: String,
    callee: UserKey,
}

impl Holder {
    fn of(delivery: &PushDelivery) -> Self {
        Self {
            delivery: delivery.id,
            application: delivery.call.app,
            host: delivery.token.host.clone(),
            callee: delivery.call.callee.user,
        }
    }
}

/// Who has no place left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crowd {
    Callee,
    Lane,
}

impl Places {
    /// Who has no place for a delivery, if anybody.
    fn crowd(&self, delivery: &PushDelivery) -> Option<Crowd> {
        self.crowd_of(&Holder::of(delivery), delivery.notice.is_urgent())
    }

    fn crowd_of(&self, holder: &Holder, is_urgent: bool) -> Option<Crowd> {
        let share = |most: usize| if is_urgent { most } else { most / 2 };
        let is_full = |taken: Option<&usize>, most| taken.is_some_and(|taken| *taken >= share(most));
        if is_full(self.of_application.get(&holder.application), PLACES_OF_APPLICATION)
            || is_full(self.of_host.get(&holder.host), PLACES_OF_HOST)
        {
            return Some(Crowd::Lane);
        }
        is_full(self.of_callee.get(&holder.callee), PLACES_OF_CALLEE).then_some(Crowd::Callee)
    }

    fn enter(&mut self, task: Id, holder: Holder) {
        *self.of_application.entry(holder.application).or_default() += 1;
        *self.of_host.entry(holder.host.clone()).or_default() += 1;
        *self.of_callee.entry(holder.callee).or_default() += 1;
        self.holders.insert(task, holder);
    }

    /// However a request ended, its place is free, and what is not settled is due.
    fn leave(&mut self, ended: Result<(Id, ()), JoinError>) {
        let task = match ended {
            Ok((task, ())) => task,
            Err(error) => {
                tracing::error!(error = %error, "a push did not end well");
                error.id()
            }
        };
        if let Some(holder) = self.holders.remove(&task) {
            give_back(&mut self.of_application, &holder.application);
            give_back(&mut self.of_host, &holder.host);
            give_back(&mut self.of_callee, &holder.callee);
        }
    }

    fn deliveries(&self) -> impl Iterator<Item = PushDeliveryId> {
        self.holders.values().map(|holder| holder.delivery)
    }

    fn full_callees(&self) -> Vec<UserKey> {
        let full = self.of_callee.iter().filter(|(_, taken)| **taken >= PLACES_OF_CALLEE);
        full.map(|(callee, _)| *callee).collect()
    }
}

fn note_once<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

/// Those that have nothing under way need no row.
fn give_back<K: Hash + Eq>(taken: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = taken.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            taken.remove(key);
        }
    }
}

#[cfg(test)]
mod tests;
