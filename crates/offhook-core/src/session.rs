//! Sessions: what a sign-in gave, how long it lasts, what it still allows.
//!
//! | what happens | sessions made with … | what follows |
//! |---|---|---|
//! | 30 days without use | any | the session is over |
//! | the session token expires | that token | live calls go on, nothing new may start; the last call's end ends it |
//! | session tokens are revoked | any session token | over at once, calls end |
//! | the access token is replaced | the one before | over at once, calls end |
//! | the user is deactivated or deleted | any | over at once, calls end |
//! | the user gets a first token of either kind | the name alone | over at once, calls end |
//! | the application denies signing in without a token | the name alone | over at once, calls end |

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::application::AccessTokenPermission;
use crate::credential::SessionTokenClaims;
use crate::id::{AppKey, SessionId, UserKey};
use crate::time::Timestamp;

/// How long a session lasts after it was last used.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long a session is kept after its end: a device that comes back to a live call still needs it.
pub const ENDED_SESSION_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// The most sessions of one user; the oldest gives way.
pub const MAX_SESSIONS: usize = 20;
/// A session is prolonged only by this much or more, so that its use does not write to the store each time.
pub const SLIDE_STEP: Duration = Duration::from_secs(60 * 60);

/// One sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id; its secret is not here.
    pub id: SessionId,
    /// The application.
    pub app: AppKey,
    /// Who signed in.
    pub user: UserKey,
    /// With what.
    pub credential: Credential,
    /// When.
    pub created_at: Timestamp,
    /// When it ends unless it is used before.
    pub expires_at: Timestamp,
}

/// What a session was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Credential {
    /// The user's name alone, where the application allows that.
    None,
    /// The user's access token.
    AccessToken {
        /// The user's [`access_token_number`](SessionFacts::access_token_number) at that time.
        number: u32,
    },
    /// A session token.
    SessionToken {
        /// The user's [`generation`](SessionFacts::generation) when it was issued.
        generation: u32,
        /// When it ends.
        expires_at: Timestamp,
    },
}

/// What the directory says about a session's user and application. A user who was deleted has none: the session is then
/// unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionFacts {
    /// Whether the user may sign in.
    pub is_active: bool,
    /// Raised by each revocation of session tokens.
    pub generation: u32,
    /// Raised by each access token that is issued.
    pub access_token_number: u32,
    /// Whether a token of either kind was ever issued: then the name alone is not enough any more.
    pub has_had_token: bool,
    /// The application's setting for users without a token.
    pub permission: AccessTokenPermission,
}

/// What a session still allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Everything.
    Full,
    /// Its session token has expired: to go on with live calls and to end them.
    LiveCallsOnly,
}

/// What a request does with regard to its session's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Begins something: dial, accept, and every request outside calls.
    Begin,
    /// Goes on with a call: end, report, set media, signal, read, acknowledge a ring.
    Continue,
}

/// Why a session does not allow something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionRefusal {
    /// Its time or its session token's is over (400309).
    #[error("the session has expired")]
    Expired,
    /// Its token was revoked or replaced, or it has none and needs one by now (400309).
    #[error("the session was revoked")]
    Revoked,
    /// The user is deactivated (400300).
    #[error("the user is deactivated")]
    Deactivated,
}

/// A session token that is another user's (400302).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session token is another user's")]
pub struct ForeignToken;

impl Session {
    /// Opens a session.
    pub fn open(id: SessionId, app: AppKey, user: UserKey, credential: Credential, now: Timestamp) -> Self {
        Self {
            id,
            app,
            user,
            credential,
            created_at: now,
            expires_at: end(credential, now),
        }
    }

    /// What the session allows at `now`.
    ///
    /// # Errors
    /// Says why it allows nothing any more: then its sockets close and its calls end.
    pub fn validity(&self, facts: &SessionFacts, now: Timestamp) -> Result<Validity, SessionRefusal> {
        if !facts.is_active {
            return Err(SessionRefusal::Deactivated);
        }
        match self.credential {
            Credential::None if facts.has_had_token || facts.permission == AccessTokenPermission::Deny => {
                Err(SessionRefusal::Revoked)
            }
            Credential::AccessToken { number } if number != facts.access_token_number => Err(SessionRefusal::Revoked),
            Credential::SessionToken { generation, .. } if generation != facts.generation => {
                Err(SessionRefusal::Revoked)
            }
            Credential::SessionToken { expires_at, .. } if expires_at <= now => Ok(Validity::LiveCallsOnly),
            Credential::None | Credential::AccessToken { .. } | Credential::SessionToken { .. }
                if self.expires_at <= now =>
            {
                Err(SessionRefusal::Expired)
            }
            Credential::None | Credential::AccessToken { .. } | Credential::SessionToken { .. } => Ok(Validity::Full),
        }
    }

    /// The later end that using the session at `now` gives it; nothing, where that is not worth writing down. A session
    /// never outlasts its session token.
    pub fn slide(&self, now: Timestamp) -> Option<Timestamp> {
        let expires_at = end(self.credential, now);
        (expires_at >= self.expires_at + SLIDE_STEP).then_some(expires_at)
    }

    /// The session, prolonged by a new session token that was verified and checked.
    ///
    /// # Errors
    /// If the token is another user's.
    pub fn renew(&self, claims: &SessionTokenClaims, now: Timestamp) -> Result<Self, ForeignToken> {
        if (claims.app, claims.user) != (self.app, self.user) {
            return Err(ForeignToken);
        }
        let credential = Credential::SessionToken {
            generation: claims.generation,
            expires_at: claims.expires_at,
        };
        Ok(Self {
            credential,
            expires_at: end(credential, now),
            ..self.clone()
        })
    }

    /// How long the session token lasts from `now`; nothing for other sign-ins.
    pub fn token_expires_in(&self, now: Timestamp) -> Option<Duration> {
        match self.credential {
            Credential::SessionToken { expires_at, .. } => Some(expires_at.since(now)),
            Credential::None | Credential::AccessToken { .. } => None,
        }
    }
}

impl Validity {
    /// Whether it allows an act.
    ///
    /// # Errors
    /// [`SessionRefusal::Expired`], where something would begin and nothing may.
    pub const fn permit(self, act: Act) -> Result<(), SessionRefusal> {
        match (self, act) {
            (Self::Full, Act::Begin | Act::Continue) | (Self::LiveCallsOnly, Act::Continue) => Ok(()),
            (Self::LiveCallsOnly, Act::Begin) => Err(SessionRefusal::Expired),
        }
    }

    /// Whether a socket may stay open.
    ///
    /// # Errors
    /// [`SessionRefusal::Expired`], where only live calls kept the session and none is left.
    pub const fn keep_open(self, has_live_calls: bool) -> Result<(), SessionRefusal> {
        match self {
            Self::LiveCallsOnly if !has_live_calls => Err(SessionRefusal::Expired),
            Self::Full | Self::LiveCallsOnly => Ok(()),
        }
    }
}

fn end(credential: Credential, used_at: Timestamp) -> Timestamp {
    let end = used_at + SESSION_LIFETIME;
    match credential {
        Credential::SessionToken { expires_at, .. } => end.min(expires_at),
        Credential::None | Credential::AccessToken { .. } => end,
    }
}

#[cfg(test)]
mod tests;
