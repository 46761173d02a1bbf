//! `/dashboard`: the pages, which travel inside the binary. What they show, they ask of `/admin/v1`.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;

use crate::http::bundle::{self, Bundle};
use crate::node::Node;

/// Runs scripts and styles of its own only; talks to its own server; is shown in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
                      img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const INDEX: &str = "index.html";

/// The pages, which anybody may load: there is nothing of anybody's in them.
pub fn router() -> Router<Node> {
    Router::new()
        .route("/dashboard", get(page))
        .route("/dashboard/{*path}", get(file))
}

/// `GET /dashboard`.
async fn page() -> Response {
    answer(INDEX)
}

/// `GET /dashboard/{path}`: a file, or the page, which shows what the address says.
async fn file(Path(path): Path<String>) -> Response {
    let is_file = path.starts_with("assets/") || Bundle::Dashboard.get(&path).is_some();
    answer(if is_file { &path } else { INDEX })
}

/// The link to the pages' stylesheet, for a page that is none of theirs and looks like one.
pub fn stylesheet() -> String {
    let index = Bundle::Dashboard.get(INDEX).map(|file| file.text()).unwrap_or_default();
    let mut links = index
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("<link rel=\"stylesheet\""));
    links.next().unwrap_or_default().to_owned()
}

fn answer(path: &str) -> Response {
    let mut response = bundle::answer(Bundle::Dashboard.get(path), path);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // For browsers that do not know `frame-ancestors`.
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}
