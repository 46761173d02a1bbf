//! The addresses of one family that are relayed from.

use std::net::{IpAddr, SocketAddr};

use crate::config::{Config, RelayAddress};
use crate::family::Family;
use crate::ports::Ports;

/// Where a family is relayed from.
#[derive(Debug)]
pub struct Relaying {
    /// What sockets are bound to.
    pub bind: IpAddr,
    /// What clients are told.
    pub external: IpAddr,
    /// The ports of both.
    pub ports: Ports,
    /// All addresses that are this machine: the external one, and the bound one or those that an unspecified one stands for.
    ours: Vec<IpAddr>,
}

impl Relaying {
    /// Makes the state of a family.
    pub fn new(address: RelayAddress, config: &Config) -> Self {
        let family = Family::of(address.external);
        let mut ours = vec![address.external];
        if address.bind.is_unspecified() {
            let local = config.policy.local_addresses.iter();
            ours.extend(local.filter(|ip| Family::of(**ip) == family && **ip != address.external));
        } else if address.bind != address.external {
            ours.push(address.bind);
        }
        Self {
            bind: address.bind,
            external: address.external,
            ports: Ports::new(&config.ports),
            ours,
        }
    }

    /// Whether an address is this machine's.
    pub fn is_ours(&self, ip: IpAddr) -> bool {
        self.ours.contains(&ip)
    }

    /// The address a permission is about: this machine has one, whatever form it comes in.
    pub fn known_ip(&self, ip: IpAddr) -> IpAddr {
        if self.is_ours(ip) { self.external } else { ip }
    }

    /// The address a peer is known by: a relayed address in its bound form is the same as in its external form.
    pub fn known(&self, peer: SocketAddr) -> SocketAddr {
        if self.is_ours(peer.ip()) && self.ports.contains(peer.port()) {
            SocketAddr::new(self.external, peer.port())
        } else {
            peer
        }
    }
}
