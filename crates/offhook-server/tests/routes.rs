//! Routes, in folders like their paths; one file a verb.

mod admin;
mod client;
mod health;
mod v1;
mod v3;
