//! Slows down guessing of credentials, and what a user might do without end, without a way to lock somebody else out.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use offhook_core::id::{AppKey, UserKey};

use crate::address::ClientAddress;

/// Wrong attempts a minute at one user from one address.
const PER_USER_AND_ADDRESS: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Wrong attempts a minute from one address, at anybody.
const PER_ADDRESS: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Users made by signing in, a minute and an address.
const NEW_USERS: NonZeroU32 = NonZeroU32::new(30).unwrap();

/// Push tokens that a user registers or takes back, a minute: each is a write.
const PUSH_TOKENS: NonZeroU32 = NonZeroU32::new(30).unwrap();

/// Counts wrong sign-ins per user *and* address, and per address. Never per user alone: or anybody could lock a user
/// out. A right credential is never asked to wait.
#[derive(Debug)]
pub struct SignInThrottle {
    by_user: DefaultKeyedRateLimiter<(AppKey, String, ClientAddress)>,
    by_address: DefaultKeyedRateLimiter<ClientAddress>,
    new_users: DefaultKeyedRateLimiter<ClientAddress>,
    push_tokens: DefaultKeyedRateLimiter<UserKey>,
}

impl Default for SignInThrottle {
    fn default() -> Self {
        Self {
            by_user: RateLimiter::keyed(Quota::per_minute(PER_USER_AND_ADDRESS)),
            by_address: RateLimiter::keyed(Quota::per_minute(PER_ADDRESS)),
            new_users: RateLimiter::keyed(Quota::per_minute(NEW_USERS)),
            push_tokens: RateLimiter::keyed(Quota::per_minute(PUSH_TOKENS)),
        }
    }
}

impl SignInThrottle {
    /// Counts a wrong attempt.
    ///
    /// # Errors
    /// How long to wait, if there were too many.
    pub fn count_wrong(&self, app: AppKey, user_id: &str, address: ClientAddress) -> Result<(), Duration> {
        check(&self.by_address, &address)?;
        check(&self.by_user, &(app, user_id.to_owned(), address))
    }

    /// Counts an attempt at an application that does not exist.
    ///
    /// # Errors
    /// How long to wait, if there were too many.
    pub fn count_wrong_application(&self, address: ClientAddress) -> Result<(), Duration> {
        check(&self.by_address, &address)
    }

    /// Counts a key that does not open the tests of `/doctor`.
    ///
    /// # Errors
    /// How long to wait, if there were too many.
    pub fn count_wrong_key(&self, address: ClientAddress) -> Result<(), Duration> {
        check(&self.by_address, &address)
    }

    /// Counts a user who is made by signing in.
    ///
    /// # Errors
    /// How long to wait, if there were too many.
    pub fn count_new_user(&self, address: ClientAddress) -> Result<(), Duration> {
        check(&self.new_users, &address)
    }

    /// Counts a push token that a user registers or takes back. The user has signed in: nobody else is slowed.
    ///
    /// # Errors
    /// How long to wait, if there were too many.
    pub fn count_push_token(&self, user: UserKey) -> Result<(), Duration> {
        check(&self.push_tokens, &user)
    }

    /// Forgets who has been quiet long enough to start afresh.
    pub fn sweep(&self) {
        self.by_user.retain_recent();
        self.by_address.retain_recent();
        self.new_users.retain_recent();
        self.push_tokens.retain_recent();
    }
}

fn check<K: Clone + Eq + Hash>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Duration> {
    limiter
        .check_key(key)
        .map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
}

#[cfg(test)]
mod tests;
