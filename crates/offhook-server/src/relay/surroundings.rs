//! Where the relay stands: which addresses it relays from, what clients are told, whom they must not reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use ipnet::IpNet;
use offhook_turn::{Config, Policy, Quotas, RelayAddress, Secret};

use crate::config::relay::RelayConfig;

/// Clients see it in the challenge; nothing depends on it.
const REALM: &str = "offhook";
/// Addresses of the documentation's networks (RFC 5737, RFC 3849): asking the way there sends nothing.
const FAR_AWAY: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// What the relay is told of the program around it.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Where the rest of the program listens: no client may reach that through the relay.
    pub listeners: Vec<SocketAddr>,
    /// Whether clients may relay to loopback addresses, as in a demo, where all are on one machine.
    pub are_loopback_peers_allowed: bool,
    /// Whether the end of a ticket's last allocation is logged with what was carried: where nobody else takes it.
    pub are_tickets_logged: bool,
}

/// Makes the machine's configuration. `addresses` are those that the relay itself listens on.
pub fn describe(config: &RelayConfig, secret: Secret, addresses: &[SocketAddr], around: &Surroundings) -> Config {
    Config {
        realm: REALM.to_owned(),
        secret,
        ipv4: relay_address(config, addresses, IpAddr::is_ipv4),
        ipv6: relay_address(config, addresses, IpAddr::is_ipv6),
        ports: config.min_port..=config.max_port,
        policy: policy(config, addresses, around),
        quotas: Quotas {
            allocations: config.max_allocations,
            allocations_per_ticket: config.max_allocations_per_ticket,
            allocations_per_application: config.max_allocations_per_application,
            bitrate_per_ticket_bps: config.max_bitrate_per_ticket_bps,
            bitrate_per_application_bps: config.max_bitrate_per_application_bps,
            ..Quotas::default()
        },
    }
}

/// The listening addresses as clients reach them.
pub fn public(addresses: &[SocketAddr], turn: &Config) -> Vec<SocketAddr> {
    let reachable = |address: &SocketAddr| {
        let of_family = if address.is_ipv4() { turn.ipv4 } else { turn.ipv6 };
        let is_relays_own = |relay: &RelayAddress| address.ip().is_unspecified() || address.ip() == relay.bind;
        let ip = of_family
            .filter(is_relays_own)
            .map_or(address.ip(), |relay| relay.external);
        SocketAddr::new(ip, address.port())
    };
    let mut public: Vec<SocketAddr> = Vec::new();
    for address in addresses.iter().map(reachable) {
        if !public.contains(&address) {
            public.push(address);
        }
    }
    public
}

/// Relays from the first address of the family that is listened on.
fn relay_address(config: &RelayConfig, addresses: &[SocketAddr], family: fn(&IpAddr) -> bool) -> Option<RelayAddress> {
    let listening = addresses.iter().map(SocketAddr::ip).find(family)?;
    let bind = if listening.is_unspecified() {
        way_out(family).or_else(|| any_interface(family))?
    } else {
        listening
    };
    let external = config.external_addresses.iter().copied().find(family).unwrap_or(bind);
    Some(RelayAddress { bind, external })
}

/// The address that packets to far away would carry.
fn way_out(family: fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let far_away = FAR_AWAY.into_iter().find(family)?;
    let unspecified: IpAddr = match far_away {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((unspecified, 0)).ok()?;
    socket.connect((far_away, 9)).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_unspecified()).then_some(address)
}

/// An address of a machine without a way out: of its network, or else its own.
fn any_interface(family: fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let addresses: Vec<IpAddr> = local_addresses().into_iter().filter(family).collect();
    let is_network = |address: &&IpAddr| !address.is_loopback() && !is_link_local(address);
    addresses.iter().find(is_network).or_else(|| addresses.first()).copied()
}

fn is_link_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

fn policy(config: &RelayConfig, addresses: &[SocketAddr], around: &Surroundings) -> Policy {
    let mut allowed = config.allowed_peers.clone();
    if around.are_loopback_peers_allowed {
        let loopback = [
            (Ipv4Addr::new(127, 0, 0, 0).into(), 8),
            (Ipv6Addr::LOCALHOST.into(), 128),
        ];
        allowed.extend(
            loopback
                .into_iter()
                .filter_map(|(address, bits)| IpNet::new(address, bits).ok()),
        );
    }
    Policy {
        allowed,
        denied: config.denied_peers.clone(),
        listeners: addresses.iter().chain(&around.listeners).copied().collect(),
        local_addresses: local_addresses(),
    }
}

/// Where the program itself sends nothing that a stranger asks for: what the relay denies, and this machine, under
/// whichever address it is known. What the relay is allowed to reach does not count: that is its clients' network.
pub fn not_reached_from_here(config: &RelayConfig, listeners: &[SocketAddr]) -> Vec<IpNet> {
    let listening = listeners.iter().chain(&config.listen).map(SocketAddr::ip);
    let own = local_addresses()
        .into_iter()
        .chain(listening)
        .chain(config.external_addresses.iter().copied());
    let own = own.filter(|address| !address.is_unspecified()).map(IpNet::from);
    config.denied_peers.iter().copied().chain(own).collect()
}

fn local_addresses() -> Vec<IpAddr> {
    match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces.iter().map(if_addrs::Interface::ip).collect(),
        Err(error) => {
            tracing::warn!(error = %error, "the machine does not tell its addresses");
            Vec::new()
        }
    }
}
