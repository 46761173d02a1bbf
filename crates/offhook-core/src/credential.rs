//! Session tokens: what they say, how that is written, and when it no longer counts.
//!
//! A token is 31 bytes of claims and a MAC of 32 bytes, together 84 characters of base64url. The server computes the MAC
//! over [`SessionTokenClaims::signed_bytes`] with the signing key that the claims name; nothing of a token is stored.
//!
//! ```text
//! version  user key   signing key  generation  expiry    MAC
//! 1        16         4            4           6         32      bytes, big endian, expiry in UTC milliseconds
//! ```

use std::time::Duration;

use crate::id::{AppKey, SigningKeyId, UserKey};
use crate::time::Timestamp;

/// The length of the claims.
pub const CLAIMS_BYTES: usize = 31;
/// The length of the MAC (HMAC-SHA256).
pub const MAC_BYTES: usize = 32;
/// The length of a token before base64url.
pub const TOKEN_BYTES: usize = CLAIMS_BYTES + MAC_BYTES;
/// How long a token counts if its issuer asks for nothing (Platform API, session tokens).
pub const DEFAULT_TOKEN_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const VERSION: u8 = 1;
/// Keeps the MAC of a session token from being taken for one of anything else made with the same key.
const LABEL: &[u8; 24] = b"offhook session token v1";
const SIGNED_BYTES: usize = LABEL.len() + 4 + CLAIMS_BYTES;
/// The latest time that six bytes hold: the year 10889.
const LATEST: u64 = (1 << 48) - 1;

/// What a session token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTokenClaims {
    /// Whom it signs in.
    pub user: UserKey,
    /// In which application. Not part of the token's bytes, but of what is signed: another application's request never
    /// verifies it.
    pub app: AppKey,
    /// Which key signed it.
    pub key: SigningKeyId,
    /// The user's generation when it was issued.
    pub generation: u32,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What the directory says about the user a token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenFacts {
    /// Raised by each revocation.
    pub generation: u32,
    /// Whether the user may sign in.
    pub is_active: bool,
}

/// Why a token whose MAC is right does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Its time is over (400309).
    #[error("the session token has expired")]
    Expired,
    /// The user's session tokens were revoked after it was issued (400309).
    #[error("the session token was revoked")]
    Revoked,
    /// The user is deactivated (400300).
    #[error("the user is deactivated")]
    Deactivated,
}

/// Bytes that are no session token (400302).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a session token")]
pub struct MalformedToken;

/// An expiry that no token can have (400111).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session token ends in the future and before the year 10889")]
pub struct InvalidExpiry;

/// Splits a decoded token into the bytes of its claims and its MAC.
///
/// # Errors
/// If it is not [`TOKEN_BYTES`] long.
pub fn split(token: &[u8]) -> Result<(&[u8; CLAIMS_BYTES], &[u8; MAC_BYTES]), MalformedToken> {
    let (claims, mac) = token.split_first_chunk().ok_or(MalformedToken)?;
    Ok((claims, mac.try_into().map_err(|_| MalformedToken)?))
}

/// Puts a token together, to be written as base64url.
pub fn join(claims: &SessionTokenClaims, mac: &[u8; MAC_BYTES]) -> [u8; TOKEN_BYTES] {
    concat(&[&claims.to_bytes(), mac])
}

/// When a token that is issued `now` ends.
///
/// # Errors
/// If the time `asked` for is not in the future, or cannot be written.
pub fn expiry(asked: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, InvalidExpiry> {
    let expires_at = asked.unwrap_or(now + DEFAULT_TOKEN_LIFETIME);
    if expires_at > now && expires_at.as_millis() <= LATEST {
        Ok(expires_at)
    } else {
        Err(InvalidExpiry)
    }
}

impl SessionTokenClaims {
    /// Writes the claims. An expiry from the year 10889 on is written as the last moment before it.
    pub fn to_bytes(&self) -> [u8; CLAIMS_BYTES] {
        let expiry = self.expires_at.as_millis().min(LATEST).to_be_bytes();
        let (_, expiry) = expiry.split_at(2);
        concat(&[
            &[VERSION],
            self.user.as_bytes(),
            &self.key.0.to_be_bytes(),
            &self.generation.to_be_bytes(),
            expiry,
        ])
    }

    /// Reads the claims of a token that was offered to `app`. They are worth nothing until the MAC is verified.
    ///
    /// # Errors
    /// If their version is unknown.
    pub fn from_bytes(bytes: &[u8; CLAIMS_BYTES], app: AppKey) -> Result<Self, MalformedToken> {
        let (&[version], rest) = bytes.split_first_chunk().ok_or(MalformedToken)?;
        let (user, rest) = rest.split_first_chunk().ok_or(MalformedToken)?;
        let (key, rest) = rest.split_first_chunk().ok_or(MalformedToken)?;
        let (generation, rest) = rest.split_first_chunk().ok_or(MalformedToken)?;
        let expiry: &[u8; 6] = rest.try_into().map_err(|_| MalformedToken)?;
        if version != VERSION {
            return Err(MalformedToken);
        }
        Ok(Self {
            user: UserKey::from_bytes(*user),
            app,
            key: SigningKeyId(u32::from_be_bytes(*key)),
            generation: u32::from_be_bytes(*generation),
            expires_at: Timestamp::from_millis(u64::from_be_bytes(concat(&[&[0, 0], expiry]))),
        })
    }

    /// What the MAC is computed over: a label, the application, the claims.
    pub fn signed_bytes(&self) -> [u8; SIGNED_BYTES] {
        concat(&[LABEL, &self.app.0.to_be_bytes(), &self.to_bytes()])
    }

    /// Whether a token whose MAC is right still counts.
    ///
    /// # Errors
    /// Says why not.
    pub fn check(&self, facts: &TokenFacts, now: Timestamp) -> Result<(), TokenRefusal> {
        if self.generation != facts.generation {
            return Err(TokenRefusal::Revoked);
        }
        if self.expires_at <= now {
            return Err(TokenRefusal::Expired);
        }
        if !facts.is_active {
            return Err(TokenRefusal::Deactivated);
        }
        Ok(())
    }
}

/// Strings parts together that are `N` bytes long in all.
fn concat<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut bytes = [0; N];
    for (to, from) in bytes.iter_mut().zip(parts.iter().copied().flatten()) {
        *to = *from;
    }
    bytes
}

#[cfg(test)]
mod tests;
