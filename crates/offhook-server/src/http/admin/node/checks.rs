//! What the numbers of a moment mean. The machine's own affairs are `offhook doctor`'s.

use std::time::Duration;

use offhook_proto::admin::{CheckState, NodeCheck};

const MIB: u64 = 1024 * 1024;
/// Below this, a store may fail to grow at any moment.
const LEAST_FREE_BYTES: u64 = 100 * MIB;
/// Below this, somebody should look.
const LITTLE_FREE_BYTES: u64 = 1024 * MIB;
/// A heartbeat comes every five seconds: later than this, the store or the clock is slow.
const LATE_HEARTBEAT: Duration = Duration::from_secs(15);
/// Later than this, the server does not do its rounds.
const LOST_HEARTBEAT: Duration = Duration::from_secs(60);
/// More deliveries than this wait only for receivers that do not answer.
const MANY_DELIVERIES: u64 = 1_000;
/// More pushes than this wait only for a service that does not answer.
const MANY_PUSHES: u64 = 1_000;

/// What is judged.
pub struct Seen {
    /// What is free on the store's disk, if it could be asked.
    pub free_bytes: Option<u64>,
    /// How long ago this node said that it lives; nothing if another has taken its place.
    pub heartbeat_age: Option<Duration>,
    /// Webhook deliveries that wait.
    pub waiting_deliveries: u64,
    /// Those that were given up.
    pub dead_deliveries: u64,
    /// Pushes that wait.
    pub waiting_pushes: u64,
}

/// Judges.
pub fn judge(seen: &Seen) -> Vec<NodeCheck> {
    vec![
        disk_space(seen.free_bytes),
        heartbeat(seen.heartbeat_age),
        deliveries(seen.waiting_deliveries, seen.dead_deliveries),
        pushes(seen.waiting_pushes),
    ]
}

fn disk_space(free_bytes: Option<u64>) -> NodeCheck {
    let Some(free_bytes) = free_bytes else {
        return check("disk space", CheckState::Bad, "The data folder cannot be looked at.");
    };
    let free = free_bytes / MIB;
    let (state, detail) = if free_bytes < LEAST_FREE_BYTES {
        let detail = format!("Only {free} MiB are free: a store that cannot grow refuses calls. Make room.");
        (CheckState::Bad, detail)
    } else if free_bytes < LITTLE_FREE_BYTES {
        let detail = format!("Only {free} MiB are free: make room before it runs out.");
        (CheckState::Warning, detail)
    } else {
        (CheckState::Good, format!("{free} MiB are free."))
    };
    check("disk space", state, detail)
}

fn heartbeat(age: Option<Duration>) -> NodeCheck {
    let Some(age) = age else {
        let detail = "Another server has taken this one's place in the store: stop one of them.";
        return check("heartbeat", CheckState::Bad, detail);
    };
    let seconds = age.as_secs();
    let state = if age >= LOST_HEARTBEAT {
        CheckState::Bad
    } else if age >= LATE_HEARTBEAT {
        CheckState::Warning
    } else {
        CheckState::Good
    };
    check(
        "heartbeat",
        state,
        format!("The last was {seconds} s ago; one is due every 5 s."),
    )
}

fn deliveries(waiting: u64, dead: u64) -> NodeCheck {
    let (state, detail) = if waiting > MANY_DELIVERIES {
        let detail = format!("{waiting} deliveries wait: a receiver does not answer, or is slow.");
        (CheckState::Warning, detail)
    } else if dead > 0 {
        let detail = format!("{dead} deliveries were given up: see why, and send them again.");
        (CheckState::Warning, detail)
    } else {
        (
            CheckState::Good,
            format!("{waiting} deliveries wait, none was given up."),
        )
    };
    check("webhooks", state, detail)
}

fn pushes(waiting: u64) -> NodeCheck {
    let (state, detail) = if waiting > MANY_PUSHES {
        let detail = format!("{waiting} pushes wait: a push service does not answer, or refuses this server.");
        (CheckState::Warning, detail)
    } else {
        (CheckState::Good, format!("{waiting} pushes wait."))
    };
    check("pushes", state, detail)
}

fn check(name: &str, state: CheckState, detail: impl Into<String>) -> NodeCheck {
    NodeCheck {
        name: name.to_owned(),
        state,
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests;
