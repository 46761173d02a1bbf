//! What an application's settings decide.

use serde::{Deserialize, Serialize};

/// Who may sign in without a token ("access token permission").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessTokenPermission {
    /// Nobody; unknown users are not made. What `serve` creates.
    Deny,
    /// Users without a token may sign in, be rung and answer, but not dial.
    ReadOnly,
    /// Users without a token may do everything, and unknown users are made when they sign in.
    ReadWrite,
}

impl AccessTokenPermission {
    /// The word in the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::ReadOnly => "read_only",
            Self::ReadWrite => "read_write",
        }
    }
}
