//! The relay over real sockets.

mod alone;
pub mod client;
mod connections;
mod coturn;
mod datagrams;
mod fairness;
mod limits;
mod node;
mod stand;
