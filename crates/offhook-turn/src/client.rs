//! Who a client is: the addresses at both ends and what carries the bytes between them.

use std::net::SocketAddr;

/// What carries a client's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// A datagram is a message.
    Udp,
    /// A stream of messages (RFC 8656 §2.1).
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

/// A client, as RFC 8656 §2.2 names it: the server knows it by nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FiveTuple {
    /// What carries its messages.
    pub transport: Transport,
    /// Our end.
    pub local: SocketAddr,
    /// Its end, as we see it.
    pub remote: SocketAddr,
}
