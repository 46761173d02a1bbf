//! What is asked of the provider: where it is, its keys, and the tokens that a code is had for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use offhook_core::time::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::OidcError;
use super::id_token::{self, Expected, KeySet};
use crate::outbound::{Outbound, OutboundError, Url};

/// How long the provider may take to answer.
const DEADLINE: Duration = Duration::from_secs(10);
/// The most that is read of an answer: keys come with their certificates, tokens with hundreds of groups.
const MAX_BYTES: usize = 256 * 1024;
/// How long it is remembered where the provider is.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// A provider, and this server as its client.
#[derive(Debug)]
pub(super) struct Provider {
    issuer: String,
    client_id: String,
    client_secret: Option<String>,
    outbound: Outbound,
    found: Mutex<Option<(Timestamp, Discovery)>>,
}

/// What a provider says of itself.
/// <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata>
#[derive(Debug, Clone, Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// What a code is exchanged with.
pub(super) struct CodeExchange<'a> {
    pub code: &'a str,
    pub verifier: &'a str,
    pub redirect_url: &'a str,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Why the provider is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It does not answer.
    #[error("the identity provider does not answer: {0}")]
    NoAnswer(#[from] OutboundError),
    /// It answers with an error, or what cannot be read.
    #[error("the identity provider answers {what} with HTTP {status} and nothing that can be used")]
    NoUse {
        /// Which question.
        what: &'static str,
        /// The status.
        status: u16,
    },
    /// It says that it is somebody else.
    #[error("the identity provider calls itself another issuer than `admin.oidc.issuer`")]
    OtherIssuer,
    /// One of its addresses is none.
    #[error("the identity provider names something that is no address")]
    NoAddress,
}

impl Provider {
    pub(super) fn new(issuer: &str, client_id: &str, client_secret: Option<String>, outbound: Outbound) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret,
            outbound,
            found: Mutex::new(None),
        }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where a browser is sent, with these parameters.
    pub(super) async fn authorization_url(
        &self,
        parameters: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<String, ProviderError> {
        let mut url = address(&self.discover(now).await?.authorization_endpoint)?;
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id);
        query.extend_pairs(parameters);
        drop(query);
        Ok(url.into())
    }

    /// The claims of the ID token that a code is had for. The keys are read each time: they change when the provider likes,
    /// and people sign in rarely.
    pub(super) async fn id_token(
        &self,
        exchange: &CodeExchange<'_>,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Value, OidcError> {
        let discovery = self.discover(now).await?;
        let tokens = self.exchange(&discovery, exchange).await?;
        let keys: KeySet = self.get("for its keys", &discovery.jwks_uri).await?;
        let expected = Expected {
            issuer: &self.issuer,
            client_id: &self.client_id,
            nonce,
        };
        Ok(id_token::verify(&tokens.id_token, &keys, expected, now)?)
    }

    async fn exchange(&self, discovery: &Discovery, exchange: &CodeExchange<'_>) -> Result<Tokens, ProviderError> {
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, form);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", exchange.code),
            ("code_verifier", exchange.verifier),
            ("redirect_uri", exchange.redirect_url),
        ];
        match &self.client_secret {
            Some(secret) if !discovery.wants_secret_in_body() => {
                // RFC 6749 §2.3.1: both are encoded before they are joined.
                let pair = format!("{}:{}", encode(&self.client_id), encode(secret));
                let basic = format!("Basic {}", STANDARD.encode(pair));
                let mut basic = HeaderValue::from_str(&basic).map_err(|_| ProviderError::NoAddress)?;
                basic.set_sensitive(true);
                headers.insert(header::AUTHORIZATION, basic);
            }
            secret => {
                fields.push(("client_id", &self.client_id));
                fields.extend(secret.as_deref().map(|secret| ("client_secret", secret)));
            }
        }
        let pairs: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let url = address(&discovery.token_endpoint)?;
        let body = pairs.join("&").into_bytes();
        let answer = self.outbound.post_for(&url, headers, body, DEADLINE, MAX_BYTES).await?;
        read("for tokens", answer.status, &answer.body)
    }

    async fn discover(&self, now: Timestamp) -> Result<Discovery, ProviderError> {
        let known = self.remembered().clone();
        if let Some((at, discovery)) = known
            && now.since(at) < REMEMBERED
        {
            return Ok(discovery);
        }
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let discovery: Discovery = self.get("where it is", &url).await?;
        if discovery.issuer != self.issuer {
            return Err(ProviderError::OtherIssuer);
        }
        *self.remembered() = Some((now, discovery.clone()));
        Ok(discovery)
    }

    async fn get<T: DeserializeOwned>(&self, what: &'static str, url: &str) -> Result<T, ProviderError> {
        let answer = self
            .outbound
            .get(&address(url)?, HeaderMap::new(), DEADLINE, MAX_BYTES)
            .await?;
        read(what, answer.status, &answer.body)
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, Option<(Timestamp, Discovery)>> {
        // It is replaced as a whole.
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Discovery {
    /// Whether the secret goes into the body: what is preferred, and the default, is a header.
    fn wants_secret_in_body(&self) -> bool {
        let methods = self
            .token_endpoint_auth_methods_supported
            .as_deref()
            .unwrap_or_default();
        let has = |method: &str| methods.iter().any(|known| known == method);
        has("client_secret_post") && !has("client_secret_basic")
    }
}

fn read<T: DeserializeOwned>(what: &'static str, status: u16, body: &[u8]) -> Result<T, ProviderError> {
    let no_use = ProviderError::NoUse { what, status };
    if status != 200 {
        return Err(no_use);
    }
    serde_json::from_slice(body).map_err(|_| no_use)
}

fn address(text: &str) -> Result<Url, ProviderError> {
    text.parse().map_err(|_| ProviderError::NoAddress)
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
