//! What happens without anybody asking: deadlines of calls, lost doorbells, heartbeats, the clock.

use std::time::Duration;

use offhook_core::call::Input;
use offhook_store::{Actor, CallError, ChangeNumber};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::bus::Doorbell;
use crate::node::{Node, stopped};

/// How often deadlines are looked for: what a ring or a lost call may last longer than it should.
const SWEEP: Duration = Duration::from_millis(250);
/// How often changes are read in case their doorbell was lost.
const POLL: Duration = Duration::from_secs(1);
/// How often the node says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Without a heartbeat for this long, nobody served: lost parties get their time anew.
const OUTAGE: Duration = Duration::from_secs(20);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How much one round takes on.
const BATCH: u32 = 256;

/// Runs until the node stops.
pub async fn run(node: Node) {
    let mut stopping = node.stopping();
    let (mut sweep, mut poll, mut heartbeat) = (interval(SWEEP), interval(POLL), interval(HEARTBEAT));
    for timer in [&mut sweep, &mut poll, &mut heartbeat] {
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    let mut polled = None;
    let mut last_heartbeat = Instant::now();
    loop {
        let result = tokio::select! {
            _ = sweep.tick() => expire_due(&node).await,
            _ = poll.tick() => poll_changes(&node, &mut polled).await,
            _ = heartbeat.tick() => beat(&node, &mut last_heartbeat).await,
            () = stopped(&mut stopping) => return,
        };
        if let Err(error) = result {
            tracing::error!(error = &error as &dyn std::error::Error, "sweeping failed");
        }
    }
}

async fn expire_due(node: &Node) -> Result<(), CallError> {
    let now = node.clock().now();
    for (app, call_id) in node.store().due_calls(now, BATCH).await? {
        match node
            .store()
            .apply(app, call_id, Actor::System, Input::Expire, node.clock().now())
            .await
        {
            Ok(change) => node.announce(&change),
            Err(error @ CallError::Store(_)) => return Err(error),
            Err(error) => tracing::warn!(error = %error, call.id = %call_id, "a deadline was refused"),
        }
    }
    Ok(())
}

/// Rings for what changed since the last look and was not announced here.
async fn poll_changes(node: &Node, polled: &mut Option<ChangeNumber>) -> Result<(), CallError> {
    let Some(last) = polled else {
        *polled = Some(node.store().last_change().await?);
        return Ok(());
    };
    loop {
        let changes = node.store().changes_since(*last, BATCH).await?;
        let (read, newest) = (changes.len(), changes.last().copied());
        for change in node.announced().missing(changes) {
            if let Some(call) = node.store().changed_call(change).await? {
                node.tickets().follow(&call);
                node.bus().ring_call(call);
            }
        }
        *last = newest.unwrap_or(*last);
        if read < BATCH as usize {
            break;
        }
    }
    node.announced().forget(*last);
    Ok(())
}

async fn beat(node: &Node, last_heartbeat: &mut Instant) -> Result<(), CallError> {
    node.throttle().sweep();
    node.administration().attempts.sweep(node.clock().now());
    let before = node.clock().now();
    let step = node.clock().discipline();
    let now = node.clock().now();
    if let Some(step) = step {
        tracing::warn!(
            skew_ms = offhook_core::time::millis(step),
            "the clock was off and has been set"
        );
    }
    if step.is_some() || last_heartbeat.elapsed() > OUTAGE {
        for change in node.store().resume_all(before, now).await? {
            node.announce(&change);
        }
        node.bus().ring_all(&Doorbell::Resumed);
    }
    node.store().node_heartbeat(node.id(), now).await?;
    node.store().sweep_sessions(now, BATCH).await?;
    node.store().sweep_admin_sessions(now).await?;
    if let days @ 1.. = node.config().admin.audit_retention_days {
        node.store().sweep_audit(now - DAY * days).await?;
    }
    *last_heartbeat = Instant::now();
    Ok(())
}
