//! The Calls Platform API, as existing back ends speak it, and what of it is ours: `/v1/…`.
//!
//! An error is `{"error": true, "code": …, "type": …, "message": …}` with the few codes of [`error`]. Here 400201 means that
//! something is there already. Unknown parameters and unknown fields of requests are ignored.

pub mod direct_calls;
pub mod error;
pub mod usage;
pub mod users;
pub mod webhook_deliveries;
pub mod webhooks;

use axum::Router;
use axum::middleware;
use axum::routing::{any, delete, get, post, put};

use super::nothing_here;
use crate::node::Node;

/// What is served under `/v1`.
pub fn router() -> Router<Node> {
    Router::new()
        .route("/v1/usage", get(usage::get))
        .route("/v1/direct_calls", get(direct_calls::list))
        .route("/v1/direct_calls/{call_id}", get(direct_calls::get))
        .route("/v1/direct_calls/{call_id}/timeline", get(direct_calls::timeline::get))
        .route("/v1/direct_calls/{call_id}/end", post(direct_calls::end))
        .route(
            "/v1/direct_calls/{call_id}/custom_items",
            put(direct_calls::custom_items::put).delete(direct_calls::custom_items::delete),
        )
        .route("/v1/users", get(users::get))
        .route("/v1/users/{user_id}/calls", get(users::calls))
        .route("/v1/users/{user_id}/call_summary", get(users::call_summary))
        .route(
            "/v1/users/{user_id}/push_tokens",
            get(users::push_tokens::get).post(users::push_tokens::post),
        )
        .route(
            "/v1/users/{user_id}/push_tokens/{type}",
            delete(users::push_tokens::delete_type),
        )
        .route(
            "/v1/users/{user_id}/push_tokens/{type}/{token}",
            delete(users::push_tokens::delete),
        )
        .route("/v1/users/{user_id}/sessions", get(users::sessions::get))
        .route(
            "/v1/users/{user_id}/sessions/{session_id}",
            delete(users::sessions::delete),
        )
        .route(
            "/v1/applications/{application_id}/settings/webhook",
            get(webhooks::get).put(webhooks::put),
        )
        .route("/v1/webhook_deliveries", get(webhook_deliveries::get))
        .route("/v1/webhook_deliveries/replay", post(webhook_deliveries::replay_all))
        .route(
            "/v1/webhook_deliveries/{delivery_id}/replay",
            post(webhook_deliveries::replay),
        )
        .route("/v1/{*path}", any(nothing_here))
        .method_not_allowed_fallback(nothing_here)
        // Outermost: whatever refuses a request of these routes, the answer is in their dialect.
        .layer(middleware::map_response(error::in_dialect))
}
