//! What goes with time, or with whoever is deleted: bit by bit, beside the calls that live.

use std::time::Duration;

use offhook_core::call::Input;
use offhook_core::id::{AppKey, UserKey};
use offhook_core::time::Timestamp;
use offhook_store::{Actor, ApplicationError, CallError, Removed, Store, StoreError};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::bus::Doorbell;
use crate::node::{Node, stopped};

/// How often there is a look: what is deleted is gone within minutes, not in this moment.
const SWEEP: Duration = Duration::from_secs(60);
/// How long others have the writer to themselves between two units of work, each of which takes a few milliseconds.
const PAUSE: Duration = Duration::from_millis(10);
/// How many deleted users are looked at in one sweep.
const ERASURES: u32 = 1_000;
/// How many calls are ended at once when their application is deleted.
const CALLS: u32 = 256;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a sweep has removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows of applications that were deleted.
    pub of_applications: u64,
    /// Calls that have forgotten a deleted user.
    pub forgotten: u64,
    /// Rows of calls and measurements whose time is over.
    pub old: u64,
}

/// Sweeps until the node stops.
pub async fn run(node: Node) {
    let mut stopping = node.stopping();
    let mut tick = interval(SWEEP);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stopped(&mut stopping) => return,
        }
        tokio::select! {
            // Each unit is whole by itself: one that is under way is carried out, and the next start goes on.
            result = sweep(node.store(), node.clock().now()) => match result {
                Ok(swept) if swept != Swept::default() => tracing::info!(
                    of_applications = swept.of_applications, forgotten = swept.forgotten, old = swept.old,
                    "what was deleted or old was removed"
                ),
                Ok(_) => {}
                Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "removing what is old failed"),
            },
            () = stopped(&mut stopping) => return,
        }
    }
}

/// Removes all there is to remove.
///
/// # Errors
/// If the store failed; what was removed until then is gone, and the next sweep goes on.
pub async fn sweep(store: &Store, now: Timestamp) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    for app in store.deleted_applications().await? {
        swept.of_applications += Work::Application(app).do_all(store).await?;
    }
    for erasure in store.erasures(ERASURES).await? {
        swept.forgotten += Work::User(erasure.user).do_all(store).await?;
    }
    for application in store.list_applications().await? {
        let app = application.key;
        if let Some(days) = application.call_retention_days {
            let before = now - DAY * days;
            swept.old += Work::Calls { app, before, now }.do_all(store).await?;
        }
        if let Some(days) = application.quality_retention_days {
            let before = now - DAY * days;
            swept.old += Work::Quality { app, before }.do_all(store).await?;
        }
    }
    Ok(swept)
}

/// What is to be removed.
#[derive(Debug, Clone, Copy)]
enum Work {
    /// What belonged to a deleted application.
    Application(AppKey),
    /// A deleted user, from past calls.
    User(UserKey),
    /// Calls that ended before.
    Calls {
        app: AppKey,
        before: Timestamp,
        now: Timestamp,
    },
    /// Measurements of calls that ended before.
    Quality { app: AppKey, before: Timestamp },
}

impl Work {
    /// Does it unit by unit, and pauses in between. Gives how many rows are gone.
    async fn do_all(self, store: &Store) -> Result<u64, StoreError> {
        let mut rows = 0;
        loop {
            let removed = self.unit(store).await?;
            rows += removed.rows;
            if !removed.has_more {
                return Ok(rows);
            }
            sleep(PAUSE).await;
        }
    }

    async fn unit(self, store: &Store) -> Result<Removed, StoreError> {
        match self {
            Self::Application(app) => store.remove_of_application(app).await,
            Self::User(user) => store.erase_user(user).await,
            Self::Calls { app, before, now } => store.remove_old_calls(app, before, now).await,
            Self::Quality { app, before } => store.remove_old_quality(app, before).await,
        }
    }
}

/// Deletes an application: its calls end, its sockets close, nobody finds it any more. What belonged to it is removed by the
/// next sweeps.
///
/// # Errors
/// If there is none, or the store failed.
pub async fn delete_application(node: &Node, app: AppKey) -> Result<(), ApplicationError> {
    if let Err(error) = end_calls(node, app).await {
        // They end all the same when their devices lose their sessions.
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "calls of a deleted application could not be ended"
        );
    }
    node.store().delete_application(app, node.clock().now()).await?;
    node.bus().ring_all(&Doorbell::Sessions);
    Ok(())
}

async fn end_calls(node: &Node, app: AppKey) -> Result<(), CallError> {
    loop {
        let calls = node.store().live_calls_of_application(app, CALLS).await?;
        if calls.is_empty() {
            return Ok(());
        }
        for call in calls {
            let input = Input::Expel { user: call.caller.user };
            let now = node.clock().now();
            let change = node.store().apply(app, call.id, Actor::System, input, now).await?;
            node.announce(&change);
        }
    }
}
