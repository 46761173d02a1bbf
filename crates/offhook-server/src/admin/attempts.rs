//! Slows down guessing at the dashboard. What is counted is wrong attempts; who has had too many waits *before* the next
//! one is looked at, since looking at a password takes a core and 19 MiB.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use offhook_core::time::Timestamp;
use offhook_store::AdministratorId;

use crate::address::ClientAddress;

/// Wrong passwords at one name from one address.
const BY_NAME: Limit = Limit {
    most: 10,
    during: Duration::from_secs(60),
};
/// Wrong passwords from one address, at anybody.
const BY_ADDRESS: Limit = Limit {
    most: 30,
    during: Duration::from_secs(60),
};
/// Wrong codes beside the right password, from anywhere: nobody is locked out by a stranger, who has no password. A day
/// of guessing finds a code with a chance of one in 700.
const BY_CODE: Limit = Limit {
    most: 5,
    during: Duration::from_secs(15 * 60),
};
/// Keys that are remembered of a kind. More are not counted: to lock everybody out would be the easier attack, and the
/// hashing of passwords is bounded anyway.
const MAX_KEYS: usize = 100_000;

#[derive(Clone, Copy)]
struct Limit {
    most: u32,
    during: Duration,
}

/// Counts wrong attempts.
#[derive(Debug, Default)]
pub struct Attempts {
    by_name: Counter<(String, ClientAddress)>,
    by_address: Counter<ClientAddress>,
    by_code: Counter<AdministratorId>,
}

impl Attempts {
    /// Whether a password may be tried.
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit(&self, name: &str, address: ClientAddress, now: Timestamp) -> Result<(), Duration> {
        self.by_address.admit(&address, BY_ADDRESS, now)?;
        self.by_name.admit(&(name.to_owned(), address), BY_NAME, now)
    }

    /// Counts a wrong password.
    pub fn count_wrong(&self, name: &str, address: ClientAddress, now: Timestamp) {
        self.by_address.count(address, BY_ADDRESS, now);
        self.by_name.count((name.to_owned(), address), BY_NAME, now);
    }

    /// Whether a code may be tried.
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit_code(&self, id: AdministratorId, now: Timestamp) -> Result<(), Duration> {
        self.by_code.admit(&id, BY_CODE, now)
    }

    /// Counts a wrong code.
    pub fn count_wrong_code(&self, id: AdministratorId, now: Timestamp) {
        self.by_code.count(id, BY_CODE, now);
    }

    /// Forgets who has been quiet long enough to start afresh.
    pub fn sweep(&self, now: Timestamp) {
        self.by_name.sweep(BY_NAME, now);
        self.by_address.sweep(BY_ADDRESS, now);
        self.by_code.sweep(BY_CODE, now);
    }
}

/// When the first of the counted attempts was, and how many there were since.
#[derive(Debug)]
struct Counter<K>(Mutex<HashMap<K, (Timestamp, u32)>>);

impl<K> Default for Counter<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Counter<K> {
    fn admit(&self, key: &K, limit: Limit, now: Timestamp) -> Result<(), Duration> {
        let counted = self.lock();
        match counted.get(key) {
            Some((since, count)) if *count >= limit.most && now < *since + limit.during => {
                Err((*since + limit.during).since(now))
            }
            _ => Ok(()),
        }
    }

    fn count(&self, key: K, limit: Limit, now: Timestamp) {
        let mut counted = self.lock();
        if counted.len() >= MAX_KEYS && !counted.contains_key(&key) {
            return;
        }
        let (since, count) = counted.entry(key).or_insert((now, 0));
        if now >= *since + limit.during {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
    }

    fn sweep(&self, limit: Limit, now: Timestamp) {
        self.lock().retain(|_, (since, _)| now < *since + limit.during);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<K, (Timestamp, u32)>> {
        // A map of numbers is whole after every step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
