//! How the server says who it is to push services (RFC 8292). Subscriptions are bound to the key, so it is made once.

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use offhook_core::time::Timestamp;
use offhook_store::{Sealed, Store, StoreError};
use serde_json::{Value, json};

use crate::outbound::Url;
use crate::push::jwt::{self, Signer};
use crate::secret::{self, NotOpened, ServerKey};

/// The name of the secret in the store, and what it is sealed for.
const SECRET: &str = "web push key";
/// How long a signature is good for; services refuse more than a day (RFC 8292 §2).
const SIGNATURE_LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// The server's key.
pub struct Vapid(EcdsaKeyPair);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum OpenVapidError {
    /// The store failed.
    #[error("the key of Web Push cannot be read")]
    Store(#[from] StoreError),
    /// Sealed by another server.
    #[error("the key of Web Push cannot be opened")]
    Sealed(#[from] NotOpened),
    /// No randomness, or not what was sealed.
    #[error("the key of Web Push is none")]
    NoKey,
}

impl Vapid {
    /// Takes the key from the store; the first time it is made.
    ///
    /// # Errors
    /// If the store fails, or holds the key of another server.
    pub async fn open_or_create(store: &Store, key: &ServerKey, now: Timestamp) -> Result<Self, OpenVapidError> {
        let new = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let new = new.map_err(|_| OpenVapidError::NoKey)?;
        let new = Sealed::from_bytes(key.seal(SECRET, new.as_ref()));
        let kept = store.server_secret(SECRET, new, now).await?;
        Self::from_pkcs8(&key.open(SECRET, kept.as_bytes())?).ok_or(OpenVapidError::NoKey)
    }

    fn from_pkcs8(bytes: &[u8]) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes);
        pair.ok().map(Self)
    }

    /// The public key, as `PushManager.subscribe` takes it.
    pub fn public_key(&self) -> String {
        secret::encode(self.0.public_key().as_ref())
    }

    /// The value of `Authorization` for an endpoint.
    pub(super) fn authorization(&self, endpoint: &Url, contact: Option<&str>, now: Timestamp) -> Option<String> {
        let mut claims = json!({
            "aud": endpoint.origin().ascii_serialization(),
            "exp": jwt::seconds(now + SIGNATURE_LIFETIME),
        });
        if let (Value::Object(claims), Some(contact)) = (&mut claims, contact) {
            claims.insert("sub".to_owned(), contact.into());
        }
        let token = jwt::sign(&Signer::P256(&self.0), None, &claims)?;
        Some(format!("vapid t={token}, k={}", self.public_key()))
    }
}
