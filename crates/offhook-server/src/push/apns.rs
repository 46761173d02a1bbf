//! Apple's push service: VoIP pushes over HTTP/2, as a provider with a token.
//!
//! <https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns>,
//! <https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns>

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use offhook_core::call::Call;
use offhook_core::time::Timestamp;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

use super::courier::REQUEST_DEADLINE;
use super::jwt::{self, Signer};
use super::outcome::Outcome;
use super::{PushKeyError, read};
use crate::config::push::ApnsConfig;
use crate::outbound::{Answer, Outbound, Url};

/// How long a provider token is used. The service takes none that is older than an hour, and none that is renewed more
/// often than every 20 minutes.
const TOKEN_LIFETIME: Duration = Duration::from_secs(45 * 60);

/// Sends to iPhones.
pub struct Apns {
    key: EcdsaKeyPair,
    key_id: String,
    team_id: String,
    topic: HeaderValue,
    base: Url,
    provider: Mutex<Option<Provider>>,
}

/// The token that says who pushes, and when it was made.
#[derive(Clone)]
struct Provider {
    bearer: HeaderValue,
    made_at: Timestamp,
}

impl Apns {
    /// Reads the key, if one is configured.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub fn read(config: &ApnsConfig) -> Result<Option<Self>, PushKeyError> {
        const KEY: &str = "push.apns.key";
        let Some(path) = &config.key else {
            return Ok(None);
        };
        let pem = read(KEY, path)?;
        Self::from_pem(&pem, config)
            .map(Some)
            .ok_or_else(|| PushKeyError::Unusable {
                key: KEY,
                path: path.clone(),
                expected: "a key of APNs (a .p8 file)",
            })
    }

    fn from_pem(pem: &[u8], config: &ApnsConfig) -> Option<Self> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem).ok()?;
        Some(Self {
            key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.secret_pkcs8_der()).ok()?,
            key_id: config.key_id.clone()?,
            team_id: config.team_id.clone()?,
            topic: HeaderValue::from_str(&format!("{}.voip", config.bundle_id.as_ref()?)).ok()?,
            base: config.base().parse().ok()?,
            provider: Mutex::new(None),
        })
    }

    pub(super) async fn send(
        &self,
        outbound: &Outbound,
        token: &str,
        call: &Call,
        text: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Outcome {
        let (Ok(url), Some(bearer)) = (self.base.join(&format!("/3/device/{token}")), self.bearer(now)) else {
            return Outcome::Refused("not_written");
        };
        let Ok(call_id) = HeaderValue::from_str(&call.id.to_string()) else {
            return Outcome::Refused("not_written");
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, bearer);
        for (name, value) in [
            ("apns-push-type", HeaderValue::from_static("voip")),
            ("apns-topic", self.topic.clone()),
            ("apns-priority", HeaderValue::from_static("10")),
            ("apns-expiration", HeaderValue::from(jwt::seconds(expires_at))),
            ("apns-collapse-id", call_id),
        ] {
            headers.insert(HeaderName::from_static(name), value);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = json!({"aps": {}, "data": {"offhook": text}}).to_string();
        match outbound.post(&url, headers, body.into_bytes(), REQUEST_DEADLINE).await {
            Ok(answer) => self.judge(&answer),
            Err(error) => Outcome::of_error(&error),
        }
    }

    fn judge(&self, answer: &Answer) -> Outcome {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let reason = body.get("reason").and_then(Value::as_str).unwrap_or_default();
        match (answer.status, reason) {
            (410, _) | (400, "BadDeviceToken") => Outcome::Dead,
            // The path is ours: that it is not found is no fault of the token's.
            (404, _) => Outcome::Refused("bad_request"),
            (403, "ExpiredProviderToken") => {
                *self.kept() = None;
                Outcome::Later("not_authorized", None)
            }
            _ => Outcome::of(answer),
        }
    }

    fn bearer(&self, now: Timestamp) -> Option<HeaderValue> {
        let mut kept = self.kept();
        if let Some(provider) = kept.as_ref()
            && now.since(provider.made_at) < TOKEN_LIFETIME
        {
            return Some(provider.bearer.clone());
        }
        let claims = json!({"iss": self.team_id, "iat": jwt::seconds(now)});
        let token = jwt::sign(&Signer::P256(&self.key), Some(&self.key_id), &claims)?;
        let mut bearer = HeaderValue::from_str(&format!("bearer {token}")).ok()?;
        bearer.set_sensitive(true);
        *kept = Some(Provider {
            bearer: bearer.clone(),
            made_at: now,
        });
        Some(bearer)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Provider>> {
        self.provider.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
