//! What the configuration says, as far as it can be judged without trying it: addresses that do not go together.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use super::Finding;
use crate::config::Config;

const CHECK: &str = "configuration";

/// A configuration that cannot be used.
pub(super) fn unusable(reason: String) -> Finding {
    let way_out =
        "Correct it in the file, in OFFHOOK_… or on the command line; `offhook config print` shows what may be set.";
    Finding::failed(CHECK, format!("It cannot be used: {reason}."), way_out)
}

/// What is known of this machine's addresses.
#[derive(Debug, Default)]
pub(super) struct Machine {
    /// The addresses from which packets to the Internet leave.
    pub(super) outward: Vec<IpAddr>,
}

impl Machine {
    /// Asks the routing table; sends nothing.
    pub(super) fn observe() -> Self {
        // Addresses of the documentation's: that they are elsewhere is all that matters.
        let v4 = (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(192, 0, 2, 1).into());
        let v6 = (
            Ipv6Addr::UNSPECIFIED.into(),
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
        );
        Self {
            outward: [v4, v6].into_iter().filter_map(|(from, to)| route(from, to)).collect(),
        }
    }

    fn outward_like(&self, address: IpAddr) -> Option<IpAddr> {
        let mut alike = self
            .outward
            .iter()
            .filter(|outward| outward.is_ipv4() == address.is_ipv4());
        alike.next().copied()
    }
}

fn route(from: IpAddr, to: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((from, 0)).ok()?;
    socket.connect((to, 9)).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_unspecified()).then_some(address)
}

/// Judges a configuration that can be used.
pub(super) fn judge(config: &Config, machine: &Machine) -> Vec<Finding> {
    let mut findings = vec![Finding::ok(CHECK, "It can be used.")];
    findings.push(listening(config));
    findings.push(metrics(config.admin_listen));
    findings.extend(relay(config, machine));
    findings
}

fn listening(config: &Config) -> Finding {
    const CHECK: &str = "encryption";
    let listen = config.listen;
    if listen.ip().is_loopback() {
        return Finding::ok(
            CHECK,
            format!("{listen} is for this machine only, such as for a TLS proxy on it."),
        );
    }
    if !config.trusted_proxies.is_empty() {
        return Finding::ok(
            CHECK,
            format!("{listen} is behind a proxy: let it be the only one that gets there."),
        );
    }
    Finding::warning(
        CHECK,
        format!(
            "{listen} speaks HTTP without TLS to other machines: browsers give pages no microphone, and keys travel in the clear."
        ),
        "Set a certificate or a domain in `[tls]`; or put a TLS proxy in front, set `listen` to 127.0.0.1:8080, and name the proxy in `trusted_proxies`.",
    )
}

fn metrics(listen: SocketAddr) -> Finding {
    const CHECK: &str = "metrics access";
    if listen.ip().is_loopback() {
        return Finding::ok(CHECK, format!("{listen} is for this machine only."));
    }
    Finding::warning(
        CHECK,
        format!("{listen} can be reached by other machines, and asks nobody who he is."),
        "Set `admin_listen` to 127.0.0.1:9090, or let a firewall keep others away from it.",
    )
}

fn relay(config: &Config, machine: &Machine) -> Vec<Finding> {
    const CHECK: &str = "relay";
    let relay = &config.relay;
    if !relay.is_on() {
        return vec![if relay.urls.is_empty() {
            Finding::warning(
                CHECK,
                "There is none: `relay.listen` is empty. Calls between networks that do not see each other fail.",
                "Set `relay.listen` to [\"0.0.0.0:3478\"], or name another relay in `relay.urls`.",
            )
        } else {
            Finding::ok(CHECK, format!("Clients are sent to {}.", relay.urls.join(", ")))
        }];
    }
    let is_local = relay.listen.iter().all(|address| address.ip().is_loopback());
    let is_public = !config.listen.ip().is_loopback()
        || !config.trusted_proxies.is_empty()
        || config.tls.address().is_some_and(|https| !https.ip().is_loopback());
    if is_local && is_public && relay.urls.is_empty() {
        return vec![Finding::warning(
            CHECK,
            "It is for this machine only, while calls come from others: those that need it fail.",
            "Set `relay.listen` to [\"0.0.0.0:3478\"], and open port 3478 for UDP and TCP.",
        )];
    }
    if is_local {
        return vec![Finding::ok(CHECK, "It is for this machine only, as the server is.")];
    }
    let beyond = relay.listen.iter().filter(|address| !address.ip().is_loopback());
    beyond.map(|address| told(config, *address, machine)).collect()
}

/// What clients and peers are told, and whether that leads here.
fn told(config: &Config, bound: SocketAddr, machine: &Machine) -> Finding {
    let check = format!("relay address {bound}");
    let relay = &config.relay;
    let configured = relay
        .external_addresses
        .iter()
        .find(|address| address.is_ipv4() == bound.is_ipv4());
    let own = if bound.ip().is_unspecified() {
        machine.outward_like(bound.ip())
    } else {
        Some(bound.ip())
    };
    let forward = format!(
        "port {} for UDP and TCP, and ports {} to {} for UDP",
        bound.port(),
        relay.min_port,
        relay.max_port
    );
    match (configured, own) {
        (Some(told), Some(own)) if *told == own && !is_private(own) => {
            Finding::ok(check, format!("Peers are told {told}, this machine's own."))
        }
        (Some(told), _) if is_private(*told) => Finding::warning(
            check,
            format!("Peers are told {told}, which only its own network reaches."),
            format!(
                "If calls come from elsewhere, set `relay.external_addresses` to the public address, and forward {forward}."
            ),
        ),
        (Some(told), _) => Finding::ok(
            check,
            format!(
                "Peers are told {told}, which is not the address that is listened on: the NAT there must forward {forward}."
            ),
        ),
        (None, Some(own)) if is_private(own) => Finding::warning(
            check,
            format!("Peers are told {own}, which only its own network reaches. This machine seems to be behind NAT."),
            format!(
                "If calls come from elsewhere, set `relay.external_addresses` to the public address, and forward {forward}."
            ),
        ),
        (None, Some(own)) => Finding::ok(
            check,
            format!("Peers are told {own}, this machine's own. The firewall must let in {forward}."),
        ),
        (None, None) => Finding::failed(
            check,
            "This machine has no route out in this family, so there is no address to tell peers.",
            "Set `relay.external_addresses`, or leave this address out of `relay.listen`.",
        ),
    }
}

/// Whether an address means something in its own network only.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            address.is_private() || address.is_loopback() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests;
