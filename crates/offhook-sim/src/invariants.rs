//! What must hold, whatever happens.

mod witness;

use std::collections::BTreeMap;
use std::fmt;

pub(crate) use witness::{Wellness, Witness};

/// A promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invariant {
    /// Every device of the callee that can be reached rings within two seconds of the dial.
    EveryDeviceRings,
    /// A call ends once, with one record.
    OneRecord,
    /// One device of the callee wins, and no other is ever told that it did.
    OneWinner,
    /// Every call ends.
    EveryCallEnds,
    /// Connected time is billed once, and not after the end or after everybody was gone.
    Billing,
    /// All parties agree with the record.
    Agreement,
    /// What a client was told has been done stays done.
    AcknowledgedStep,
    /// For a client a call moves forward only.
    Forward,
    /// A device that is there counts as there.
    Presence,
    /// A call whose parties are there and whose media flows is not ended by time.
    LivingCallGoesOn,
    /// Every device of a live call that can be reached knows its custom items within two seconds of a change.
    Items,
}

/// A promise that was broken.
#[derive(Debug)]
pub struct Violation {
    /// Of the world.
    pub seed: u64,
    /// Which promise.
    pub invariant: Invariant,
    /// How.
    pub what: String,
    /// What happened before, the last at the end.
    pub trace: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}: {:?}: {}", self.seed, self.invariant, self.what)?;
        self.trace.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl std::error::Error for Violation {}

/// What happened in a world: shows that it was worth playing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls by result.
    pub results: BTreeMap<&'static str, u32>,
    /// How often custom items were changed.
    pub item_changes: u32,
    /// How often a side put a call on hold.
    pub holds: u32,
    /// Calls that were billed.
    pub billed: u32,
    /// How often a side was heard to go on by another path.
    pub path_changes: u32,
    /// Starts of nodes.
    pub node_starts: u64,
    /// Sockets opened.
    pub sockets: u64,
    /// Steps that clients were told have been done.
    pub acknowledged: u64,
    /// Events played.
    pub events: u64,
}
