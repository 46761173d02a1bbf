//! The key that opens the tests of `/doctor` for a while: nobody anonymous gets a credential of the relay.
//!
//! A key is a [`pass`].

use std::time::Duration;

use offhook_core::time::Timestamp;

use crate::config::Config;
use crate::pass;
use crate::secret::ServerKey;

pub use crate::pass::InvalidPass as InvalidKey;

/// How long a key opens: time to walk to another network with the link, and not much more.
pub const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// What this authenticates, and nothing else.
const PURPOSE: &str = "doctor key";
/// Makes a key that opens from now on for [`LIFETIME`].
pub fn make(key: &ServerKey, now: Timestamp) -> String {
    pass::make(key, PURPOSE, now + LIFETIME)
}

/// Checks a key.
///
/// # Errors
/// [`InvalidKey`] says why it does not open.
pub fn check(key: &ServerKey, text: &str, now: Timestamp) -> Result<(), InvalidKey> {
    pass::check(key, PURPOSE, text, now)
}

/// The address of the page `/doctor`, with a new key in the fragment, which browsers send to nobody.
pub fn link(base_url: &str, key: &ServerKey, now: Timestamp) -> String {
    format!("{base_url}/doctor#key={}", make(key, now))
}

/// Makes keys for the examination, where `server.key` can be read.
#[derive(Debug)]
pub(super) struct Doorkeeper(ServerKey);

impl Doorkeeper {
    pub(super) fn of(config: &Config) -> Option<Self> {
        ServerKey::read(&config.key_path()).ok().map(Self)
    }

    pub(super) fn key(&self) -> String {
        make(&self.0, crate::clock::Clock::start().now())
    }

    pub(super) fn link(&self, base_url: &str) -> String {
        link(base_url, &self.0, crate::clock::Clock::start().now())
    }
}

#[cfg(test)]
mod tests;
