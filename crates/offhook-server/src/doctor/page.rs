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
    let http = running.note().map_or(config.listen, |note| note.http);
    Some(key?.link(&base_url(http, &Machine::observe().outward)))
}

/// An address that a browser can open. Where every address is listened on, the one that leads out.
fn base_url(http: SocketAddr, outward: &[IpAddr]) -> String {
    let mut alike = outward.iter().filter(|address| address.is_ipv4() == http.is_ipv4());
    let ip = match alike.next() {
        Some(outward) if http.ip().is_unspecified() => *outward,
        _ => super::http::reachable(http).ip(),
    };
    format!("http://{}", SocketAddr::new(ip, http.port()))
}

#[cfg(test)]
mod tests;
