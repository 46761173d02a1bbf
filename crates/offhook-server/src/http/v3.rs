//! The Platform API on users and API tokens, as existing back ends speak it: `/v3/…`.
//!
//! An error is `{"error": true, "code": …, "message": …}`. Here 400201 means that something was not found. Unknown
//! fields of requests are ignored.

mod api_token;
pub mod api_tokens;
pub(super) mod query;
pub(super) mod users;

use axum::Router;
use axum::routing::get;

use crate::node::Node;

pub use api_token::CurrentApplication;
pub use query::Query;

/// What is served under `/v3`.
pub fn router() -> Router<Node> {
    Router::new()
        .route(
            "/v3/applications/api_tokens",
            get(api_tokens::list).post(api_tokens::post),
        )
        .route(
            "/v3/applications/api_tokens/{api_token}",
            get(api_tokens::get).delete(api_tokens::delete),
        )
        .route("/v3/users", get(users::list::get).post(users::post))
        .route(
            "/v3/users/{user_id}",
            get(users::get).put(users::put).delete(users::delete),
        )
        .route(
            "/v3/users/{user_id}/metadata",
            get(users::metadata::get)
                .post(users::metadata::post)
                .put(users::metadata::put)
                .delete(users::metadata::delete),
        )
        .route(
            "/v3/users/{user_id}/metadata/{key}",
            get(users::metadata::get_item)
                .put(users::metadata::put_item)
                .delete(users::metadata::delete_item),
        )
        .route(
            "/v3/users/{user_id}/token",
            axum::routing::post(users::token::post).delete(users::token::delete),
        )
}
