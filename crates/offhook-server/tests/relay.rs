//! The relay over real sockets.

mod alone;
mod client;
mod connections;
mod coturn;
mod datagrams;
mod fairness;
mod limits;
mod node;
mod stand;
