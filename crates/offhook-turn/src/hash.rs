//! The hash of our tables: fast, and keyed, so that nobody can aim for one bucket.

use std::hash::BuildHasher;

use foldhash::fast::{FixedState, FoldHasher};

/// A keyed hash.
#[derive(Debug, Clone)]
pub struct Keyed(FixedState);

impl Keyed {
    /// Takes the key.
    pub const fn new(key: u64) -> Self {
        Self(FixedState::with_seed(key))
    }
}

impl BuildHasher for Keyed {
    type Hasher = FoldHasher<'static>;

    fn build_hasher(&self) -> Self::Hasher {
        self.0.build_hasher()
    }
}
