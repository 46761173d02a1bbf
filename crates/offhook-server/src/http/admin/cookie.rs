//! The cookie of the dashboard's session (decision record 0012).

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};

use crate::node::Node;

/// Marks requests that came over TLS of this server.
#[derive(Debug, Clone, Copy)]
pub struct OverTls;

/// Whether the browser speaks HTTPS: to this server, or to a trusted proxy that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secure(pub bool);

impl FromRequestParts<Node> for Secure {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, Self::Rejection> {
        if parts.extensions.get::<OverTls>().is_some() {
            return Ok(Self(true));
        }
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        let is_trusted = peer.is_some_and(|peer| {
            let proxies = &node.config().trusted_proxies;
            proxies.iter().any(|net| net.contains(&peer.to_canonical()))
        });
        let scheme = parts.headers.get("x-forwarded-proto");
        Ok(Self(
            is_trusted && scheme.is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https")),
        ))
    }
}

impl Secure {
    /// Over HTTPS, browsers take a cookie of this prefix from nobody but the host itself, over HTTPS
    /// (<https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3>).
    const fn name(self) -> &'static str {
        if self.0 {
            "__Host-offhook_admin"
        } else {
            "offhook_admin"
        }
    }

    /// The key in a request's cookie.
    pub fn key(self, headers: &HeaderMap) -> Option<String> {
        let lines = headers.get_all(header::COOKIE).iter();
        lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == self.name()).then(|| value.to_owned()))
    }

    /// The header that sets the cookie. It goes with the browser; the session ends by the server.
    pub fn set(self, key: &str) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.write(key, "")).ok()
    }

    /// The header that takes it back.
    pub fn unset(self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.write("", "; Max-Age=0")).ok()
    }

    fn write(self, value: &str, more: &str) -> String {
        let secure = if self.0 { "; Secure" } else { "" };
        format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}",
            self.name()
        )
    }
}

#[cfg(test)]
mod tests;
