//! Who runs the server: what each role may do, and when a session of the dashboard ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The longest that a session lasts, however much it is used: a working day.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// How long a session lasts without a request: a page that is open asks more often.
pub const SESSION_IDLE: Duration = Duration::from_secs(2 * 3600);
/// Sessions that an administrator may have at once; the oldest has to go.
pub const MAX_SESSIONS: u32 = 20;
/// The shortest and the longest password, in characters.
pub const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 12..=256;
/// The longest name, in characters.
pub const MAX_NAME_CHARACTERS: usize = 80;

/// What an administrator may do. The greater may do what the lesser may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// See everything but secrets; change nothing.
    Viewer,
    /// Also change applications and users, end calls, replay webhooks.
    Operator,
    /// Also applications themselves, their keys, and administrators.
    Owner,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Owner];

    /// The word in the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }
}

/// A name or a password that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAdministrator {
    /// The name is empty or too long.
    #[error("a name has 1 to 80 characters")]
    NameLength,
    /// The name has characters that do not show.
    #[error("a name has no control characters, and no spaces at its ends")]
    NameCharacter,
    /// The password is too short or too long.
    #[error("a password has 12 to 256 characters")]
    PasswordLength,
    /// The password is the name.
    #[error("a password is not the name")]
    PasswordIsName,
}

/// Checks a name to sign in with.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_name(name: &str) -> Result<(), InvalidAdministrator> {
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARACTERS {
        return Err(InvalidAdministrator::NameLength);
    }
    if name.chars().any(char::is_control) || name.trim() != name {
        return Err(InvalidAdministrator::NameCharacter);
    }
    Ok(())
}

/// Checks a password. Long ones are good enough; what it is made of is not asked (NIST SP 800-63B §3.1.1.2).
///
/// # Errors
/// Says what is wrong with it.
pub fn check_password(password: &str, name: &str) -> Result<(), InvalidAdministrator> {
    if !PASSWORD_CHARACTERS.contains(&password.chars().count()) {
        return Err(InvalidAdministrator::PasswordLength);
    }
    if password.eq_ignore_ascii_case(name) {
        return Err(InvalidAdministrator::PasswordIsName);
    }
    Ok(())
}

/// Whether a session still counts that was opened and last used then.
pub fn is_session_alive(opened_at: Timestamp, used_at: Timestamp, now: Timestamp) -> bool {
    now < opened_at + SESSION_LIFETIME && now < used_at + SESSION_IDLE
}

#[cfg(test)]
mod tests;
