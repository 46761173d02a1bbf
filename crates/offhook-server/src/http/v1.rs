//! The Calls Platform API, as existing back ends speak it, and what of it is ours: `/v1/…`.
//!
//! An error is `{"error": true, "code": …, "type": …, "message": …}` with the few codes of [`error`]. Here 400201 means that
//! something is there already. Unknown parameters and unknown fields of requests are ignored.

pub mod error;
pub mod usage;

use axum::Router;
use axum::middleware;
use axum::routing::{any, get};

use super::nothing_here;
use crate::node::Node;

/// What is served under `/v1`.
pub fn router() -> Router<Node> {
    Router::new()
        .route("/v1/usage", get(usage::get))
        .route("/v1/{*path}", any(nothing_here))
        .method_not_allowed_fallback(nothing_here)
        // Outermost: whatever refuses a request of these routes, the answer is in their dialect.
        .layer(middleware::map_response(error::in_dialect))
}
