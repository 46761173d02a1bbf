//! The program as its callers see it: a real server on a free port, spoken to over HTTP and the socket.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panic"
)]

mod back_end;
mod backup;
mod cli;
mod doctor;
mod identity;
mod issuer;
mod operator;
mod program;
mod push;
#[expect(dead_code, reason = "unit tests use the rest")]
mod receiver;
mod relay;
mod retention;
mod routes;
mod seeds;
mod server;
mod slow;
mod socket;
mod start;
mod tls;
mod usage;
mod webhooks;
