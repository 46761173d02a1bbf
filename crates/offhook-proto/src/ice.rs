//! What a device gives its peer connections: where STUN and TURN servers are, and the ticket that opens the relay.

use serde::{Deserialize, Serialize};

/// What to make the next peer connection with. It comes with the welcome; a newer one replaces it for whatever is made
/// from then on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct IceConfiguration {
    /// Names the credential in `ice_servers`: said in [`ClientMessage::UseTicket`](crate::socket::ClientMessage) for each
    /// call whose peer connection was made with it. Left out where there is no relay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub ticket: Option<String>,
    /// What to give `RTCPeerConnection` as `iceServers`.
    pub ice_servers: Vec<IceServer>,
    /// What to give it as `iceTransportPolicy`.
    pub ice_transport_policy: IceTransportPolicy,
    /// How long the relay lets the ticket in, in milliseconds; who is in by then stays. Left out with the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub expires_in_ms: Option<u64>,
}

impl std::fmt::Debug for IceConfiguration {
    /// Leaves out the ticket: it opens the relay.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceConfiguration")
            .field("ice_servers", &self.ice_servers)
            .field("ice_transport_policy", &self.ice_transport_policy)
            .finish_non_exhaustive()
    }
}

impl IceConfiguration {
    /// No server at all: only networks that see each other connect.
    pub const fn none() -> Self {
        Self {
            ticket: None,
            ice_servers: Vec::new(),
            ice_transport_policy: IceTransportPolicy::All,
            expires_in_ms: None,
        }
    }
}

/// Which ways media may take (`RTCIceTransportPolicy`, W3C WebRTC §4.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum IceTransportPolicy {
    /// Direct where that works, relayed where it does not.
    All,
    /// Over the relay only: the parties never learn each other's addresses.
    Relay,
}

/// A STUN or TURN server (`RTCIceServer`, W3C WebRTC §4.2.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct IceServer {
    /// Its addresses.
    pub urls: Vec<String>,
    /// For TURN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub username: Option<String>,
    /// For TURN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub credential: Option<String>,
}

impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceServer")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}
