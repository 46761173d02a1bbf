//! Whether the relay relays: an allocation that sends to itself, over each transport that answers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::Finding;
use super::http::reachable;
use super::port::{Answering, Transport};
use super::running::Running;
use super::stun::{StunError, Way};
use crate::config::Config;
use crate::secret;

/// How long it may all take on this machine.
const DEADLINE: Duration = Duration::from_secs(10);

/// Relays, if the server runs and gives a credential for it.
pub(super) async fn check(config: &Config, running: &Running, answering: &Answering) -> Vec<Finding> {
    if !config.relay.is_on() || !running.is_running() {
        return Vec::new();
    }
    let credential = answering
        .ice_servers
        .iter()
        .find_map(|server| Some((server.username.as_deref()?, server.credential.as_deref()?)));
    let Some((username, password)) = credential else {
        return vec![Finding::failed(
            "relaying",
            "It could not be tried: the server gave no credential.",
            "See to what failed above: server key, http. Then run this again.",
        )];
    };
    let mut findings = Vec::new();
    for (transport, address) in &answering.relay {
        let started = Instant::now();
        let relayed = relay(*transport, reachable(*address), username, password).await;
        let check = format!("relaying {} {address}", transport.as_str());
        findings.push(judge(check, relayed.map(|relayed| (relayed, started.elapsed()))));
    }
    findings
}

async fn relay(
    transport: Transport,
    address: SocketAddr,
    username: &str,
    password: &str,
) -> Result<SocketAddr, StunError> {
    let data: [u8; 16] = secret::random();
    let relayed = async {
        let mut way = Way::open(transport, address).await?;
        way.relay_to_itself(username, password, &data).await
    };
    tokio::time::timeout(DEADLINE, relayed)
        .await
        .unwrap_or(Err(StunError::NoAnswer))
}

fn judge(check: String, relayed: Result<(SocketAddr, Duration), StunError>) -> Finding {
    let error = match relayed {
        Ok((relayed, took)) => {
            let took_ms = took.as_secs_f64() * 1000.0;
            return Finding::ok(
                check,
                format!("Data went to {relayed} and came back, all in {took_ms:.1} ms."),
            );
        }
        Err(error) => error,
    };
    let way_out = match &error {
        StunError::Refused { code: 401, .. } => {
            "The relay has another secret than the server: give both the same `relay.secret`."
        }
        StunError::Refused { code: 486, .. } => "Its quota is used up: raise `relay.max_allocations_per_application`.",
        StunError::Refused { code: 508, .. } => {
            "It has no port or no room left: see `relay.min_port`, `relay.max_port` and `relay.max_allocations`."
        }
        StunError::Refused { code: 403, .. } => "A rule forbids it: see `relay.denied_peers`.",
        _ => "Look into the server's log, and at the ports `relay.min_port` to `relay.max_port`.",
    };
    Finding::failed(check, format!("No data came through: {error}."), way_out)
}

#[cfg(test)]
mod tests;
