//! Time-limited credentials: a password is derived from the username and a secret, so that nobody stores it.
//!
//! This is the scheme of draft-uberti-behave-turn-rest, which coturn calls `use-auth-secret`.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::digest::hmac_sha1;

/// What an allocation is made for: an opaque text that the username carries.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(Arc<str>);

/// Why a text is no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// It is empty.
    #[error("a ticket is not empty")]
    Empty,
    /// It is longer than [`Ticket::MAX_LENGTH_BYTES`].
    #[error("a ticket has at most 64 bytes")]
    TooLong,
    /// It has bytes that are not visible ASCII.
    #[error("a ticket is of visible ASCII")]
    Characters,
}

impl Ticket {
    /// The longest ticket: Offhook's own has 49 bytes, and a ticket is kept for every allocation.
    pub const MAX_LENGTH_BYTES: usize = 64;

    /// Reads a ticket.
    ///
    /// # Errors
    ///
    /// [`TicketError`] if it is empty, too long, or not of visible ASCII.
    pub fn new(text: &str) -> Result<Self, TicketError> {
        if text.is_empty() {
            return Err(TicketError::Empty);
        }
        if text.len() > Self::MAX_LENGTH_BYTES {
            return Err(TicketError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TicketError::Characters);
        }
        Ok(Self(text.into()))
    }

    /// The ticket as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whose it is: what stands before the first `.`; empty if there is none.
    pub fn application(&self) -> &str {
        self.0.split_once('.').map_or("", |(application, _)| application)
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Ticket({})", self.0)
    }
}

/// The secret from which passwords are derived; whoever hands out credentials has it too.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What a client needs to allocate.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// `expiry:ticket`, the expiry in seconds since 1970-01-01 UTC.
    pub username: String,
    /// The password that belongs to it.
    pub password: String,
}

impl Secret {
    /// Takes a secret, which should carry at least 128 bits of randomness.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Makes the credential that allows `ticket` to allocate until `expiry`, in seconds since 1970-01-01 UTC.
    pub fn credential(&self, ticket: &Ticket, expiry: u64) -> Credential {
        let username = format!("{expiry}:{ticket}");
        let password = self.password(&username);
        Credential { username, password }
    }

    /// The password of a username.
    pub(crate) fn password(&self, username: &str) -> String {
        STANDARD.encode(hmac_sha1(&self.0, &[username.as_bytes()]))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credential")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
