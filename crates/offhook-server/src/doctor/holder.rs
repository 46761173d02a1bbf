//! Which program holds a port, from the tables in `/proc`.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::port::Transport;

/// A program that holds a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) pid: u32,
    pub(super) name: String,
}

/// Who holds a port, if the kernel tells whoever asks: it tells root everything, and others what is theirs.
pub(super) fn holder(transport: Transport, address: SocketAddr) -> Option<Holder> {
    let tables = match transport {
        Transport::Udp => ["/proc/net/udp", "/proc/net/udp6"],
        Transport::Tcp | Transport::Tls => ["/proc/net/tcp", "/proc/net/tcp6"],
    };
    let sockets: Vec<u64> = tables
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| sockets_at(&table, transport, address))
        .collect();
    let wanted: Vec<String> = sockets.iter().map(|socket| format!("socket:[{socket}]")).collect();
    if wanted.is_empty() {
        return None;
    }
    let processes = fs::read_dir("/proc").ok()?;
    processes.flatten().find_map(|process| {
        let pid: u32 = process.file_name().to_str()?.parse().ok()?;
        let files = fs::read_dir(process.path().join("fd")).ok()?;
        let mut targets = files.flatten().filter_map(|file| fs::read_link(file.path()).ok());
        targets
            .any(|target| wanted.iter().any(|wanted| target.as_os_str() == wanted.as_str()))
            .then(|| Holder {
                pid,
                name: fs::read_to_string(process.path().join("comm"))
                    .map_or_else(|_| "a program".to_owned(), |name| name.trim().to_owned()),
            })
    })
}

/// The sockets (by inode) of a table in `/proc/net` that stand in the way of `address`: at its port, and at its address
/// or at all of them.
fn sockets_at(table: &str, transport: Transport, address: SocketAddr) -> Vec<u64> {
    let lines = table.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let local = local_address(fields.nth(1)?)?;
        let state = fields.nth(1)?;
        let inode: u64 = fields.nth(5)?.parse().ok()?;
        // A TCP socket that is no listener (0A) holds no port against others.
        let holds = transport == Transport::Udp || state == "0A";
        let is_there = local.ip() == address.ip() || local.ip().is_unspecified() || address.ip().is_unspecified();
        (holds && is_there && local.port() == address.port()).then_some(inode)
    });
    lines.collect()
}

/// `0100007F:1F90`: the address as words of the machine, each in its own order of bytes, and the port.
fn local_address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut words = Vec::new();
    for start in (0..address.len()).step_by(8) {
        let word = address.get(start..start + 8)?;
        words.push(u32::from_str_radix(word, 16).ok()?.to_ne_bytes());
    }
    let ip: IpAddr = match words.as_slice() {
        [word] => Ipv4Addr::from(*word).into(),
        [a, b, c, d] => {
            let bytes: [u8; 16] = [*a, *b, *c, *d].concat().try_into().ok()?;
            Ipv6Addr::from(bytes).to_canonical()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests;
