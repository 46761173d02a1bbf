//! Signing in, and whether a session still holds.

use offhook_core::application::{self, KnownUser, Offered, SignIn, SignInFacts, SignInRefusal};
use offhook_core::id::{AppId, AppKey, SessionId, UserKey};
use offhook_core::session::{Credential, Session, SessionRefusal};
use offhook_core::time::{Timestamp, millis};
use offhook_core::user;
use offhook_proto::error::ErrorCode;
use offhook_store::{Application, NewUser, SessionError, SignedIn, StoreError, TokenHash, User, UserError};

use crate::address::ClientAddress;
use crate::credential;
use crate::http::error::ApiError;
use crate::node::Node;
use crate::secret;

/// Who wants to sign in.
pub struct Attempt<'a> {
    /// The application.
    pub app_id: &'a str,
    /// The user.
    pub user_id: &'a str,
    /// An access token or a session token.
    pub token: Option<&'a str>,
    /// The page that asks.
    pub origin: Option<&'a str>,
    /// Where from.
    pub address: ClientAddress,
}

/// A sign-in that succeeded.
pub struct SignInGrant {
    /// Who signed in.
    pub user: User,
    /// The secret of the session; only its hash is kept.
    pub session_key: String,
    /// When the session ends unless it is used.
    pub session_expires_at: Timestamp,
    /// When the session token ends, if one was given.
    pub token_expires_at: Option<Timestamp>,
}

/// Signs a user in.
///
/// # Errors
/// Says in the client's words why not.
pub async fn sign_in(node: &Node, attempt: Attempt<'_>) -> Result<SignInGrant, ApiError> {
    let outcome = attempt_sign_in(node, &attempt).await;
    let outcome_word = if outcome.is_ok() { "granted" } else { "refused" };
    metrics::counter!("offhook_sign_ins_total", "outcome" => outcome_word).increment(1);
    outcome
}

async fn attempt_sign_in(node: &Node, attempt: &Attempt<'_>) -> Result<SignInGrant, ApiError> {
    let application = match attempt.app_id.parse::<AppId>() {
        Ok(id) => node
            .store()
            .application_by_id(&id)
            .await
            .map_err(|error| ApiError::internal(&error))?,
        Err(_) => None,
    };
    let Some(application) = application else {
        return Err(match node.throttle().count_wrong_application(attempt.address) {
            Ok(()) => ErrorCode::APPLICATION_NOT_FOUND.into(),
            Err(wait) => ApiError::throttled(wait),
        });
    };
    check_origin(&application, attempt.origin)?;
    user::check_user_id(attempt.user_id)?;
    let known = node
        .store()
        .user(application.key, attempt.user_id)
        .await
        .map_err(|error| ApiError::internal(&error))?;
    let now = node.clock().now();
    let facts = SignInFacts {
        permission: application.permission,
        user: known.as_ref().map(|user| KnownUser {
            key: user.key,
            is_active: user.is_active,
            has_had_token: user.has_had_token,
            generation: user.generation,
            access_token_number: user.access_token_number,
        }),
        offered: verify(node, application.key, known.as_ref(), attempt.token).await?,
    };
    let credential = match application::sign_in(&facts, now) {
        Ok(SignIn::Known { key, credential }) => (key, credential),
        Ok(SignIn::New) => {
            node.throttle()
                .count_new_user(attempt.address)
                .map_err(ApiError::throttled)?;
            (
                create_user(node, application.key, attempt.user_id, now).await?,
                Credential::None,
            )
        }
        Err(refusal) => {
            return Err(
                match node
                    .throttle()
                    .count_wrong(application.key, attempt.user_id, attempt.address)
                {
                    Ok(()) => sign_in_refusal(refusal),
                    Err(wait) => ApiError::throttled(wait),
                },
            );
        }
    };
    open_session(node, application.key, credential, now).await
}

