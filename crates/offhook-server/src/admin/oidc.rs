//! Signing in by an identity provider: OpenID Connect, the authorization code flow with PKCE, state and nonce.
//! <https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth>
//!
//! [`begin`](Oidc::begin) says where to send the browser, and what to remember; [`finish`](Oidc::finish) takes what it comes
//! back with. What is remembered travels sealed in a cookie of the browser, so nothing waits here.

pub mod id_token;
mod person;
mod provider;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use offhook_core::administrator::Role;
use offhook_core::time::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::id_token::InvalidToken;
pub use self::person::{NotAllowed, Person};
pub use self::provider::ProviderError;
use self::provider::{CodeExchange, Provider};
use crate::config::admin::OidcConfig;
use crate::outbound::Outbound;
use crate::secret::{self, ServerKey};

/// What the cookie is sealed for.
const PURPOSE: &str = "oidc sign-in";
/// How long somebody may take at the provider.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// The identity provider, and this server as it knows it.
#[derive(Debug)]
pub struct Oidc {
    config: OidcConfig,
    provider: Provider,
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`admin.oidc.client_secret_file`: {path} cannot be read")]
pub struct ClientSecretError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// A sign-in that began.
pub struct Begun {
    /// Where to send the browser.
    pub url: String,
    /// What the browser is to bring back, sealed.
    pub cookie: String,
}

/// Whom the provider vouched for.
#[derive(Debug, PartialEq, Eq)]
pub struct Vouched {
    /// The issuer and its name for them, which is never another's.
    pub subject: String,
    /// A name to show.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether the role is by a group, and so follows the provider.
    pub is_role_by_group: bool,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The cookie is missing, too old, or of another sign-in.
    #[error("this sign-in did not begin in this browser, or a while ago")]
    NotBegun,
    /// The provider said no: its own word for why.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// The provider cannot be reached, or says what cannot be understood.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// What the provider says is not to be believed.
    #[error(transparent)]
    InvalidToken(#[from] InvalidToken),
    /// They may not sign in here.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
}

/// What the browser brings back.
#[derive(Serialize, Deserialize)]
struct Remembered {
    state: String,
    nonce: String,
    verifier: String,
    redirect_url: String,
    expires_at: Timestamp,
}

/// What stands in the address that the browser comes back by.
pub struct Returned<'a> {
    /// Whose sign-in it is.
    pub state: Option<&'a str>,
    /// What the tokens are had for.
    pub code: Option<&'a str>,
    /// Why there is none.
    pub error: Option<&'a str>,
}

impl Oidc {
    /// Reads what is configured, if a provider is.
    ///
    /// # Errors
    /// If the client's secret cannot be read.
    pub fn new(config: &OidcConfig, outbound: &Outbound) -> Result<Option<Self>, ClientSecretError> {
        let (Some(issuer), Some(client_id)) = (&config.issuer, &config.client_id) else {
            return Ok(None);
        };
        let secret = config.client_secret_file.as_ref().map(|path| {
            let unreadable = |source| ClientSecretError {
                path: path.clone(),
                source,
            };
            let text = fs::read_to_string(path).map_err(unreadable)?;
            Ok(text.lines().next().unwrap_or_default().trim().to_owned())
        });
        let provider = Provider::new(issuer, client_id, secret.transpose()?, outbound.clone());
        Ok(Some(Self {
            config: config.clone(),
            provider,
        }))
    }

    /// What the button says.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Begins a sign-in of a browser that came by `origin`.
    ///
    /// # Errors
    /// If the provider cannot be asked where it is.
    pub async fn begin(&self, key: &ServerKey, origin: &str, now: Timestamp) -> Result<Begun, ProviderError> {
        let configured = self.config.redirect_url.clone();
        let remembered = Remembered {
            state: secret::encode(&secret::random::<16>()),
            nonce: secret::encode(&secret::random::<16>()),
            verifier: secret::encode(&secret::random::<32>()),
            redirect_url: configured.unwrap_or_else(|| format!("{origin}/admin/v1/oidc/callback")),
            expires_at: now + PATIENCE,
        };
        let scopes: Vec<&str> = std::iter::once("openid")
            .chain(self.config.scopes.iter().map(String::as_str))
            .collect();
        let url = self
            .provider
            .authorization_url(
                &[
                    ("redirect_uri", &remembered.redirect_url),
                    ("scope", &scopes.join(" ")),
                    ("state", &remembered.state),
                    ("nonce", &remembered.nonce),
                    // RFC 7636 §4.2.
                    ("code_challenge", &secret::encode(&secret::hash(&remembered.verifier))),
                    ("code_challenge_method", "S256"),
                ],
                now,
            )
            .await?;
        let plain = serde_json::to_vec(&remembered).unwrap_or_default();
        Ok(Begun {
            url,
            cookie: secret::encode(&key.seal(PURPOSE, &plain)),
        })
    }

    /// Ends it: asks the provider who came back.
    ///
    /// # Errors
    /// Says why nobody is vouched for.
    pub async fn finish(
        &self,
        key: &ServerKey,
        cookie: Option<&str>,
        returned: Returned<'_>,
        now: Timestamp,
    ) -> Result<Vouched, OidcError> {
        let remembered = cookie.and_then(|cookie| open(key, cookie)).ok_or(OidcError::NotBegun)?;
        let is_same = returned
            .state
            .is_some_and(|state| secret::same(&secret::hash(state), &secret::hash(&remembered.state)));
        if !is_same || now >= remembered.expires_at {
            return Err(OidcError::NotBegun);
        }
        let Some(code) = returned.code else {
            return Err(OidcError::Refused(word(returned.error.unwrap_or("no reason given"))));
        };
        let exchange = CodeExchange {
            code,
            verifier: &remembered.verifier,
            redirect_url: &remembered.redirect_url,
        };
        let claims = self.provider.id_token(&exchange, &remembered.nonce, now).await?;
        let person = Person::read(&claims, &self.config.group_claim);
        let (role, is_role_by_group) = person.role(&self.config)?;
        Ok(Vouched {
            subject: format!("{} {}", self.provider.issuer(), person.subject),
            name: person.name(),
            role,
            is_role_by_group,
        })
    }
}

fn open(key: &ServerKey, cookie: &str) -> Option<Remembered> {
    let plain = key.open(PURPOSE, &secret::decode(cookie)?).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// A word of the address, which anybody may have written.
fn word(text: &str) -> String {
    let letters = text
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "_- ".contains(*letter));
    letters.take(60).collect()
}
