//! The SDK, the element and the demo page, which travel inside the binary (a development build reads them from the source tree).

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

/// Runs scripts and styles of its own only; talks to its own server.
const DEMO_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https:; \
                           media-src 'self' blob:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "../../web/sdk/dist"]
#[allow_missing = true]
struct Sdk;

#[derive(RustEmbed)]
#[folder = "../../web/element/dist"]
#[allow_missing = true]
struct Element;

#[derive(RustEmbed)]
#[folder = "../../web/demo/dist"]
#[allow_missing = true]
struct Demo;

/// `GET /sdk/{path}`, the SDK's files and the element's: a page of any origin may load them.
pub async fn sdk(Path(path): Path<String>) -> Response {
    let mut response = file(Sdk::get(&path).or_else(|| Element::get(&path)), &path);
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
    let mut response = file(Demo::get(&path), &path);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DEMO_POLICY));
    response
}

/// Answers with a file of a bundle.
pub(super) fn file(file: Option<EmbeddedFile>, path: &str) -> Response {
    let Some(file) = file else {
        let sentence = if Sdk::iter().next().is_none() {
            "This server was built without the web bundle: run `cargo xtask web`, then build again.\n"
        } else {
            "There is no such file.\n"
        };
        return (StatusCode::NOT_FOUND, sentence).into_response();
    };
    // Names with a hash in them never change; the others are looked at again each time.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_str(file.metadata.mimetype())),
        (header::CACHE_CONTROL, HeaderValue::from_str(cache)),
    ];
    let mut response = file.data.into_owned().into_response();
    for (name, value) in headers {
        if let Ok(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