/// Which credential a token is: an access token is compared by its hash, a session token by its MAC.
async fn verify(node: &Node, app: AppKey, user: Option<&User>, token: Option<&str>) -> Result<Offered, ApiError> {
    let Some(token) = token else {
        return Ok(Offered::Nothing);
    };
    let hash = secret::hash(token);
    let is_access_token = user
        .and_then(|user| user.access_token_hash.as_ref())
        .is_some_and(|kept| secret::same(kept.as_bytes(), &hash));
    if is_access_token {
        return Ok(Offered::AccessToken);
    }
    let claims = credential::verify_session_token(node.store(), node.key(), app, token).await;
    let claims = claims.map_err(|error| ApiError::internal(&error))?;
    Ok(claims.map_or(Offered::Wrong, Offered::SessionToken))
}

/// Makes a user who signs in for the first time. Two devices may do so in the same moment: then the second finds the
/// user that the first has made.
async fn create_user(node: &Node, app: AppKey, user_id: &str, now: Timestamp) -> Result<UserKey, ApiError> {
    let new = NewUser::new(UserKey::from_bytes(secret::random()), user_id);
    match node.store().create_user(app, new, now).await {
        Ok(user) => Ok(user.key),
        Err(UserError::AlreadyExists) => {
            let found = node
                .store()
                .user(app, user_id)
                .await
                .map_err(|error| ApiError::internal(&error))?;
            found
                .map(|user| user.key)
                .ok_or_else(|| ErrorCode::USER_NOT_FOUND.into())
        }
        Err(error) => Err(ApiError::internal(&error)),
    }
}

async fn open_session(
    node: &Node,
    app: AppKey,
    (user, credential): (UserKey, Credential),
    now: Timestamp,
) -> Result<SignInGrant, ApiError> {
    let session = Session::open(new_session_id(now), app, user, credential, now);
    let session_key = new_session_key(session.id);
    let session_expires_at = session.expires_at;
    let token_expires_at = session.token_expires_in(now).map(|life| now + life);
    let hash = TokenHash::from_bytes(secret::hash(&session_key));
    let created = node
        .store()
        .create_session(session, hash)
        .await
        .map_err(session_error)?;
    if !created.swept.is_empty() {
        let changed = node.sessions_changed(app, user).await;
        changed.map_err(|error| ApiError::internal(&error))?;
    }
    Ok(SignInGrant {
        user: created.user,
        session_key,
        session_expires_at,
        token_expires_at,
    })
}

/// Finds the session whose key this is. Whether it still counts, [`SignedIn::validity`] says.
///
/// # Errors
/// [`ErrorCode::INVALID_SESSION_KEY`] if there is none.
pub async fn find_session(node: &Node, key: &str) -> Result<SignedIn, ApiError> {
    let id = session_of(key).ok_or(ErrorCode::INVALID_SESSION_KEY)?;
    let hash = TokenHash::from_bytes(secret::hash(key));
    let found = node.store().session_by_key(id, hash).await;
    let found = found.map_err(|error| ApiError::internal(&error))?;
    found.ok_or_else(|| ErrorCode::INVALID_SESSION_KEY.into())
}

/// The key begins with its session's id, so that no index of hashes, which lie all over the database, has to be written. What
/// follows are 256 random bits.
fn new_session_key(id: SessionId) -> String {
    secret::encode(&[id.as_bytes().as_slice(), &secret::random::<32>()].concat())
}

fn session_of(key: &str) -> Option<SessionId> {
    let bytes = secret::decode(key)?;
    bytes.first_chunk().copied().map(SessionId::from_bytes)
}

/// Begins with the time, and eighty random bits follow: what is made together is written together, and not all over the database.
/// No secret: that is the key.
fn new_session_id(now: Timestamp) -> SessionId {
    let mut bytes = secret::random::<16>();
    let [_, _, time @ ..] = now.as_millis().to_be_bytes();
    for (byte, value) in bytes.iter_mut().zip(time) {
        *byte = value;
    }
    SessionId::from_bytes(bytes)
}

