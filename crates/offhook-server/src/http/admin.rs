//! What the dashboard asks: `/admin/v1/…`, and an application's own resources under `/admin/v1/applications/{app_id}`,
//! where the same handlers answer as for back ends.
//!
//! Every route is named in [`access`] with who may use it; one that is not named there answers nobody. [`guard`] stands
//! before all of them.

pub mod access;
mod administrators;
mod audit;
mod cookie;
mod dashboard;
mod guard;
mod oidc;
mod same_origin;
mod session;

use axum::Router;
use axum::middleware;
use axum::routing::{get, put};

use super::{v1, v3};
use crate::node::Node;

pub use cookie::OverTls;
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
        .route("/admin/v1/oidc/start", get(oidc::start))
        .route("/admin/v1/oidc/callback", get(oidc::callback));
    let guarded = own
        .nest("/admin/v1/applications/{app_id}", of_an_application())
        .route_layer(middleware::from_fn_with_state(node, guard::guard));
    guarded.merge(dashboard::router())
}

/// What back ends use with an API token.
fn of_an_application() -> Router<Node> {
    v3::router().merge(v1::router())
}
