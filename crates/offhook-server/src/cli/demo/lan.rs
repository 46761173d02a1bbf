//! The demo for other devices in the local network.

use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::unix::fs::OpenOptionsExt as _;

use anyhow::Context as _;
use ipnet::IpNet;

use crate::config::Config;
use crate::config::relay::RelayConfig;
use crate::config::tls::TlsConfig;
use crate::node::Serving;
use crate::relay::RelayHandle;
use crate::tls::self_signed;

/// The port of the links, where nothing else is asked for.
const PORT: u16 = 8443;
/// The relay's usual port (RFC 8656 §18).
const RELAY_PORT: u16 = 3478;
/// Addresses of the documentation (RFC 5737, RFC 3849): asking the way there sends nothing.
const FAR_AWAY: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];
/// Networks of homes and offices (RFC 1918, RFC 4193). Link-local ones are not among them: cloud machines are told their
/// secrets there.
const PRIVATE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/// Makes a certificate in the data folder, and gives the configuration that serves with it and its fingerprint. Pages
/// are served over HTTPS only: browsers give camera and microphone to nothing else.
pub fn configure(config: Config, listen: Option<SocketAddr>) -> anyhow::Result<(Config, String)> {
    let ip = match listen {
        Some(listen) if !listen.ip().is_unspecified() => listen.ip(),
        _ => address_in_the_network()?,
    };
    let port = listen.map_or(PORT, |listen| listen.port());
    let made = self_signed::make(ip).context("making a certificate")?;
    let (certificate, key) = (config.data_dir.join("demo.pem"), config.data_dir.join("demo.key"));
    fs::write(&certificate, &made.certificate_pem).context("writing the certificate")?;
    write_key(&key, &made.key_pem).context("writing the certificate's key")?;
    let allowed_peers = networks_around(ip)?;
    // Whoever asks for any port means all of them.
    let relay_port = if port == 0 { 0 } else { RELAY_PORT };
    let config = Config {
        tls: TlsConfig {
            listen: Some(SocketAddr::new(ip, port)),
            certificate: Some(certificate),
            key: Some(key),
            ..TlsConfig::default()
        },
        relay: RelayConfig {
            listen: vec![SocketAddr::new(ip, relay_port)],
            allowed_peers,
            ..config.relay
        },
        ..config
    };
    Ok((config, made.fingerprint))
}

/// Says what is different from other servers.
///
/// # Errors
/// If nobody takes it.
pub fn explain(out: &mut impl Write, serving: &Serving, fingerprint: &str) -> io::Result<()> {
    writeln!(
        out,
        "\nEach browser will warn once that it does not know the certificate, because this demo has just made it itself;\n\
         go on if the SHA-256 fingerprint that it shows is this:\n\n  {fingerprint}"
    )?;
    let allowed = &serving.node.config().relay.allowed_peers;
    let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    for relay in serving.node.relay().map(RelayHandle::addresses).unwrap_or_default() {
        writeln!(
            out,
            "\nThe relay at {relay} passes media on to private addresses, which other servers refuse: {}.",
            allowed.join(", ")
        )?;
    }
    Ok(())
}

/// The address of this machine on its way to the rest of the world, which is the one that its neighbours reach.
fn address_in_the_network() -> anyhow::Result<IpAddr> {
    FAR_AWAY
        .into_iter()
        .find_map(|far_away| {
            let any: IpAddr = match far_away {
                IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
                IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
            };
            let socket = UdpSocket::bind((any, 0)).ok()?;
            socket.connect((far_away, 9)).ok()?;
            Some(socket.local_addr().ok()?.ip())
        })
        .context("this machine has no way out of itself, so no address to link to; name one with --listen ADDRESS:8443")
}

/// Where devices of the local network are: in the private networks, or else next to this machine.
fn networks_around(ip: IpAddr) -> anyhow::Result<Vec<IpNet>> {
    let mut networks = Vec::new();
    for network in PRIVATE {
        networks.push(network.parse::<IpNet>().context("reading a network")?);
    }
    if !ip.is_loopback() && !networks.iter().any(|network| network.contains(&ip)) {
        let length = if ip.is_ipv4() { 24 } else { 64 };
        networks.push(IpNet::new(ip, length).context("reading a network")?.trunc());
    }
    Ok(networks)
}

fn write_key(path: &std::path::Path, key: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(key.as_bytes())
}

#[cfg(test)]
mod tests;
