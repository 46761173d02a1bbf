//! The words on the wire: what SDKs and servers say to each other over the socket and over `/client/v1`, what the
//! Platform API answers, and the error codes that every surface shares.
//!
//! The TypeScript types in `web/sdk/src/generated` and `web/dashboard/src/generated` are made from this crate by
//! `cargo xtask generate`.
//! `docs/protocol.md` shows every message with an example that a test reads back.
//!
//! Deliberately not here: decisions (`offhook-core`) and transport (`offhook-server`, `offhook-client`).
//!
//! Start reading at [`socket`].
//!
//! Invariants: unknown fields are ignored, so that old clients and new servers understand each other; every message has
//! a `type`; an optional field is left out, never null.

pub mod admin;
pub mod call;
pub mod error;
pub mod ice;
#[cfg(feature = "openapi")]
mod openapi;
pub mod peer;
pub mod platform;
pub mod push;
pub mod session;
pub mod socket;
pub mod user;
pub mod webhook;

/// The identifiers that messages carry, so that a client needs no other crate of ours.
pub use offhook_core::id;

/// The version of the socket's protocol that this crate speaks. A server speaks this one and the one before.
pub const PROTOCOL: u32 = 1;
