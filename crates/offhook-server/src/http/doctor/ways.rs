//! The URLs of STUN and TURN (RFC 7064, RFC 7065), one a transport.

use std::net::{IpAddr, SocketAddr};

/// What there is to test.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ways {
    /// STUN over UDP.
    pub(super) stun: Vec<String>,
    /// TURN, a URL a transport.
    pub(super) turn: Vec<String>,
}

impl Ways {
    /// What clients get is what is tested: the URLs that are configured, else those of this process. `host` is what clients
    /// call this server, `listening` where its relay is, `turns` its URL over TLS.
    pub(super) fn of(
        host: Option<&str>,
        listening: &[SocketAddr],
        turns: Option<String>,
        configured: &[String],
    ) -> Self {
        if !configured.is_empty() {
            return Self {
                stun: configured.iter().filter_map(|url| stun_beside(url)).take(1).collect(),
                turn: configured.to_vec(),
            };
        }
        // One listener is enough to know whether a transport gets through; browsers prefer IPv4 themselves.
        let first = listening.iter().find(|address| address.is_ipv4()).or(listening.first());
        let server = first.map(|address| match host {
            Some(host) => format!("{}:{}", bracketed(host), address.port()),
            None => address.to_string(),
        });
        let turn = |transport| {
            server
                .as_ref()
                .map(|server| format!("turn:{server}?transport={transport}"))
        };
        Self {
            stun: server.iter().map(|server| format!("stun:{server}")).collect(),
            turn: [turn("udp"), turn("tcp"), turns].into_iter().flatten().collect(),
        }
    }
}

/// Every TURN server over UDP answers STUN, too (RFC 8656 §3.1).
fn stun_beside(url: &str) -> Option<String> {
    let rest = url.strip_prefix("turn:")?;
    let (server, query) = rest.split_once('?').unwrap_or((rest, ""));
    (!query.contains("transport=tcp")).then(|| format!("stun:{server}"))
}

fn bracketed(host: &str) -> String {
    match host.parse() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host.to_owned(),
    }
}

#[cfg(test)]
mod tests;
