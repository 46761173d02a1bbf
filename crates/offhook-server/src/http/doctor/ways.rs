//! The URLs of STUN and TURN (RFC 7064, RFC 7065), one a transport.

use std::net::IpAddr;

/// Where this process serves STUN and TURN.
#[derive(Debug, Default)]
pub(super) struct Listening {
    /// The port over UDP.
    pub(super) udp: Option<u16>,
    /// The port over TCP.
    pub(super) tcp: Option<u16>,
    /// TURN over TLS, as a URL.
    pub(super) turns: Option<String>,
}

/// What there is to test.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ways {
    /// STUN over UDP.
    pub(super) stun: Vec<String>,
    /// TURN, a URL a transport.
    pub(super) turn: Vec<String>,
}

impl Ways {
    /// URLs that are configured are what clients get, so they are what is tested; else those of this process.
    pub(super) fn of(host: Option<&str>, listening: &Listening, configured: &[String]) -> Self {
        if !configured.is_empty() {
            return Self {
                stun: configured.iter().filter_map(|url| stun_beside(url)).take(1).collect(),
                turn: configured.to_vec(),
            };
        }
        let turn = |port: Option<u16>, transport| Some(format!("turn:{}:{}?transport={transport}", host?, port?));
        let stun = host
            .zip(listening.udp)
            .map(|(host, port)| format!("stun:{host}:{port}"));
        Self {
            stun: stun.into_iter().collect(),
            turn: [
                turn(listening.udp, "udp"),
                turn(listening.tcp, "tcp"),
                listening.turns.clone(),
            ]
            .into_iter()
            .flatten()
            .collect(),
        }
    }
}

/// Every TURN server over UDP answers STUN, too (RFC 8656 §3.1).
fn stun_beside(url: &str) -> Option<String> {
    let (server, query) = url
        .strip_prefix("turn:")
        .map(|rest| rest.split_once('?').unwrap_or((rest, "")))?;
    (!query.contains("transport=tcp")).then(|| format!("stun:{server}"))
}

/// What the visitor calls this server: what is configured, else what he called it in this request (`Host`), which led him
/// here. An IPv6 address stands in brackets.
pub(super) fn host_for(configured: Option<&str>, asked: Option<&str>) -> Option<String> {
    if let Some(host) = configured {
        return Some(match host.parse() {
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            _ => host.to_owned(),
        });
    }
    let asked = asked?;
    let host = match asked.strip_prefix('[') {
        Some(rest) => {
            let address: std::net::Ipv6Addr = rest.split_once(']')?.0.parse().ok()?;
            return Some(format!("[{address}]"));
        }
        None => asked.split(':').next()?,
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (!host.is_empty() && host.bytes().all(is_name)).then(|| host.to_owned())
}

#[cfg(test)]
mod tests;
