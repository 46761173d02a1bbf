//! What the dashboard asks: `/admin/v1/…`, and an application's own resources under `/admin/v1/applications/{app_id}`,
//! where the same handlers answer as for back ends.
//!
//! Every route is named in [`access`] with who may use it; one that is not named there answers nobody. [`guard`] stands
//! before all of them.

pub mod access;
mod administrators;
mod api_tokens;
mod applications;
mod audit;
mod cookie;
mod dashboard;
mod guard;
mod node;
mod oidc;
mod same_origin;
mod session;
mod test_call;

use axum::Router;
use axum::middleware;
use axum::routing::{get, put};

use super::{v1, v3};
use crate::node::Node;

pub use cookie::{OverTls, Secure};
pub use guard::{AuditTarget, CurrentAdministrator};

/// What is served under `/admin/v1`, and the pages that use it.
pub fn router(node: Node) -> Router<Node> {
    let own = Router::new()
        .route("/admin/v1/sign_in_options", get(session::options))
        .route(
            "/admin/v1/session",
            get(session::get).post(session::post).delete(session::delete),
        )
        .route("/admin/v1/session/password", put(session::put_password))
        .route(
            "/admin/v1/session/totp",
            axum::routing::post(session::post_totp)
                .put(session::put_totp)
                .delete(session::delete_totp),
        )
        .route(
            "/admin/v1/administrators",
            get(administrators::get).post(administrators::post),
        )
        .route(
            "/admin/v1/administrators/{administrator_id}",
            put(administrators::put).delete(administrators::delete),
        )
        .route("/admin/v1/audit", get(audit::get))
        .route("/admin/v1/node", get(node::get))
        .route(
            "/admin/v1/applications",
            get(applications::list).post(applications::post),
        )
        .merge(an_application())
        .route("/admin/v1/oidc/start", get(oidc::start))
        .route("/admin/v1/oidc/callback", get(oidc::callback));
    let guarded = own
        .nest("/admin/v1/applications/{app_id}", of_an_application())
        .route_layer(middleware::from_fn_with_state(node, guard::guard));
    guarded.merge(dashboard::router())
}

/// An application's settings and secrets.
fn an_application() -> Router<Node> {
    Router::new()
        .route(
            "/admin/v1/applications/{app_id}",
            get(applications::get)
                .put(applications::put)
                .delete(applications::delete),
        )
        .route(
            "/admin/v1/applications/{app_id}/api_tokens",
            get(api_tokens::list).post(api_tokens::post),
        )
        .route(
            "/admin/v1/applications/{app_id}/api_tokens/{token_number}",
            axum::routing::delete(api_tokens::delete),
        )
        .route(
            "/admin/v1/applications/{app_id}/api_tokens/master/rotate",
            axum::routing::post(api_tokens::rotate_master),
        )
        .route(
            "/admin/v1/applications/{app_id}/signing_key/rotate",
            axum::routing::post(api_tokens::rotate_signing_key),
        )
        .route(
            "/admin/v1/applications/{app_id}/webhook_key/rotate",
            axum::routing::post(api_tokens::rotate_webhook_key),
        )
        .route(
            "/admin/v1/applications/{app_id}/test_call",
            axum::routing::post(test_call::post),
        )
}

/// What back ends use with an API token.
fn of_an_application() -> Router<Node> {
    v3::router().merge(v1::router())
}
