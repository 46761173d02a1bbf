//! Routes, in folders like their paths; one file a verb.

mod admin;
mod client;
mod docs;
mod health;
mod v1;
mod v3;
