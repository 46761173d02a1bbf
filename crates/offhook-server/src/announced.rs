//! Which changes of calls this node has told of. Whoever polls tells of the others: those that other programs made, and those whose
//! maker was cut off between the commit and the doorbell.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use offhook_store::ChangeNumber;

/// The changes that were announced since somebody polled.
#[derive(Debug, Default)]
pub struct Announced(Mutex<HashSet<ChangeNumber>>);

impl Announced {
    /// Takes note of one that has been announced.
    pub fn note(&self, change: ChangeNumber) {
        self.lock().insert(change);
    }

    /// Those of `changes` that were not announced.
    pub fn missing(&self, mut changes: Vec<ChangeNumber>) -> Vec<ChangeNumber> {
        let announced = self.lock();
        changes.retain(|change| !announced.contains(change));
        changes
    }

    /// Forgets all up to `last`: nobody polls for them any more.
    pub fn forget(&self, last: ChangeNumber) {
        self.lock().retain(|change| *change > last);
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<ChangeNumber>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
