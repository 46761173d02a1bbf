//! Where a request believes this server to be.

use std::convert::Infallible;

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

/// The origin of the page that asks; none for programs that are no browsers, and for pages of this server itself, which an application need not
/// list: the dashboard's test call is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOrigin(pub Option<String>);

impl FromRequestParts<Node> for PageOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, Infallible> {
        let origin = parts
            .headers
            .get(header::ORIGIN)
            .and_then(|origin| origin.to_str().ok());
        let origin = origin.map(str::to_owned);
        let own = OwnOrigin::from_request_parts(parts, node).await.ok();
        Ok(Self(origin.filter(|origin| !own.is_some_and(|own| own.is(origin)))))
    }
}

impl OwnOrigin {
    /// Whether a page of this origin is this server's: by HTTPS also where a proxy does not say that it speaks it.
    fn is(&self, origin: &str) -> bool {
        let name = |origin: &str| origin.split_once("://").map(|(_, name)| name.to_ascii_lowercase());
        let is_safe = origin.starts_with("https://") || self.0.starts_with("http://");
        is_safe && name(origin) == name(&self.0)
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
        let own = OwnOrigin("https://calls.example.org:8443".to_owned());
        assert!(own.is("https://Calls.example.org:8443"));
        for other in [
            "http://calls.example.org:8443",
            "https://calls.example.org",
            "https://a.example",
            "null",
            "",
        ] {
            assert!(!own.is(other), "{other}");
        }
        assert!(OwnOrigin("http://calls.example.org".to_owned()).is("https://calls.example.org"));
        for strange in [None, Some(""), Some("a b"), Some("user@calls.example.org"), Some("a/b")] {
            assert_eq!(name("/v3/users", strange), None, "{strange:?}");
        }
    }
}