/// Prolongs the session of a live socket with a new session token; returns how long the token lasts, in milliseconds.
///
/// # Errors
/// Says in the client's words why not; the session is then as it was.
pub async fn renew(node: &Node, signed_in: &SignedIn, token: &str) -> Result<(SignedIn, u64), ApiError> {
    let claims = credential::verify_session_token(node.store(), node.key(), signed_in.application.key, token).await;
    let claims = claims
        .map_err(|error| ApiError::internal(&error))?
        .ok_or(ErrorCode::INVALID_ACCESS_TOKEN)?;
    let now = node.clock().now();
    let renewed = signed_in
        .session
        .renew(&claims, now)
        .map_err(|_| ErrorCode::INVALID_ACCESS_TOKEN)?;
    let expires_in = millis(claims.expires_at.since(now));
    let signed_in = node.store().renew_session(renewed, now).await.map_err(session_error)?;
    Ok((signed_in, expires_in))
}

/// Moves the end of a session that is in use.
///
/// # Errors
/// If the store fails.
pub async fn prolong(node: &Node, signed_in: &SignedIn) -> Result<(), StoreError> {
    match signed_in.session.slide(node.clock().now()) {
        Some(expires_at) => node.store().touch_session(signed_in.session.id, expires_at).await,
        None => Ok(()),
    }
}

/// Whether a session still holds: after its session token has run out, only for the calls that live.
///
/// # Errors
/// Says in the client's words why not.
pub fn check_session(signed_in: &SignedIn, has_live_call: bool, now: Timestamp) -> Result<(), ApiError> {
    signed_in
        .validity(now)
        .and_then(|validity| validity.keep_open(has_live_call))
        .map_err(refusal)
}

/// Whether an application's users may sign in from pages of an origin. Programs that are no browsers name none.
///
/// # Errors
/// If the origin is not on the application's list.
pub fn check_origin(application: &Application, origin: Option<&str>) -> Result<(), ApiError> {
    let allowed = &application.allowed_origins;
    match origin {
        Some(origin) if !allowed.is_empty() && !allowed.iter().any(|one| one.eq_ignore_ascii_case(origin)) => {
            Err(ErrorCode::ORIGIN_NOT_ALLOWED.into())
        }
        Some(_) | None => Ok(()),
    }
}

/// Says in the client's words why a session does not count.
pub fn refusal(refusal: SessionRefusal) -> ApiError {
    match refusal {
        SessionRefusal::Deactivated => ErrorCode::USER_DEACTIVATED.into(),
        SessionRefusal::Expired => ErrorCode::SESSION_EXPIRED.into(),
        SessionRefusal::Revoked => ApiError::new(ErrorCode::SESSION_EXPIRED, "This session was revoked."),
    }
}

fn sign_in_refusal(refusal: SignInRefusal) -> ApiError {
    match refusal {
        SignInRefusal::TokenMissing | SignInRefusal::TokenWrong => ErrorCode::INVALID_ACCESS_TOKEN.into(),
        SignInRefusal::TokenExpired => ApiError::new(ErrorCode::SESSION_EXPIRED, "This session token has expired."),
        SignInRefusal::TokenRevoked => ApiError::new(ErrorCode::SESSION_EXPIRED, "This session token was revoked."),
        SignInRefusal::UserNotFound => ErrorCode::USER_NOT_FOUND.into(),
        SignInRefusal::UserDeactivated => ErrorCode::USER_DEACTIVATED.into(),
    }
}

fn session_error(error: SessionError) -> ApiError {
    match error {
        SessionError::Refused(reason) => refusal(reason),
        SessionError::NoSuchUser => ErrorCode::USER_NOT_FOUND.into(),
        SessionError::NoSuchSession => ErrorCode::INVALID_SESSION_KEY.into(),
        SessionError::Store(error) => ApiError::internal(&error),
    }
}

#[cfg(test)]
mod tests;
