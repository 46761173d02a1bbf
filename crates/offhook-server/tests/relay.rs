//! The relay over real sockets.

mod alone;
pub mod client;
mod connections;
mod coturn;
mod datagrams;
mod fairness;
mod limits;
mod many;
mod node;
mod stand;
