//! Signing in by name and password, and by a code where an authenticator is set up.

use std::time::Duration;

use offhook_core::administrator::{self, InvalidAdministrator};
use offhook_store::{Administrator, AdministratorError, OpenSession, StoreError, TokenHash};

use super::password::PasswordError;
use super::totp;
use crate::address::ClientAddress;
use crate::node::Node;
use crate::secret::{self, NotOpened};

/// What secrets of authenticators are sealed for.
const TOTP_SECRET: &str = "totp secret";

/// What somebody signs in with.
pub struct Offered<'a> {
    /// The name.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
    /// What the authenticator shows.
    pub code: Option<&'a str>,
}

/// A session that was opened, and its key, which is kept nowhere.
pub struct Opened {
    /// The session.
    pub session: OpenSession,
    /// What the cookie holds.
    pub key: String,
}

/// Why nobody was signed in, or nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Wrong name or password.
    #[error("the name or the password is wrong")]
    Wrong {
        /// The name, if there is an administrator of it: what else was typed there may be a secret.
        name: Option<String>,
    },
    /// The password is right, and a code is needed.
    #[error("a code is needed")]
    CodeRequired,
    /// The code is wrong, or was used.
    #[error("the code is wrong")]
    WrongCode {
        /// Whose it should be.
        name: String,
    },
    /// Too many tries.
    #[error("too many tries")]
    Throttled(Duration),
    /// No authenticator is being set up.
    #[error("no authenticator is being set up")]
    NothingPending,
    /// Comes by the identity provider.
    #[error("there is no password")]
    NoPassword,
    /// A name or a password that cannot be used.
    #[error(transparent)]
    Invalid(#[from] InvalidAdministrator),
    /// The administrator is not as it was a moment ago.
    #[error(transparent)]
    Administrator(#[from] AdministratorError),
    /// The key does not open what the store holds.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    /// The password could not be looked at.
    #[error(transparent)]
    Password(PasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PasswordError> for SignInError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy(wait) => Self::Throttled(wait),
            failed @ PasswordError::Failed(_) => Self::Password(failed),
        }
    }
}

/// Opens a session for whoever has the password, and the authenticator.
///
/// # Errors
/// Says what is wrong, which is as much as a stranger may know.
pub async fn sign_in(node: &Node, address: ClientAddress, offered: Offered<'_>) -> Result<Opened, SignInError> {
    // Names and passwords that cannot be are neither counted by their letters nor hashed.
    if offered.name.chars().count() > administrator::MAX_NAME_CHARACTERS
        || offered.password.chars().count() > *administrator::PASSWORD_CHARACTERS.end()
    {
        return Err(SignInError::Wrong { name: None });
    }
    let found = node.store().administrator_by_name(offered.name).await?;
    let hash = found.as_ref().and_then(|found| found.password_hash.as_deref());
    let is_right = try_password(node, address, offered.name, offered.password, hash).await?;
    let found = match found {
        Some(found) if is_right => found,
        found => {
            return Err(SignInError::Wrong {
                name: found.map(|found| found.name),
            });
        }
    };
    if let Some(sealed) = &found.totp_secret {
        let code = offered.code.ok_or(SignInError::CodeRequired)?;
        let secret = node.key().open(TOTP_SECRET, sealed.as_bytes())?;
        let step = try_code(node, &found, &secret, code)?;
        match node.store().use_totp_step(found.id, step).await {
            Err(AdministratorError::CodeUsed) => return Err(SignInError::WrongCode { name: found.name }),
            used => used?,
        }
    }
    open(node, &found).await
}

/// Opens a session for an administrator who has proved to be it.
///
/// # Errors
/// If the administrator is gone or changed, or the store failed.
pub async fn open(node: &Node, administrator: &Administrator) -> Result<Opened, SignInError> {
    let key = secret::new_key();
    let hash = TokenHash::from_bytes(secret::hash(&key));
    let opened = node.store().open_admin_session(administrator, hash, node.clock().now());
    Ok(Opened {
        session: opened.await?,
        key,
    })
}

/// Checks that the password is the administrator's, who is signed in.
///
/// # Errors
/// [`SignInError::Wrong`] if it is not, [`SignInError::NoPassword`] if there is none.
pub async fn confirm_password(
    node: &Node,
    address: ClientAddress,
    administrator: &Administrator,
    password: &str,
) -> Result<(), SignInError> {
    let hash = administrator.password_hash.as_deref().ok_or(SignInError::NoPassword)?;
    if try_password(node, address, &administrator.name, password, Some(hash)).await? {
        return Ok(());
    }
    Err(SignInError::Wrong {
        name: Some(administrator.name.clone()),
    })
}

/// Begins to set up an authenticator; gives its secret.
///
/// # Errors
/// If the administrator has no password here, or the store failed.
pub async fn begin_totp(node: &Node, administrator: &Administrator) -> Result<Vec<u8>, SignInError> {
    if administrator.password_hash.is_none() {
        return Err(SignInError::NoPassword);
    }
    let secret = secret::random::<{ totp::SECRET_BYTES }>();
    let sealed = offhook_store::Sealed::from_bytes(node.key().seal(TOTP_SECRET, &secret));
    node.store().begin_totp(administrator.id, sealed).await?;
    Ok(secret.to_vec())
}

/// Lets the authenticator count that shows this code.
///
/// # Errors
/// If the code is wrong, or none is being set up.
pub async fn confirm_totp(node: &Node, session: &OpenSession, code: &str) -> Result<Administrator, SignInError> {
    let administrator = &session.administrator;
    let sealed = administrator.pending_totp_secret.clone();
    let sealed = sealed.ok_or(SignInError::NothingPending)?;
    let secret = node.key().open(TOTP_SECRET, sealed.as_bytes())?;
    let step = try_code(node, administrator, &secret, code)?;
    let confirmed = node
        .store()
        .confirm_totp(administrator.id, sealed, step, session.key_hash);
    match confirmed.await {
        Err(AdministratorError::NothingPending) => Err(SignInError::NothingPending),
        confirmed => Ok(confirmed?),
    }
}

async fn try_password(
    node: &Node,
    address: ClientAddress,
    name: &str,
    password: &str,
    hash: Option<&str>,
) -> Result<bool, SignInError> {
    let (admin, now) = (node.administration(), node.clock().now());
    admin
        .attempts
        .admit(name, address, now)
        .map_err(SignInError::Throttled)?;
    let is_right = admin.passwords.is_of(password, hash).await?;
    if !is_right {
        admin.attempts.count_wrong(name, address, now);
    }
    Ok(is_right)
}

fn try_code(node: &Node, administrator: &Administrator, secret: &[u8], code: &str) -> Result<u32, SignInError> {
    let (attempts, now) = (&node.administration().attempts, node.clock().now());
    attempts
        .admit_code(administrator.id, now)
        .map_err(SignInError::Throttled)?;
    totp::step_of(secret, code.trim(), now).ok_or_else(|| {
        attempts.count_wrong_code(administrator.id, now);
        SignInError::WrongCode {
            name: administrator.name.clone(),
        }
    })
}
