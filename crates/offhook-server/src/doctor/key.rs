//! The key that opens the tests of `/doctor` for a while: nobody anonymous gets a credential of the relay.
//!
//! A key is its expiry (seconds since 1970-01-01 UTC, eight bytes, most significant first) and the HMAC of it under the
//! server's key, as base64url. Whoever can read `server.key` can make one: the operator, and the server itself.

use std::time::Duration;

use offhook_core::time::Timestamp;

use crate::config::Config;
use crate::secret::{self, ServerKey};

/// How long a key opens: time to walk to another network with the link, and not much more.
pub const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// What this authenticates, and nothing else.
const PURPOSE: &str = "doctor key";
/// The expiry's bytes.
const EXPIRY_BYTES: usize = 8;

/// Why a key does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// It is none of this server's: mistyped, cut short, forged, or another server's.
    #[error("the key is none of this server's")]
    NotOurs,
    /// It is ours, but its time is over.
    #[error("the key has expired")]
    Expired,
}

/// Makes a key that opens from now on for [`LIFETIME`].
pub fn make(key: &ServerKey, now: Timestamp) -> String {
    let expiry = ((now + LIFETIME).as_millis() / 1000).to_be_bytes();
    let tag = key.authenticate(PURPOSE, &expiry);
    secret::encode(&[&expiry, tag.as_ref()].concat())
}

/// Checks a key.
///
/// # Errors
/// [`InvalidKey`] says why it does not open.
pub fn check(key: &ServerKey, text: &str, now: Timestamp) -> Result<(), InvalidKey> {
    let bytes = secret::decode(text).ok_or(InvalidKey::NotOurs)?;
    let (expiry, tag) = bytes.split_first_chunk::<EXPIRY_BYTES>().ok_or(InvalidKey::NotOurs)?;
    if !key.is_authentic(PURPOSE, expiry, tag) {
        return Err(InvalidKey::NotOurs);
    }
    if now.as_millis() / 1000 >= u64::from_be_bytes(*expiry) {
        return Err(InvalidKey::Expired);
    }
    Ok(())
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
