//! Which addresses a client may reach through us.
//!
//! Addresses are judged in every form they hide: `::ffff:10.0.0.1` is 10.0.0.1 to whoever translates it on the way.

mod networks;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// Which peers are refused: every special-purpose network, our own listeners, and what the operator denies.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Networks that are allowed although they are special, as `192.168.0.0/16`.
    pub allowed: Vec<IpNet>,
    /// Networks that are refused; they win over [`allowed`](Self::allowed).
    pub denied: Vec<IpNet>,
    /// The addresses this machine listens on (ours, the database's), always refused; an unspecified address stands for every
    /// address in [`local_addresses`](Self::local_addresses), for loopback and for the relay's own.
    pub listeners: Vec<SocketAddr>,
    /// The addresses of this machine's interfaces, as far as they are known.
    pub local_addresses: Vec<IpAddr>,
}

/// The policy, made ready to judge.
#[derive(Debug)]
pub struct Judge {
    policy: Policy,
    /// The addresses of this machine: its interfaces', and those it relays from.
    ours: Vec<IpAddr>,
    /// The addresses it relays from, bound and external: two forms of one, port for port.
    relayed_from: Vec<IpAddr>,
}

impl Judge {
    /// Takes the policy and the addresses that are relayed from, bound and external.
    pub fn new(policy: Policy, relayed_from: &[IpAddr]) -> Self {
        let ours = policy.local_addresses.iter().chain(relayed_from).copied().collect();
        Self {
            policy,
            ours,
            relayed_from: relayed_from.to_vec(),
        }
    }

    /// Whether a client may reach some port at an address.
    pub fn allows_address(&self, ip: IpAddr) -> bool {
        forms(ip).into_iter().flatten().all(|form| self.allows_form(form))
    }

    /// Whether a client may reach a port, where it may reach the address.
    pub fn allows_port(&self, peer: SocketAddr) -> bool {
        peer.port() != 0
            && !forms(peer.ip())
                .into_iter()
                .flatten()
                .any(|form| self.is_listener(form, peer.port()))
    }

    /// Whether a client may reach an address and a port of it.
    pub fn allows(&self, peer: SocketAddr) -> bool {
        self.allows_address(peer.ip()) && self.allows_port(peer)
    }

    /// Judges one form of an address.
    fn allows_form(&self, form: IpAddr) -> bool {
        let is_in = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&form));
        !is_in(&self.policy.denied) && (is_in(&self.policy.allowed) || !networks::is_special(form))
    }

    /// Whether this machine listens there.
    fn is_listener(&self, form: IpAddr, port: u16) -> bool {
        self.policy.listeners.iter().any(|listener| {
            listener.port() == port
                && (listener.ip() == form
                    || listener.ip().is_unspecified() && (form.is_loopback() || self.ours.contains(&form))
                    || self.relayed_from.contains(&listener.ip()) && self.relayed_from.contains(&form))
        })
    }
}

/// An address, and the IPv4 addresses that are embedded in it.
///
/// - IPv4-mapped `::ffff:0:0/96` and IPv4-compatible `::/96` (RFC 4291 §2.5.5), IPv4-translated `::ffff:0:0:0/96` (RFC 2765 §2.1)
/// - NAT64 `64:ff9b::/96` (RFC 6052 §2.1) and `64:ff9b:1::/48` (RFC 8215). The latter is a special network itself, since only
///   its network knows where the address stands in it; where it is allowed, it is judged as what is usual, a /96
/// - 6to4 `2002::/16` (RFC 3056 §2): the router
/// - Teredo `2001::/32` (RFC 4380 §4): the server and the client
fn forms(ip: IpAddr) -> [Option<IpAddr>; 3] {
    let IpAddr::V6(v6) = ip else {
        return [Some(ip), None, None];
    };
    let v4 = |high: u16, low: u16| Some(IpAddr::V4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))));
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xFFFF, high, low] => [v4(high, low), Some(ip), None],
        [0, 0, 0, 0, 0, 0, high, low] if !is_own_v6(v6) => [v4(high, low), Some(ip), None],
        [0, 0, 0, 0, 0xFFFF, 0, high, low]
        | [0x64, 0xFF9B, 0, 0, 0, 0, high, low]
        | [0x64, 0xFF9B, 1, .., high, low] => [v4(high, low), Some(ip), None],
        [0x2002, high, low, ..] => [v4(high, low), Some(ip), None],
        [0x2001, 0, high, low, .., client_high, client_low] => [v4(high, low), v4(!client_high, !client_low), Some(ip)],
        _ => [Some(ip), None, None],
    }
}

/// `::` and `::1` are addresses of IPv6 itself.
const fn is_own_v6(ip: Ipv6Addr) -> bool {
    ip.is_unspecified() || ip.is_loopback()
}

#[cfg(test)]
mod tests;
