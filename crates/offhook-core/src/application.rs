//! What an application's settings decide: who may sign in, and what without a token.

use serde::{Deserialize, Serialize};

use crate::credential::{SessionTokenClaims, TokenFacts, TokenRefusal};
use crate::id::UserKey;
use crate::session::Credential;
use crate::time::Timestamp;

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

    /// Whether a session made with `credential` may only answer. Asked at each dial, so that a changed setting counts at
    /// once.
    pub const fn is_read_only(self, credential: Credential) -> bool {
        match credential {
            Credential::None => matches!(self, Self::Deny | Self::ReadOnly),
            Credential::AccessToken { .. } | Credential::SessionToken { .. } => false,
        }
    }
}

/// What is known when somebody wants to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInFacts {
    /// The application's setting.
    pub permission: AccessTokenPermission,
    /// The user of that id, if there is one.
    pub user: Option<KnownUser>,
    /// What was offered.
    pub offered: Offered,
}

/// What the directory says about a user who wants to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownUser {
    /// The user.
    pub key: UserKey,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// Whether a token of either kind was ever issued: then one must be given, whatever the application's setting.
    pub has_had_token: bool,
    /// Raised by each revocation of session tokens.
    pub generation: u32,
    /// Raised by each access token that is issued.
    pub access_token_number: u32,
}

/// The credential that was offered, after its bytes were verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    /// Nothing, null or an empty string.
    Nothing,
    /// The user's present access token.
    AccessToken,
    /// A session token whose MAC is right for the application.
    SessionToken(SessionTokenClaims),
    /// Something that is neither.
    Wrong,
}

/// A sign-in that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// The user signs in.
    Known {
        /// The user.
        key: UserKey,
        /// What the session rests on.
        credential: Credential,
    },
    /// The user is made and signs in, with [`Credential::None`].
    New,
}

/// Why somebody may not sign in. Wrong tokens are told from unknown users only where users are not made by signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefusal {
    /// A token is needed (400302).
    #[error("a token is needed to sign in")]
    TokenMissing,
    /// The token is not this user's (400302).
    #[error("the token is wrong")]
    TokenWrong,
    /// The session token has expired (400309).
    #[error("the session token has expired")]
    TokenExpired,
    /// The session token was revoked (400309).
    #[error("the session token was revoked")]
    TokenRevoked,
    /// There is no such user, and none is made (400301).
    #[error("there is no such user")]
    UserNotFound,
    /// The user is deactivated (400300).
    #[error("the user is deactivated")]
    UserDeactivated,
}

/// Decides whether somebody may sign in.
///
/// # Errors
/// Says why not. Whether a user is deactivated is told only to who has the right credential.
pub fn sign_in(facts: &SignInFacts, now: Timestamp) -> Result<SignIn, SignInRefusal> {
    let Some(user) = facts.user else {
        return match (facts.permission, facts.offered) {
            (AccessTokenPermission::ReadWrite, Offered::Nothing) => Ok(SignIn::New),
            (AccessTokenPermission::ReadWrite, Offered::AccessToken | Offered::SessionToken(_) | Offered::Wrong) => {
                Err(SignInRefusal::TokenWrong)
            }
            (AccessTokenPermission::Deny | AccessTokenPermission::ReadOnly, _) => Err(SignInRefusal::UserNotFound),
        };
    };
    let credential = match facts.offered {
        Offered::Nothing => {
            if user.has_had_token || facts.permission == AccessTokenPermission::Deny {
                return Err(SignInRefusal::TokenMissing);
            }
            Credential::None
        }
        Offered::AccessToken => Credential::AccessToken {
            number: user.access_token_number,
        },
        Offered::SessionToken(claims) => with_session_token(&user, &claims, now)?,
        Offered::Wrong => return Err(SignInRefusal::TokenWrong),
    };
    if user.is_active {
        Ok(SignIn::Known {
            key: user.key,
            credential,
        })
    } else {
        Err(SignInRefusal::UserDeactivated)
    }
}

fn with_session_token(
    user: &KnownUser,
    claims: &SessionTokenClaims,
    now: Timestamp,
) -> Result<Credential, SignInRefusal> {
    if claims.user != user.key {
        return Err(SignInRefusal::TokenWrong);
    }
    let facts = TokenFacts {
        generation: user.generation,
        is_active: user.is_active,
    };
    claims.check(&facts, now).map_err(|refusal| match refusal {
        TokenRefusal::Expired => SignInRefusal::TokenExpired,
        TokenRefusal::Revoked => SignInRefusal::TokenRevoked,
        TokenRefusal::Deactivated => SignInRefusal::UserDeactivated,
    })?;
    Ok(Credential::SessionToken {
        generation: claims.generation,
        expires_at: claims.expires_at,
    })
}

#[cfg(test)]
mod tests;
