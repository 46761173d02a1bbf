//! Who a client is: the addresses at both ends and what carries the bytes between them.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

/// What carries a client's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// A datagram is a message.
    Udp,
    /// A stream of messages (RFC 8656 §3.1).
    Tcp,
    /// A stream of messages in TLS.
    Tls,
}

impl Transport {
    /// Whether messages follow each other in a stream, where `ChannelData` is padded (RFC 8656 §12.5).
    pub const fn is_stream(self) -> bool {
        match self {
            Self::Udp => false,
            Self::Tcp | Self::Tls => true,
        }
    }
}

/// A client, as RFC 8656 §3.2 names it: the server knows it by nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FiveTuple {
    /// What carries its messages.
    pub transport: Transport,
    /// Our end.
    pub local: SocketAddr,
    /// Its end, as we see it.
    pub remote: SocketAddr,
}

/// It is hashed for every packet: whole words, where the derived hash would go byte by byte.
impl Hash for FiveTuple {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let transport = match self.transport {
            Transport::Udp => 1,
            Transport::Tcp => 2,
            Transport::Tls => 3,
        };
        for address in [self.local, self.remote] {
            let port = u64::from(address.port()) << 16;
            match address.ip() {
                IpAddr::V4(ip) => state.write_u64(u64::from(ip.to_bits()) << 32 | port | transport),
                IpAddr::V6(ip) => {
                    state.write_u128(ip.to_bits());
                    state.write_u64(port | transport);
                }
            }
        }
    }
}
