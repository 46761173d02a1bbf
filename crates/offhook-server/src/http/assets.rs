//! The SDK, the element and the demo page.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::bundle::{self, Bundle};

/// Runs scripts and styles of its own only; talks to its own server.
const DEMO_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https:; \
                           media-src 'self' blob:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";

/// `GET /sdk/{path}`, the SDK's files and the element's: a page of any origin may load them.
pub async fn sdk(Path(path): Path<String>) -> Response {
    let mut response = bundle::answer(Bundle::Sdk.get(&path).or_else(|| Bundle::Element.get(&path)), &path);
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// `GET /demo`.
pub async fn demo_page() -> Response {
    demo(Path("index.html".to_owned())).await
}

/// `GET /demo/{path}`.
pub async fn demo(Path(path): Path<String>) -> Response {
    let mut response = bundle::answer(Bundle::Demo.get(&path), &path);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DEMO_POLICY));
    response
}
