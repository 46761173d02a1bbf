//! Routes, in folders like their paths; one file a verb.

mod client;
mod health;
mod v1;
mod v3;
