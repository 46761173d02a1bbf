//! The page `/docs`, which shows the document of `/openapi.json`, and the guide below `/docs/guide`. Both travel inside
//! the binary and load nothing from elsewhere.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{Redirect, Response};

use super::bundle::{self, Bundle};

/// The renderer writes styles into its own parts, which a policy cannot tell from others; it runs scripts of its own
/// file only, and talks to its own server, to try requests.
const REFERENCE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                                img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                                frame-ancestors 'none'";
/// The guide is text.
const GUIDE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
                            form-action 'none'; frame-ancestors 'none'";

/// `GET /`, `/docs/guide` and `/docs/guide/`, for whoever opens the address that the server prints: the guide's first page.
pub async fn front() -> Redirect {
    Redirect::temporary("/docs/guide/quickstart.html")
}

/// `GET /docs`.
pub async fn page() -> Response {
    file(Path("index.html".to_owned())).await
}

/// `GET /docs/{path}`.
pub async fn file(Path(path): Path<String>) -> Response {
    let mut response = bundle::answer(Bundle::Docs.get(&path), &path);
    let policy = if path.starts_with("guide/") {
        GUIDE_POLICY
    } else {
        REFERENCE_POLICY
    };
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
