//! Where a request believes this server to be.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use offhook_proto::error::ErrorCode;

use super::admin::Secure;
use crate::http::error::ApiError;
use crate::node::Node;

/// The origin of this server, by the scheme and the name with which it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnOrigin(pub String);

impl FromRequestParts<Node> for OwnOrigin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, ApiError> {
        let Ok(secure) = Secure::from_request_parts(parts, node).await;
        authority(&parts.uri, &parts.headers)
            .map(|authority| Self(format!("{}://{authority}", if secure.0 { "https" } else { "http" })))
            .ok_or_else(|| ErrorCode::INVALID_URL.into())
    }
}

fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    // HTTP/2 names the server in the address, and has no header for it (RFC 9113 §8.3.1).
    let in_header = || headers.get(header::HOST)?.to_str().ok()?.parse().ok();
    uri.authority()
        .cloned()
        .or_else(in_header)
        .filter(|authority| !authority.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_in_the_address_or_in_the_header() {
        let name = |uri: &str, host: Option<&str>| {
            let headers = host.map(|host| (header::HOST, host.parse().unwrap()));
            authority(&uri.parse().unwrap(), &headers.into_iter().collect()).map(|found| found.to_string())
        };
        let host = Some("calls.example.org:8443".to_owned());
        assert_eq!(name("/v3/users", Some("calls.example.org:8443")), host);
        assert_eq!(name("https://calls.example.org:8443/v3/users", None), host);
        for strange in [None, Some(""), Some("a b"), Some("user@calls.example.org"), Some("a/b")] {
            assert_eq!(name("/v3/users", strange), None, "{strange:?}");
        }
    }
}
