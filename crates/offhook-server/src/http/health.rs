//! Probes and metrics.

use std::sync::OnceLock;

use axum::extract::State;
use axum::http::StatusCode;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::node::Node;

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the store answers and the node is not about to stop.
pub async fn ready(State(node): State<Node>) -> (StatusCode, &'static str) {
    if node.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match node.store().last_change().await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
    }
}

/// `GET /metrics`, in the Prometheus text format.
pub async fn metrics(State(_node): State<Node>) -> String {
    recorder().map(PrometheusHandle::render).unwrap_or_default()
}

/// The recorder of this process, set up at the first call: a node calls it as it starts, so that nothing goes uncounted.
pub fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let installed = PrometheusBuilder::new().install_recorder();
            installed
                .map_err(|error| tracing::error!(error = %error, "metrics are off"))
                .ok()
        })
        .as_ref()
}

#[cfg(test)]
mod tests;
