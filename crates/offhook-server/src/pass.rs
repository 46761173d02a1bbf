//! Passes: what the operator's own commands show a running server.
//!
//! A pass is its expiry (seconds since 1970-01-01 UTC, eight bytes, most significant first) and the HMAC of it under the
//! server's key, as base64url. Whoever can read `server.key` can make one: the operator, and the server itself.

use offhook_core::time::Timestamp;

use crate::secret::{self, ServerKey};

/// The expiry's bytes.
const EXPIRY_BYTES: usize = 8;

/// Why a pass does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPass {
    /// It is none of this server's, or for another purpose: mistyped, cut short, forged, or another server's.
    #[error("the key is none of this server's")]
    NotOurs,
    /// It is ours, but its time is over.
    #[error("the key has expired")]
    Expired,
}

/// Makes a pass that opens for one purpose until then.
pub fn make(key: &ServerKey, purpose: &str, until: Timestamp) -> String {
    let expiry = (until.as_millis() / 1000).to_be_bytes();
    let tag = key.authenticate(purpose, &expiry);
    secret::encode(&[&expiry, tag.as_ref()].concat())
}

/// Checks a pass for a purpose.
///
/// # Errors
/// [`InvalidPass`] says why it does not open.
pub fn check(key: &ServerKey, purpose: &str, text: &str, now: Timestamp) -> Result<(), InvalidPass> {
    let bytes = secret::decode(text).ok_or(InvalidPass::NotOurs)?;
    let (expiry, tag) = bytes.split_first_chunk::<EXPIRY_BYTES>().ok_or(InvalidPass::NotOurs)?;
    if !key.is_authentic(purpose, expiry, tag) {
        return Err(InvalidPass::NotOurs);
    }
    if now.as_millis() / 1000 >= u64::from_be_bytes(*expiry) {
        return Err(InvalidPass::Expired);
    }
    Ok(())
}
