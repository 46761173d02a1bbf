//! Routes, in folders like their paths; one file a verb.

mod client;
mod docs;
mod health;
mod v3;
