//! A STUN and TURN server (RFC 8489, RFC 8656) as a machine: packets, time and randomness come in, packets and wishes go out.
//!
//! It has no sockets, no clock and no threads; whoever has them drives it ([`Server`]): datagrams and messages of streams go
//! in by `handle_client` and `handle_peer`, which rewrite the packet in its own buffer and say where it goes; everything else, a
//! socket to open, an answer to send, comes out of `poll_output`. A [`stream::Framer`] cuts TCP and TLS into messages.
//!
//! Deliberately not here: TCP to peers (RFC 6062), mobility (RFC 8016), ALTERNATE-SERVER, and whatever else
//! `docs/deviations.md` lists with its reason; logging; users (a credential is derived from a secret, and names a [`Ticket`]).
//!
//! Start reading at [`server`]: `server/request.rs` for what clients ask, `server/relay.rs` for what they send.
//!
//! Invariants:
//!
//! - A relayed packet takes nothing from the heap and costs the same however many allocations there are.
//! - Nobody who has not shown a password changes anything, and all that they cause is bounded: answers by source, memory not at all.
//! - Everything that a client can make grow has a bound, in [`Quotas`] or in a constant.
//! - A refused request changes nothing. What comes from the network cannot panic.
//! - A packet between two allocations of one server is treated as if it had gone through both sockets.

mod account;
mod allocation;
mod bucket;
pub mod client;
pub mod config;
pub mod credential;
mod digest;
mod family;
mod hash;
mod message;
mod nonce;
mod opening;
pub mod output;
pub mod packet;
pub mod policy;
mod ports;
pub mod quota;
mod random;
mod relaying;
mod revoked;
pub mod server;
mod strangers;
pub mod stream;
pub mod time;
pub mod usage;

pub use client::{FiveTuple, Transport};
pub use config::{Config, RelayAddress};
pub use credential::{Credential, Secret, Ticket, TicketError};
pub use output::{OpenError, Output, RelayId, Step};
pub use packet::{HEADROOM, Packet, TAILROOM};
pub use policy::Policy;
pub use quota::Quotas;
pub use server::{Icmp, Server};
pub use time::Time;
pub use usage::Usage;
