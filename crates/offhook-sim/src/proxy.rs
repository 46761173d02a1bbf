//! A way that is slow: UDP and TCP through a delay with jitter and loss, on real sockets.
//!
//! Where the kernel can delay nothing by itself, tests and measurements send media and signalling through this. When a
//! packet leaves is [`DelayLine`]'s to say, which has neither clock nor socket; the rest is here. Whatever enters a
//! forward takes the same line, each way its own, as on one cable.
//!
//! IPv4 only. A TCP connection is opened without delay: only what is said in it is late.

mod line;
mod tcp;
mod udp;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

pub use line::{Conditions, DelayLine, Fate};

/// What a forward carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// Streams.
    Tcp,
}

/// A forward that listens and has not begun to carry.
pub struct Forward {
    inner: Inner,
    /// Where it listens.
    pub address: SocketAddrV4,
}

enum Inner {
    Udp(udp::UdpForward),
    Tcp(tcp::TcpForward),
}

impl Forward {
    /// Listens on a free port of `ip` for what is to go to `target`.
    ///
    /// # Errors
    /// If there is no such address, or no free port.
    pub async fn listen(
        transport: Transport,
        ip: Ipv4Addr,
        target: SocketAddrV4,
        conditions: Conditions,
    ) -> std::io::Result<Self> {
        let (inner, address) = match transport {
            Transport::Udp => {
                let (forward, address) = udp::UdpForward::listen(ip, target, conditions).await?;
                (Inner::Udp(forward), address)
            }
            Transport::Tcp => {
                let (forward, address) = tcp::TcpForward::listen(ip, target, conditions).await?;
                (Inner::Tcp(forward), address)
            }
        };
        Ok(Self { inner, address })
    }

    /// Carries until it is dropped.
    ///
    /// # Errors
    /// If the listening socket fails. What fails at one client ends that client's part alone.
    pub async fn carry(self) -> std::io::Result<()> {
        match self.inner {
            Inner::Udp(forward) => forward.carry().await,
            Inner::Tcp(forward) => forward.carry().await,
        }
    }
}

/// Waits until `due` after `start`; for ever, if nothing is due.
async fn wait_until(start: tokio::time::Instant, due: Option<Duration>) {
    match due {
        Some(due) => tokio::time::sleep_until(start + due).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
