//! The socket, spoken to by the Rust client, and by nobody's client.

mod bad_input;
mod calls;
mod devices;
mod doorbells;
mod hold;
mod items;
mod peers;
pub mod quality;
mod relayed;
mod sessions;
mod tickets;
