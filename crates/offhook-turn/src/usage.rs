//! What a ticket's allocations carried.

/// Payload that was relayed, without any header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Bytes from clients to peers.
    pub to_peer_bytes: u64,
    /// Packets from clients to peers.
    pub to_peer_packets: u64,
    /// Bytes from peers to clients.
    pub to_client_bytes: u64,
    /// Packets from peers to clients.
    pub to_client_packets: u64,
    /// Packets that were dropped because a bit rate was exceeded.
    pub dropped_packets: u64,
}
