//! The server as a client and a shell see it: what each RFC demands, and what this server adds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panic"
)]

mod allocate;
mod bad_input;
mod binding;
mod credentials;
mod data;
mod fuzzed;
mod model;
mod permissions;
mod policy;
mod quotas;
mod refresh;
mod seeds;
mod short_circuit;
mod world;
