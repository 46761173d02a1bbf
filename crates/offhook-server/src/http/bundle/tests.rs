use std::io::Write as _;

use axum::body::to_bytes;
use axum::routing::get;
use axum::{Router, middleware};
use flate2::Compression;
use flate2::write::GzEncoder;
use tower::ServiceExt as _;

use super::*;

/// Long enough to be worth packing.
const WORDS: &str =
    "The same words. The same words. The same words. The same words. The same words. The same words. The same words.";

fn headers(accepted: &[&'static str]) -> HeaderMap {
    let values = accepted
        .iter()
        .map(|value| (header::ACCEPT_ENCODING, HeaderValue::from_static(value)));
    values.collect()
}

#[test]
fn gzip_is_taken_by_who_names_it() {
    for accepted in [
        "gzip",
        "br, gzip",
        "gzip;q=0.5",
        "GZIP",
        "*",
        "deflate, *;q=0.1",
        "gzip, *;q=0",
    ] {
        assert!(takes_gzip(&headers(&[accepted])), "{accepted}");
    }
    for accepted in [
        "",
        "br",
        "identity",
        "gzip;q=0",
        "gzip;Q=0",
        "gzip; q=0.0, *",
        "*;q=0",
        "gzip;q=much",
        "gzipped",
    ] {
        assert!(!takes_gzip(&headers(&[accepted])), "{accepted}");
    }
    assert!(
        !takes_gzip(&HeaderMap::new()),
        "who says nothing may know nothing of it"
    );
    assert!(
        takes_gzip(&headers(&["br", "gzip"])),
        "a list may come in several lines"
    );
}

fn packed() -> &'static Packed {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(WORDS.as_bytes()).unwrap();
    Box::leak(Box::new(Packed::new(encoder.finish().unwrap().leak())))
}

/// Asks for a packed file; gives the answer's coding and body.
async fn ask(method: Method, accepted: &[&'static str]) -> (HeaderMap, Vec<u8>) {
    let packed = packed();
    let router: Router = Router::new()
        .route("/file", get(move || async { as_packed(packed) }))
        .layer(middleware::from_fn(unpack));
    let mut request = Request::builder()
        .method(method)
        .uri("/file")
        .body(Body::empty())
        .unwrap();
    request.headers_mut().extend(headers(accepted));
    let response = router.oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (head.headers, body.to_vec())
}

#[tokio::test]
async fn a_packed_file_is_unpacked_for_who_does_not_take_it_so() {
    let (head, body) = ask(Method::GET, &["gzip"]).await;
    assert_eq!(head[header::CONTENT_ENCODING], GZIP);
    assert_eq!(head[header::VARY], "accept-encoding");
    assert_eq!(body, packed().data);
    assert!(body.len() < WORDS.len());

    let (head, body) = ask(Method::GET, &[]).await;
    assert!(!head.contains_key(header::CONTENT_ENCODING));
    assert_eq!(head[header::VARY], "accept-encoding", "caches keep the two apart");
    assert_eq!(body, WORDS.as_bytes());

    let (head, body) = ask(Method::HEAD, &[]).await;
    assert_eq!(head[header::CONTENT_ENCODING], GZIP);
    assert!(body.is_empty());
}

#[test]
fn a_development_build_reads_nothing_beside_its_bundles() {
    for path in ["../package.json", "assets/../../package.json", "/etc/hostname", "", "."] {
        assert!(Bundle::Sdk.get(path).is_none(), "{path}");
    }
}
