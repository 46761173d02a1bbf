//! Users and their tokens, as the Platform API answers (`/v3/users…`).
//!
//! No field is ever null: typed clients refuse that. What only Chat has is constant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserBody {
    /// The application's id of the user.
    pub user_id: String,
    /// The name to show; may be empty.
    pub nickname: String,
    /// A picture's address; may be empty.
    pub profile_url: String,
    /// The access token, in the answer to the request that issued it; empty in every other, since only its hash is kept.
    pub access_token: String,
    /// The session token, in the answer to a request that issued one the old way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub session_tokens: Option<Vec<SessionTokenBody>>,
    /// Whether the user has ever signed in.
    pub has_ever_logged_in: bool,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// Whether a device of the user is connected.
    pub is_online: bool,
    /// When the user was last seen, in UTC milliseconds; -1 if never.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub last_seen_at: i64,
    /// When the user was made, in UTC seconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub created_at: u64,
    /// Kept for the application.
    pub discovery_keys: Vec<String>,
    /// Kept for the application.
    pub preferred_languages: Vec<String>,
    /// The application's words about the user.
    pub metadata: BTreeMap<String, String>,
    /// Always false.
    pub is_hide_me_from_friends: bool,
    /// Always false.
    pub is_shadow_blocked: bool,
    /// Always false.
    pub require_auth_for_profile_image: bool,
    /// Always empty.
    pub locale: String,
    /// Always 0.
    pub unread_channel_count: u32,
    /// Always 0.
    pub unread_message_count: u32,
    /// Whether the request made the user; only in the answer to the request that did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub is_created: Option<bool>,
    /// Empty; only in the answer to the request that made the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub phone_number: Option<String>,
}

impl std::fmt::Debug for UserBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserBody")
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

/// A session token in a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionTokenBody {
    /// The token.
    pub session_token: String,
    /// When it ends, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub expires_at: u64,
}

impl std::fmt::Debug for SessionTokenBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionTokenBody")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The answer to `POST /v3/users/{user_id}/token`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuedTokenBody {
    /// The session token.
    pub token: String,
    /// When it ends, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub expires_at: u64,
}

impl std::fmt::Debug for IssuedTokenBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedTokenBody")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A page of `GET /v3/users`, in the order the users were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserListBody {
    /// The users.
    pub users: Vec<UserBody>,
    /// What to send as `token` for the page after this one; empty at the end.
    pub next: String,
}

/// A secondary API token. Only its hash is kept: whole it is in the answer to the request that made it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondaryToken {
    /// The token; in lists with asterisks for all but its last four letters.
    pub token: String,
    /// When it was made, in UTC milliseconds.
    pub created_at: u64,
}

/// An application's secondary API tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondaryTokenList {
    /// In the order they were made.
    pub api_tokens: Vec<SecondaryToken>,
}
