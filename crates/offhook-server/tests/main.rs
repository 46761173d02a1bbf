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
mod dial_hook;
mod doctor;
mod document;
mod identity;
mod issuer;
mod media;
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
mod telemetry;
mod tls;
mod usage;
mod webhooks;
