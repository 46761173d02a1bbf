//! Issuing credentials: applications with their API tokens, access tokens, session tokens. What is secret leaves here
//! once, to whoever asked; the store gets hashes and sealed values.

use offhook_core::application::AccessTokenPermission;
use offhook_core::credential::{self, InvalidExpiry, MAC_BYTES, SessionTokenClaims};
use offhook_core::id::{AppId, AppKey};
use offhook_core::time::Timestamp;
use offhook_store::{
    ApiToken, ApiTokenEntry, ApiTokenError, Application, ApplicationError, NewApplication, Sealed, SigningKey, Store,
    StoreError, TokenHash, User, UserError,
};

use crate::secret::{self, NotOpened, ServerKey};
use crate::webhooks::signature::Signer;

/// Sealed values open for their own purpose only.
const SIGNING_KEY: &str = "signing key";
const API_TOKEN: &str = "api token";
const WEBHOOK_KEY: &str = "webhook key";

/// An application to be made.
#[derive(Debug)]
pub struct WantedApplication {
    /// Its id; drawn at random, if there is none.
    pub app_id: Option<AppId>,
    /// A name for people.
    pub name: String,
    /// What users without a token may do.
    pub permission: AccessTokenPermission,
    /// Whose pages may sign in; any, if empty.
    pub allowed_origins: Vec<String>,
    /// Whether its media takes no path but over the relay.
    pub is_relay_only: bool,
}

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The application has no signing key, no API token, or is gone.
    #[error("there is no such application")]
    NoSuchApplication,
    /// The application was not made or changed.
    #[error(transparent)]
    Application(#[from] ApplicationError),
    /// The user is unknown, or was not changed.
    #[error(transparent)]
    User(#[from] UserError),
    /// The expiry cannot be used.
    #[error(transparent)]
    Expiry(#[from] InvalidExpiry),
    /// The key does not open what the store holds.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a key is the one that belongs to a store, of which a sealed signing key is shown.
pub fn belongs(key: &ServerKey, signing_key: &Sealed) -> bool {
    key.open(SIGNING_KEY, signing_key.as_bytes()).is_ok()
}

/// Makes an application; returns it and its API token.
///
/// # Errors
/// If the id is taken or the store fails.
pub async fn create_application(
    store: &Store,
    key: &ServerKey,
    wanted: WantedApplication,
    now: Timestamp,
) -> Result<(Application, String), IssueError> {
    let id = wanted.app_id.unwrap_or_else(|| AppId::from_bytes(secret::random()));
    let (api_token, stored) = new_api_token(key);
    let new = NewApplication {
        id,
        name: wanted.name,
        permission: wanted.permission,
        allowed_origins: wanted.allowed_origins,
        is_relay_only: wanted.is_relay_only,
        api_token: stored,
        signing_key: new_signing_key(key),
        webhook_key: new_webhook_key(key).1,
    };
    Ok((store.create_application(new, now).await?, api_token))
}

/// Replaces the API token of an application; returns the new one.
///
/// # Errors
/// If there is no such application or the store fails.
pub async fn rotate_api_token(
    store: &Store,
    key: &ServerKey,
    app: AppKey,
    now: Timestamp,
) -> Result<String, IssueError> {
    let (api_token, stored) = new_api_token(key);
    store.rotate_api_token(app, stored, now).await?;
    Ok(api_token)
}

/// Makes a secondary API token; returns it: of it only the hash and its last letters are kept.
///
/// # Errors
/// [`ApiTokenError`] says why none was made.
pub async fn add_api_token(
    store: &Store,
    app: AppKey,
    now: Timestamp,
) -> Result<(String, ApiTokenEntry), ApiTokenError> {
    let token = secret::new_token();
    let hash = TokenHash::from_bytes(secret::hash(&token));
    let entry = store.add_api_token(app, hash, hint(&token), now).await?;
    Ok((token, entry))
}

/// Makes a key that signs session tokens, sealed.
pub fn new_signing_key(key: &ServerKey) -> Sealed {
    Sealed::from_bytes(key.seal(SIGNING_KEY, &secret::random::<32>()))
}

/// Reads the API token of an application.
///
/// # Errors
/// If there is none, or it does not open with this key.
pub async fn api_token(store: &Store, key: &ServerKey, app: AppKey) -> Result<String, IssueError> {
    let sealed = store.api_token(app).await?.ok_or(IssueError::NoSuchApplication)?;
    let plain = key.open(API_TOKEN, sealed.as_bytes())?;
    String::from_utf8(plain).map_err(|_| NotOpened.into())
}

/// Reads the key that signs the webhooks of an application: what its receivers are given, as text.
///
/// # Errors
/// If there is none, or it does not open with this key.
pub async fn webhook_key(store: &Store, key: &ServerKey, app: AppKey, now: Timestamp) -> Result<String, IssueError> {
    let keys = store.webhook_keys(app, now).await?;
    let plain = open_webhook_key(key, keys.first().ok_or(IssueError::NoSuchApplication)?)?;
    String::from_utf8(plain).map_err(|_| NotOpened.into())
}

/// Replaces the key that signs the webhooks of an application; returns the new one. The one before signs too for a while.
///
/// # Errors
/// If there is no such application or the store fails.
pub async fn rotate_webhook_key(
    store: &Store,
    key: &ServerKey,
    app: AppKey,
    now: Timestamp,
) -> Result<String, IssueError> {
    let (plain, sealed) = new_webhook_key(key);
    store.rotate_webhook_key(app, sealed, now).await?;
    Ok(plain)
}

/// Reads all that signs what an application's servers are sent.
///
/// # Errors
/// If there is no such application, or a key does not open with this key.
pub async fn signer(store: &Store, key: &ServerKey, app: AppKey, now: Timestamp) -> Result<Signer, IssueError> {
    let sealed = store.webhook_keys(app, now).await?;
    let opened: Result<_, _> = sealed.iter().map(|sealed| open_webhook_key(key, sealed)).collect();
    Ok(Signer::new(api_token(store, key, app).await?, opened?))
}

/// Opens a key that signs webhooks.
fn open_webhook_key(key: &ServerKey, sealed: &Sealed) -> Result<Vec<u8>, NotOpened> {
    key.open(WEBHOOK_KEY, sealed.as_bytes())
}

/// Issues an access token; the one before stops working. Returns it: it is not kept.
///
/// # Errors
/// If there is no such user or the store fails.
pub async fn issue_access_token(store: &Store, app: AppKey, user_id: &str) -> Result<String, IssueError> {
    let token = secret::new_token();
    store
        .issue_access_token(app, user_id, TokenHash::from_bytes(secret::hash(&token)))
        .await?;
    Ok(token)
}

/// Issues a session token; returns it and when it ends. It is not kept.
///
/// # Errors
/// If there is no such user, the expiry asked for cannot be used, or the store fails.
pub async fn issue_session_token(
    store: &Store,
    key: &ServerKey,
    app: AppKey,
    user_id: &str,
    asked: Option<Timestamp>,
    now: Timestamp,
) -> Result<(String, Timestamp), IssueError> {
    let expires_at = credential::expiry(asked, now)?;
    let user = store.note_session_token(app, user_id).await?;
    Ok((session_token(store, key, &user, expires_at).await?, expires_at))
}

/// Signs a session token for a user.
///
/// # Errors
/// If the application has no signing key or the store fails.
pub async fn session_token(
    store: &Store,
    key: &ServerKey,
    user: &User,
    expires_at: Timestamp,
) -> Result<String, IssueError> {
    let signing_key = store
        .current_signing_key(user.app)
        .await?
        .ok_or(IssueError::NoSuchApplication)?;
    let claims = SessionTokenClaims {
        user: user.key,
        app: user.app,
        key: signing_key.id,
        generation: user.generation,
        expires_at,
    };
    let opened = open_signing_key(key, &signing_key)?;
    let mut mac = [0; MAC_BYTES];
    for (byte, value) in mac
        .iter_mut()
        .zip(secret::authenticate(&opened, &claims.signed_bytes()).as_ref())
    {
        *byte = *value;
    }
    Ok(secret::encode(&credential::join(&claims, &mac)))
}

/// Reads a session token that was offered to `app`; nothing, if it is none, or its MAC is wrong.
///
/// # Errors
/// If a key does not open or the store fails.
pub async fn verify_session_token(
    store: &Store,
    key: &ServerKey,
    app: AppKey,
    token: &str,
) -> Result<Option<SessionTokenClaims>, IssueError> {
    let Some(bytes) = secret::decode(token) else {
        return Ok(None);
    };
    let Ok((claims_bytes, mac)) = credential::split(&bytes) else {
        return Ok(None);
    };
    let Ok(claims) = SessionTokenClaims::from_bytes(claims_bytes, app) else {
        return Ok(None);
    };
    let Some(signing_key) = store.signing_key(claims.key).await?.filter(|key| key.app == app) else {
        return Ok(None);
    };
    let opened = open_signing_key(key, &signing_key)?;
    Ok(secret::is_authentic(&opened, &claims.signed_bytes(), mac).then_some(claims))
}

fn open_signing_key(key: &ServerKey, signing_key: &SigningKey) -> Result<Vec<u8>, NotOpened> {
    key.open(SIGNING_KEY, signing_key.sealed.as_bytes())
}

/// 256 random bits, as text: it is the text that signs, so that receivers need not decode it.
fn new_webhook_key(key: &ServerKey) -> (String, Sealed) {
    let plain = secret::encode(&secret::random::<32>());
    let sealed = Sealed::from_bytes(key.seal(WEBHOOK_KEY, plain.as_bytes()));
    (plain, sealed)
}

fn new_api_token(key: &ServerKey) -> (String, ApiToken) {
    let token = secret::new_token();
    let stored = ApiToken {
        hash: TokenHash::from_bytes(secret::hash(&token)),
        hint: hint(&token),
        sealed: Sealed::from_bytes(key.seal(API_TOKEN, token.as_bytes())),
    };
    (token, stored)
}

/// The last four letters of a secret, by which people tell it from others.
fn hint(token: &str) -> String {
    token
        .get(token.len().saturating_sub(4)..)
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests;
