//! The addresses that are listened on, over UDP and TCP both.

use std::io;
use std::net::SocketAddr;

use mio::net::TcpListener;
use mio::{Interest, Registry};

use super::RelayError;
use super::datagrams::Datagrams;
use super::ready::{IsWaiting, Source};
use crate::config::relay::RelayConfig;

/// How often a pair of a UDP and a TCP port is looked for.
const PORT_TRIES: usize = 16;

/// A TCP listener.
pub struct Acceptor {
    /// What connections come out of.
    pub listener: TcpListener,
    /// Where it listens.
    pub local: SocketAddr,
    /// Whether it waits for its turn.
    pub is_waiting: IsWaiting,
}

/// Listens over UDP and TCP on each address. Port 0 takes one that is free for both.
///
/// # Errors
/// If an address cannot be had.
pub fn listen(
    config: &RelayConfig,
    registry: &Registry,
    datagrams: &mut Datagrams,
) -> Result<Vec<Acceptor>, RelayError> {
    let mut acceptors = Vec::new();
    for &address in &config.listen {
        let number = acceptors.len() as u32;
        let mut tries = if address.port() == 0 { PORT_TRIES } else { 1 };
        let acceptor = loop {
            tries -= 1;
            match listen_on(address, number, registry, datagrams) {
                Ok(acceptor) => break acceptor,
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries > 0 => {}
                Err(source) => return Err(RelayError::Listen { address, source }),
            }
        };
        acceptors.push(acceptor);
    }
    Ok(acceptors)
}

fn listen_on(address: SocketAddr, number: u32, registry: &Registry, datagrams: &mut Datagrams) -> io::Result<Acceptor> {
    let local = datagrams.listen(registry, address)?;
    let accept = || {
        // For IPv6 only, as the UDP listener is: whoever wants both families names both.
        let domain = socket2::Domain::for_address(local);
        let socket = socket2::Socket::new(
            domain,
            socket2::Type::STREAM.nonblocking(),
            Some(socket2::Protocol::TCP),
        )?;
        if local.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_reuse_address(true)?;
        socket.bind(&local.into())?;
        socket.listen(1024)?;
        let mut listener = TcpListener::from_std(socket.into());
        registry.register(&mut listener, Source::Acceptor(number).token(), Interest::READABLE)?;
        Ok(listener)
    };
    match accept() {
        Ok(listener) => Ok(Acceptor {
            listener,
            local,
            is_waiting: IsWaiting::default(),
        }),
        Err(error) => {
            datagrams.unlisten();
            Err(error)
        }
    }
}
