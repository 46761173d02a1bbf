//! Looks after the outbox: counts what waits, deletes what was settled long ago, and calls back what a clock put too far off.

use std::time::Duration;

use offhook_store::StoreError;
use tokio::time::{MissedTickBehavior, interval};

use super::schedule::LONGEST;
use crate::node::{Node, stopped};

/// How often.
const ROUND: Duration = Duration::from_secs(10);
/// How much is deleted at once: a few milliseconds of the thread that writes.
const PART: u32 = 256;
/// How many parts are deleted in a round: what more than a hundred events a second leave.
const PARTS: u32 = 8;

/// Runs until the node stops.
pub async fn run(node: Node) {
    let mut stopping = node.stopping();
    let mut round = interval(ROUND);
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = round.tick() => {}
            () = stopped(&mut stopping) => return,
        }
        if let Err(error) = look_after(&node).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the outbox was not looked after"
            );
        }
    }
}

async fn look_after(node: &Node) -> Result<(), StoreError> {
    let waiting = node.store().waiting_events().await?;
    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    metrics::gauge!("offhook_webhooks_waiting").set(waiting as f64);
    let now = node.clock().now();
    // A clock that is slewed meanwhile may be a little behind the one that said when.
    if node.store().recall_events(now, LONGEST + ROUND).await? > 0 {
        node.webhooks().ring();
    }
    for _ in 0..PARTS {
        if node.store().sweep_deliveries(now, PART).await? < PART as usize {
            break;
        }
    }
    Ok(())
}
