//! Looks whether the sessions of open sockets still hold, in case the doorbell of an end was lost or nobody rang: time has
//! passed, or the command line has changed something.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use offhook_core::id::{AppKey, SessionId, UserKey};
use offhook_store::StoreError;
use tokio::time::{MissedTickBehavior, interval};

use crate::bus::Doorbell;
use crate::node::{Node, stopped};

/// How often: what a session may last longer than it should.
const EVERY: Duration = Duration::from_secs(10);
/// How many sessions are read on one snapshot: others wait for the connection meanwhile.
const AT_ONCE: usize = 256;

/// Runs until the node stops.
pub async fn run(node: Node) {
    let mut stopping = node.stopping();
    let mut timer = interval(EVERY);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut are_relay_only = HashMap::new();
    loop {
        let looked = tokio::select! {
            _ = timer.tick() => look(&node, &mut are_relay_only).await,
            () = stopped(&mut stopping) => return,
        };
        if let Err(error) = looked {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "sessions of open sockets could not be looked at"
            );
        }
    }
}

/// Rings where there is something to see; the sockets do the rest.
async fn look(node: &Node, are_relay_only: &mut HashMap<AppKey, bool>) -> Result<(), StoreError> {
    let now = node.clock().now();
    let applications = node.store().list_applications().await?;
    let before = std::mem::take(are_relay_only);
    are_relay_only.extend(applications.iter().map(|one| (one.key, one.is_relay_only)));
    let holders = node.devices().holders();
    let mut users: HashMap<SessionId, UserKey> = HashMap::with_capacity(holders.len());
    // Once for each user, however many devices have something to see: all of them hear it.
    let mut rung = HashSet::new();
    let mut ring = |user| {
        if rung.insert(user) {
            node.bus().ring(user, Doorbell::Sessions);
        }
    };
    for holder in &holders {
        users.insert(holder.session, holder.user);
        // Of one that was not there before it is not known what its devices were told.
        let has_changed = before.get(&holder.app) != are_relay_only.get(&holder.app);
        // A ticket that was used and not named in time is gone, and none is ahead.
        if has_changed || !node.tickets().has_ahead(holder, now) {
            ring(holder.user);
        }
    }
    let sessions: Vec<_> = users.keys().copied().collect();
    for chunk in sessions.chunks(AT_ONCE) {
        let to_look_at = node.store().sessions_to_look_at(chunk.to_vec(), now).await?;
        to_look_at
            .iter()
            .filter_map(|session| users.get(session).copied())
            .for_each(&mut ring);
    }
    Ok(())
}
