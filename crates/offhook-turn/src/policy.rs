//! Which addresses a client may reach through us.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// Which peers are refused: every special-purpose network, our own listeners, and what the operator denies.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Networks that are allowed although they are special, as `192.168.0.0/16`.
    pub allowed: Vec<IpNet>,
    /// Networks that are refused; they win over [`allowed`](Self::allowed).
    pub denied: Vec<IpNet>,
    /// The addresses this machine listens on (ours, the database's), always refused; an unspecified address stands for every address in
    /// [`local_addresses`](Self::local_addresses), for loopback and for the relay's own.
    pub listeners: Vec<SocketAddr>,
    /// The addresses of this machine's interfaces, as far as they are known.
    pub local_addresses: Vec<IpAddr>,
}
