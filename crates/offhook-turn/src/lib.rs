//! A STUN and TURN server (RFC 8489, RFC 8656) as a machine: packets, time and randomness come in, packets and wishes go out.

pub mod client;
pub mod config;
pub mod credential;
mod digest;
pub mod output;
pub mod packet;
pub mod policy;
pub mod quota;
pub mod server;
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
