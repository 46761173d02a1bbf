//! The rules of Offhook: who may sign in, what a call is and how it moves, when a credential ends, what is metered.
//!
//! Everything here is a pure function of its arguments. There is no clock, no randomness, no socket and no database:
//! time and ids come in as arguments, facts from the directory come in as values. The server loads, asks this crate,
//! and commits what it answers.
//!
//! Deliberately not here: wire formats (`offhook-proto`), SQL (`offhook-store`), cryptography (`offhook-server`).
//!
//! Start reading at [`call`]: [`Call::dial`](call::Call::dial) makes a call and [`decide`](call::decide) moves it.
//!
//! Invariants: a refused input changes nothing; of a call that has ended nothing changes but its custom items; a call has
//! at most one device on each side once it is accepted; its usage is produced exactly once, when it ends.

pub mod administrator;
pub mod application;
pub mod call;
pub mod credential;
pub mod custom_items;
pub mod id;
pub mod session;
pub mod time;
pub mod usage;
pub mod user;
pub mod webhook;
