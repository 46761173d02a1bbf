//! A world to test the rules in: several nodes over one store, many clients, and a network that does its worst.
//!
//! [`run`] plays one world from a seed: the same seed plays the same world. Users dial, accept, mute, hold, change custom
//! items, hang up, reload and walk away at random; nodes are killed and come back, in one case in four hundred right between a commit and its
//! answer; sockets break with messages in flight; one doorbell in ten is lost; the nodes' clocks are up to a second
//! apart. All the while `invariants` looks on, and at the end it asks everybody.
//!
//! The calls move by `offhook_core::call::decide`, the clients speak `offhook_proto`. What stands in for the real thing
//! is the store (a map, with transactions that cannot fail), the nodes and the clients, each written as simply as the
//! protocol allows.
//!
//! Deliberately not here: sockets, SQL, HTTP. Sessions and tokens are tested in `offhook-core`.
//!
//! Start reading at [`run`], then `world`.
//!
//! Invariants: no wall clock, no randomness but the seed's, no map whose order depends on anything else.

mod chaos;
mod client;
mod invariants;
mod media;
mod network;
mod node;
mod random;
mod store;
mod world;

pub use invariants::{Invariant, Tally, Violation};

/// Mistakes that can be planted, to see that they are found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// Nodes rely on doorbells alone.
    pub nobody_polls: bool,
    /// A later accept takes the call over.
    pub any_accept_wins: bool,
    /// One change in fifty is answered but not committed.
    pub commits_get_lost: bool,
    /// No deadline is ever carried out.
    pub nobody_sweeps: bool,
    /// A lost call is billed until it is given up.
    pub silence_is_billed: bool,
    /// A node reads a device's calls before it listens for changes.
    pub read_before_subscribing: bool,
    /// A socket that breaks takes its device away, even if the device has another by then.
    pub late_vanish_counts: bool,
    /// Nodes pass on, and clients believe, whatever they hear last.
    pub nobody_compares_versions: bool,
    /// A change of custom items does not raise the version.
    pub items_raise_no_version: bool,
}

/// Plays the world of `seed`.
///
/// # Errors
/// If an invariant did not hold. The world is then played again, and the violation tells what happened.
pub fn run(seed: u64, faults: Faults) -> Result<Tally, Box<Violation>> {
    let world = |is_traced| world::World::new(seed, faults, is_traced).play();
    // What happened is written down only if somebody wants to read it.
    world(false).or_else(|_| world(true))
}

#[cfg(test)]
mod tests;
