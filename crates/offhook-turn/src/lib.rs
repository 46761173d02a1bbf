//! A STUN and TURN server (RFC 8489, RFC 8656) as a machine: packets, time and randomness come in, packets and wishes go out.

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
