//! A `PushSubscription`, as a browser writes it as JSON.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use offhook_store::{PushService, PushToken};
use serde::{Deserialize, Serialize};

use crate::outbound::Url;
use crate::secret;

/// The bytes of an uncompressed point of P-256.
const POINT_BYTES: usize = 65;
/// The bytes of the authentication secret (RFC 8291 §3.2).
const AUTH_BYTES: usize = 16;

/// Where a browser is reached, and how.
pub struct Subscription {
    /// The resource of its push service. Whoever knows it can make the browser wake up.
    pub endpoint: Url,
    pub(super) keys: SubscriptionKeys,
}

/// What a message is encrypted with.
pub(super) struct SubscriptionKeys {
    /// A point of P-256, uncompressed.
    pub(super) public_key: Vec<u8>,
    pub(super) auth: Vec<u8>,
}

/// Why a text is no subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSubscription {
    /// Not the JSON of one.
    #[error("a web_push token is a PushSubscription as JSON, with endpoint, keys.p256dh and keys.auth")]
    Json,
    /// Its endpoint is no address.
    #[error("the subscription's endpoint must be an https address")]
    Endpoint,
    /// Nothing can be encrypted for it.
    #[error("the subscription's keys.p256dh must be an uncompressed point of P-256 in base64url")]
    PublicKey,
    /// Its secret has another length.
    #[error("the subscription's keys.auth must be 16 bytes in base64url")]
    Auth,
}

#[derive(Deserialize)]
struct Written {
    endpoint: String,
    keys: WrittenKeys,
}

#[derive(Serialize, Deserialize)]
struct WrittenKeys {
    p256dh: String,
    auth: String,
}

impl Subscription {
    /// Reads what a browser wrote.
    ///
    /// # Errors
    /// [`InvalidSubscription`] says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, InvalidSubscription> {
        let written: Written = serde_json::from_str(text).map_err(|_| InvalidSubscription::Json)?;
        Self::check(&written.endpoint, &written.keys)
    }

    /// Reads what is stored.
    pub(super) fn of(token: &PushToken) -> Result<Self, InvalidSubscription> {
        let keys = token.subscription_keys.as_deref().unwrap_or_default();
        let keys = serde_json::from_str(keys).map_err(|_| InvalidSubscription::Json)?;
        Self::check(&token.address, &keys)
    }

    /// As it is stored: the endpoint is what tells subscriptions apart.
    ///
    /// # Errors
    /// Never, in fact: two texts are always written as JSON.
    pub fn to_token(&self) -> Result<PushToken, InvalidSubscription> {
        let keys = WrittenKeys {
            p256dh: secret::encode(&self.keys.public_key),
            auth: secret::encode(&self.keys.auth),
        };
        Ok(PushToken {
            service: PushService::Web,
            host: self.endpoint.host_str().unwrap_or_default().to_owned(),
            address: self.endpoint.to_string(),
            subscription_keys: Some(serde_json::to_string(&keys).map_err(|_| InvalidSubscription::Json)?),
        })
    }

    /// The endpoint of a text that may be no complete subscription: enough to take one back.
    pub fn endpoint_of(text: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Named {
            endpoint: String,
        }
        let named: Named = serde_json::from_str(text).ok()?;
        Some(named.endpoint.parse::<Url>().ok()?.to_string())
    }

    fn check(endpoint: &str, keys: &WrittenKeys) -> Result<Self, InvalidSubscription> {
        let endpoint: Url = endpoint.parse().map_err(|_| InvalidSubscription::Endpoint)?;
        let has_login = !endpoint.username().is_empty() || endpoint.password().is_some();
        if !matches!(endpoint.scheme(), "http" | "https") || endpoint.host_str().is_none() || has_login {
            return Err(InvalidSubscription::Endpoint);
        }
        let public_key = decode(&keys.p256dh).ok_or(InvalidSubscription::PublicKey)?;
        if public_key.len() != POINT_BYTES || ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public_key).is_err() {
            return Err(InvalidSubscription::PublicKey);
        }
        let auth = decode(&keys.auth).filter(|auth| auth.len() == AUTH_BYTES);
        Ok(Self {
            endpoint,
            keys: SubscriptionKeys {
                public_key,
                auth: auth.ok_or(InvalidSubscription::Auth)?,
            },
        })
    }
}

/// Some libraries fill base64url up.
fn decode(text: &str) -> Option<Vec<u8>> {
    secret::decode(text.trim_end_matches('='))
}

#[cfg(test)]
mod tests;
