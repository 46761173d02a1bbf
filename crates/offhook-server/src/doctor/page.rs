//! Where the page `/doctor` is.

use super::configuration::Machine;
use super::key::Doorkeeper;
use super::port::Answering;
use super::running::Running;
use crate::config::Config;
use std::net::{IpAddr, SocketAddr};

/// The page of the server that runs and answers, with a new key.
pub(super) fn link(
    config: &Config,
    running: &Running,
    answering: &Answering,
    key: Option<&Doorkeeper>,
) -> Option<String> {
    if !answering.is_ours {
        return None;
    }
    let https = running.note().and_then(|note| note.https);
    let base_url = match (config.host_for_clients(), https) {
        (Some(host), Some(https)) => https_url(host, https.port()),
        _ => {
            let http = running.note().map_or(config.listen, |note| note.http);
            http_url(http, &Machine::observe().outward)
        }
    };
    Some(key?.link(&base_url))
}

/// An address that a browser can open. Where every address is listened on, the one that leads out.
fn http_url(http: SocketAddr, outward: &[IpAddr]) -> String {
    let mut alike = outward.iter().filter(|address| address.is_ipv4() == http.is_ipv4());
    let ip = match alike.next() {
        Some(outward) if http.ip().is_unspecified() => *outward,
        _ => super::http::reachable(http).ip(),
    };
    format!("http://{}", SocketAddr::new(ip, http.port()))
}

fn https_url(host: &str, port: u16) -> String {
    let host = match host.parse() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host.to_owned(),
    };
    if port == 443 {
        format!("https://{host}")
    } else {
        format!("https://{host}:{port}")
    }
}

#[cfg(test)]
mod tests;
