//! Signing in: `POST /client/v1/authenticate`, `DELETE /client/v1/session`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The body of `POST /client/v1/authenticate`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct AuthenticateRequest {
    /// The application.
    pub app_id: String,
    /// The user.
    pub user_id: String,
    /// An access token or a session token; left out, null and empty mean none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub access_token: Option<String>,
}

impl std::fmt::Debug for AuthenticateRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthenticateRequest")
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

/// The answer to `POST /client/v1/authenticate`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct AuthenticateResponse {
    /// Who signed in.
    pub user: SignedInUser,
    /// The secret of the session: sent as `Authorization: Bearer …` and in the socket's first message.
    pub session_key: String,
    /// How long the session lasts unless it is used, in milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub session_expires_in_ms: u64,
    /// How long the session token that was given stays valid, in milliseconds; left out for other sign-ins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub token_expires_in_ms: Option<u64>,
}

impl std::fmt::Debug for AuthenticateResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthenticateResponse").finish_non_exhaustive()
    }
}

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SignedInUser {
    /// The application's id of the user.
    pub user_id: String,
    /// The name to show; may be empty.
    pub nickname: String,
    /// A picture's address; may be empty.
    pub profile_url: String,
    /// The application's words about the user.
    pub metadata: BTreeMap<String, String>,
    /// Whether the user is active; always true, since others cannot sign in.
    pub is_active: bool,
}

/// An error's body on `/client/v1` and `/v1`; the `/v3` dialect is the same without `type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ErrorBody {
    /// Always true.
    pub error: bool,
    /// From the table in [`crate::error`].
    pub code: u32,
    /// What happened and what to do.
    pub message: String,
}
