//! Firebase Cloud Messaging: HTTP v1, as a service account.
//!
//! <https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages>,
//! <https://developers.google.com/identity/protocols/oauth2/service-account#httprest>

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::signature::RsaKeyPair;
use axum::http::{HeaderMap, HeaderValue, header};
use offhook_core::call::Call;
use offhook_core::time::Timestamp;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::courier::REQUEST_DEADLINE;
use super::jwt::{self, Signer};
use super::outcome::Outcome;
use super::{PushKeyError, read};
use crate::config::push::FcmConfig;
use crate::outbound::{Answer, Outbound, Url};

/// What the account is used for.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// How a signed claim asks for a token (RFC 7523 §2.1).
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How long the claim is good for, at most an hour.
const CLAIM_LIFETIME: Duration = Duration::from_secs(3600);
/// A token that ends sooner is renewed before it is used.
const RENEW_BEFORE: Duration = Duration::from_secs(60);

/// Sends to devices that Firebase knows.
pub struct Fcm {
    account: Account,
    key: RsaKeyPair,
    token_url: Url,
    send_url: Url,
    access: Mutex<Option<Access>>,
}

/// What is read of a service account's file.
#[derive(Deserialize)]
struct Account {
    project_id: String,
    private_key_id: String,
    private_key: String,
    client_email: String,
    token_uri: String,
}

/// What opens the interface for an hour.
#[derive(Clone)]
struct Access {
    bearer: HeaderValue,
    until: Timestamp,
}

impl Fcm {
    /// Reads the account, if one is configured.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub fn read(config: &FcmConfig) -> Result<Option<Self>, PushKeyError> {
        const KEY: &str = "push.fcm.service_account";
        let Some(path) = &config.service_account else {
            return Ok(None);
        };
        let bytes = read(KEY, path)?;
        Self::from_json(&bytes, &config.url)
            .map(Some)
            .ok_or_else(|| PushKeyError::Unusable {
                key: KEY,
                path: path.clone(),
                expected: "the JSON file of a service account",
            })
    }

    fn from_json(bytes: &[u8], base: &str) -> Option<Self> {
        let account: Account = serde_json::from_slice(bytes).ok()?;
        let key = PrivatePkcs8KeyDer::from_pem_slice(account.private_key.as_bytes()).ok()?;
        let send = format!(
            "{}/v1/projects/{}/messages:send",
            base.trim_end_matches('/'),
            account.project_id
        );
        Some(Self {
            key: RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).ok()?,
            token_url: account.token_uri.parse().ok()?,
            send_url: send.parse().ok()?,
            access: Mutex::new(None),
            account,
        })
    }

    pub(super) async fn send(
        &self,
        outbound: &Outbound,
        token: &str,
        call: &Call,
        text: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Outcome {
        let bearer = match self.access(outbound, now).await {
            Ok(bearer) => bearer,
            Err(outcome) => return outcome,
        };
        let message = json!({"message": {
            "token": token,
            "data": {"offhook": text},
            "android": {"priority": "HIGH", "ttl": format!("{}s", ttl.as_secs()), "collapse_key": call.id.to_string()},
        }});
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, bearer);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let sent = outbound.post(
            &self.send_url,
            headers,
            message.to_string().into_bytes(),
            REQUEST_DEADLINE,
        );
        match sent.await {
            Ok(answer) => self.judge(&answer),
            Err(error) => Outcome::of_error(&error),
        }
    }

    fn judge(&self, answer: &Answer) -> Outcome {
        if answer.is_success() {
            return Outcome::Delivered;
        }
        let words = words_of(&answer.body);
        let says = |word: &str| words.iter().any(|said| said == word);
        match answer.status {
            // A project that is not there is 404, too; that is no fault of the token's.
            _ if says("UNREGISTERED") || says("SENDER_ID_MISMATCH") || says("message.token") => Outcome::Dead,
            404 => Outcome::Refused("no_such_project"),
            401 => {
                *self.kept() = None;
                Outcome::Later("not_authorized", None)
            }
            _ => Outcome::of(answer),
        }
    }

    /// The token that opens the interface. Two that ask at the same time get two, which is no harm.
    async fn access(&self, outbound: &Outbound, now: Timestamp) -> Result<HeaderValue, Outcome> {
        let kept = self.kept().clone();
        if let Some(access) = kept.filter(|access| access.until > now + RENEW_BEFORE) {
            return Ok(access.bearer);
        }
        let claims = json!({
            "iss": self.account.client_email,
            "scope": SCOPE,
            "aud": self.account.token_uri,
            "iat": jwt::seconds(now),
            "exp": jwt::seconds(now + CLAIM_LIFETIME),
        });
        let claim = jwt::sign(&Signer::Rsa(&self.key), Some(&self.account.private_key_id), &claims)
            .ok_or(Outcome::Later("not_signed", None))?;
        let form = format!("grant_type={}&assertion={claim}", GRANT.replace(':', "%3A"));
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        let answer = outbound
            .post(&self.token_url, headers, form.into_bytes(), REQUEST_DEADLINE)
            .await
            .map_err(|error| Outcome::of_error(&error))?;
        if !answer.is_success() {
            tracing::warn!(http.status = answer.status, "the service account of FCM gets no token");
            return Err(Outcome::Later("no_access", None));
        }
        let access = granted(&answer.body, now).ok_or(Outcome::Later("no_access", None))?;
        *self.kept() = Some(access.clone());
        Ok(access.bearer)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Access>> {
        self.access.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn granted(body: &[u8], now: Timestamp) -> Option<Access> {
    #[derive(Deserialize)]
    struct Granted {
        access_token: String,
        expires_in: u64,
    }
    let granted: Granted = serde_json::from_slice(body).ok()?;
    let mut bearer = HeaderValue::from_str(&format!("Bearer {}", granted.access_token)).ok()?;
    bearer.set_sensitive(true);
    Some(Access {
        bearer,
        until: now + Duration::from_secs(granted.expires_in),
    })
}

/// The error's own word, and the fields that it finds wrong: `error.details[].errorCode` and `.fieldViolations[].field`.
fn words_of(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let details = body.pointer("/error/details").and_then(Value::as_array);
    let mut words = Vec::new();
    for detail in details.into_iter().flatten() {
        let fields = detail.get("fieldViolations").and_then(Value::as_array);
        let fields = fields
            .into_iter()
            .flatten()
            .filter_map(|violation| violation.get("field"));
        let named = detail.get("errorCode").into_iter().chain(fields);
        words.extend(named.filter_map(Value::as_str).map(str::to_owned));
    }
    words
}
