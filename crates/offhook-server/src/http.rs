//! HTTP: one file a resource. What SDKs use is under [`client`]; what back ends use is under [`v3`] and [`v1`].

pub mod admin;
mod assets;
pub mod backup;
mod bundle;
pub mod client;
mod connection;
mod docs;
pub mod doctor;
pub mod error;
pub mod fields;
pub mod health;
pub mod openapi;
pub(crate) mod own_origin;
mod path;
pub mod v1;
pub mod v3;

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{delete, get, post};
use offhook_proto::error::ErrorCode;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use tower_http::timeout::TimeoutLayer;

pub use connection::{serve, serve_tls};

use crate::config::admin::DashboardPlace;
use crate::http::error::ApiError;
use crate::node::Node;
use crate::{socket, telemetry};

/// The longest request body.
const MAX_BODY_BYTES: usize = 256 * 1024;
/// How long a request may take, its body included.
const REQUEST_DEADLINE: Duration = Duration::from_secs(30);
/// How long browsers may remember the answer to a preflight.
const PREFLIGHT_AGE: Duration = Duration::from_secs(3600);

/// Everything that is served to the outside.
pub fn router(node: Node) -> Router {
    let has_dashboard = node.config().admin.dashboard == DashboardPlace::Public;
    public(node, has_dashboard)
}

fn public(node: Node, has_dashboard: bool) -> Router {
    let client = Router::new()
        .route("/client/v1/authenticate", post(client::authenticate::post))
        .route("/client/v1/session", delete(client::session::delete))
        .route("/client/v1/direct_calls", get(client::direct_calls::list))
        .route("/client/v1/push_tokens", post(client::push_tokens::post))
        .route("/client/v1/push_tokens/delete", post(client::push_tokens::delete))
        .route("/client/v1/web_push", get(client::web_push::get))
        .route("/client/v1/socket", get(socket::upgrade))
        .method_not_allowed_fallback(nothing_here)
        // Outermost, so that it sees preflights before they count as methods that nothing answers.
        .layer(cross_origin());
    let mut rest = Router::new()
        .merge(v3::router())
        .merge(v1::router())
        .route("/profile_images/{image_id}", get(v3::users::profile_image::get))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(openapi::get))
        .route("/", get(docs::front))
        .route("/docs", get(docs::page))
        .route("/docs/guide", get(docs::front))
        .route("/docs/guide/", get(docs::front))
        .route("/docs/{*path}", get(docs::file))
        .route("/sdk/{*path}", get(assets::sdk))
        .route("/client/v1/doctor", get(doctor::get).post(doctor::post))
        .route("/doctor", get(doctor::page))
        .route("/doctor/{*path}", get(doctor::file));
    if node.is_demo() {
        rest = rest
            .route("/demo", get(assets::demo_page))
            .route("/demo/{*path}", get(assets::demo));
    }
    if has_dashboard {
        rest = rest.merge(admin::router(node.clone()));
    }
    rest.method_not_allowed_fallback(nothing_here)
        .merge(client)
        .fallback(nothing_here)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_DEADLINE,
        ))
        .layer(middleware::from_fn(bundle::unpack))
        .layer(middleware::from_fn(protect))
        .layer(middleware::from_fn(telemetry::spans::request))
        .with_state(node)
}

async fn nothing_here() -> ApiError {
    ErrorCode::INVALID_URL.into()
}

/// What only operators may see. Where the dashboard is here, so is all that its pages use.
pub fn admin_router(node: Node) -> Router {
    let metrics = Router::new().route("/metrics", get(health::metrics));
    if node.config().admin.dashboard == DashboardPlace::Admin {
        return metrics.with_state(node.clone()).merge(public(node, true));
    }
    metrics
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/backup", post(backup::post))
        .with_state(node)
}

/// Pages of any origin may ask, without cookies; whether the application allows the origin is checked with the request
/// itself, where the application is known.
fn cross_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::list([header::AUTHORIZATION, header::CONTENT_TYPE]))
        .expose_headers([header::RETRY_AFTER])
        .max_age(PREFLIGHT_AGE)
}

/// Headers that every answer carries.
async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
