//! The program: the only crate that waits. Sockets, tasks, clock, timers, HTTP and the command line.
//!
//! It loads and commits through `offhook-store`, which asks `offhook-core` what follows; only after a commit does it
//! answer and ring the doorbells ([`bus`]). It decides nothing about calls itself.
//!
//! Start reading at [`node`], where everything is assembled; then [`socket`], one task a device, and [`http`].
//!
//! Invariants: no secret is logged or put in a URL; every channel, body and frame is bounded; every task has an owner
//! that awaits its end; a doorbell may be lost and nothing depends on it.

pub mod address;
pub mod admin;
pub mod announced;
pub mod backup;
pub mod bus;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credential;
pub mod dial_hook;
pub mod doctor;
pub mod events;
pub mod http;
pub mod node;
pub mod outbound;
pub mod pass;
pub mod push;
pub mod quality;
pub mod rate_limits;
pub mod relay;
pub mod retention;
pub mod secret;
pub mod settings;
pub mod sign_in;
pub mod socket;
pub mod sweeper;
pub mod telemetry;
pub mod throttle;
pub mod tickets;
pub mod tls;
pub mod usage;
pub mod webhooks;
