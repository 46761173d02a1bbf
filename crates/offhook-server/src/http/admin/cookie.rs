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

    /// What a sign-in by the identity provider is remembered by.
    const fn flow_name(self) -> &'static str {
        if self.0 { "__Host-offhook_oidc" } else { "offhook_oidc" }
    }

    /// The key in a request's cookie.
    pub fn key(self, headers: &HeaderMap) -> Option<String> {
        read(self.name(), headers)
    }

    /// What was remembered.
    pub fn flow(self, headers: &HeaderMap) -> Option<String> {
        read(self.flow_name(), headers)
    }

    /// The header that sets the cookie. It goes with the browser; the session ends by the server.
    pub fn set(self, key: &str) -> Option<HeaderValue> {
        self.write(self.name(), key, "Strict", "")
    }

    /// The header that takes it back.
    pub fn unset(self) -> Option<HeaderValue> {
        self.write(self.name(), "", "Strict", "; Max-Age=0")
    }

    /// The header that remembers a sign-in: it has to come back with the browser from the provider's site, and opens
    /// nothing.
    pub fn set_flow(self, remembered: &str) -> Option<HeaderValue> {
        self.write(self.flow_name(), remembered, "Lax", "; Max-Age=900")
    }

    /// The header that forgets it.
    pub fn unset_flow(self) -> Option<HeaderValue> {
        self.write(self.flow_name(), "", "Lax", "; Max-Age=0")
    }

    fn write(self, name: &str, value: &str, same_site: &str, more: &str) -> Option<HeaderValue> {
        let secure = if self.0 { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}{more}");
        HeaderValue::from_str(&cookie).ok()
    }
}

fn read(name: &str, headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then(|| value.to_owned()))
}

#[cfg(test)]
mod tests;
