//! `GET /admin/v1/node`: how the server is.

mod checks;

use axum::Json;
use axum::extract::State;
use offhook_proto::admin::{NodeBody, NodeStatus};
use rustix::fs::statvfs;

use self::checks::Seen;
use crate::http::error::ApiError;
use crate::node::Node;

/// Shows it.
pub async fn get(State(node): State<Node>) -> Result<Json<NodeStatus>, ApiError> {
    let census = node.store().census().await;
    let census = census.map_err(|error| ApiError::internal(&error))?;
    let now = node.clock().now();
    let folder = &node.config().data_dir;
    let free_bytes = statvfs(folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let own_heartbeat = census.nodes.iter().find(|(id, _)| *id == node.id());
    let checks = checks::judge(&Seen {
        free_bytes: free_bytes.ok(),
        heartbeat_age: own_heartbeat.map(|(_, at)| now.since(*at)),
        waiting_deliveries: census.waiting_deliveries,
        dead_deliveries: census.dead_deliveries,
        waiting_pushes: census.waiting_pushes,
    });
    let load = node.relay().map(|relay| relay.load()).unwrap_or_default();
    let nodes = census.nodes.iter().map(|(id, at)| NodeBody {
        node_id: format!("{:016x}", id.bits()),
        heartbeat_at: at.as_millis(),
        is_this: *id == node.id(),
    });
    Ok(Json(NodeStatus {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: node.started_at().as_millis(),
        now: now.as_millis(),
        is_ready: !node.is_stopping(),
        sockets: node.devices().open_sockets().into(),
        live_calls: census.live_calls,
        relay_allocations: load.allocations,
        relay_bps: load.bits_per_second,
        waiting_deliveries: census.waiting_deliveries,
        dead_deliveries: census.dead_deliveries,
        waiting_pushes: census.waiting_pushes,
        store_bytes: census.store_bytes,
        free_bytes: free_bytes.unwrap_or(0),
        commits: node.store().written().commits,
        nodes: nodes.collect(),
        checks,
    }))
}
