//! Requests that go out: the one HTTP client of webhooks and push, whose addresses come from strangers.
//!
//! A request reaches a public address behind HTTPS, or a host that the operator allows by name, and nothing else: names
//! are resolved here, and the address that was judged is the one that is connected to. No redirect is followed and no proxy
//! of the environment is used, so what is judged is all there is.

pub mod named;
mod names;

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::HeaderMap;
use ipnet::IpNet;
use offhook_turn::Policy;
use offhook_turn::policy::Judge;
pub use reqwest::Url;
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, redirect};

pub use self::names::NotReachable;
use self::names::{CheckedNames, Lookup};
use crate::config::outbound::OutboundConfig;

/// How long a receiver may take to be connected to, TLS included.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// How long a connection is kept for the next request to the same receiver.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// The most of an answer that is read: the errors of push services are a few hundred bytes.
const MAX_ANSWER_BYTES: usize = 16 * 1024;
/// What an answer's headers may take: hyper's own bound for HTTP/1.1 is in numbers only.
const MAX_HEADER_BYTES: u32 = 16 * 1024;

/// Sends requests out. Cheap to clone; connections are shared.
#[derive(Clone)]
pub struct Outbound {
    clients: Arc<Clients>,
    /// Hosts with ports, as [`authority`] writes them.
    allowed: Arc<[String]>,
}

struct Clients {
    /// For public receivers: HTTPS, judged addresses. Made at the first request, since reading the machine's roots takes long.
    checked: OnceLock<Option<Client>>,
    /// For the hosts that the operator allows.
    trusted: OnceLock<Option<Client>>,
    roots: Vec<Certificate>,
    names: CheckedNames,
}

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The beginning of the body, or what came of it in time.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the receiver took it.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum OutboundConfigError {
    /// The file of roots cannot be used.
    #[error("the certificates in {path} cannot be read")]
    Certificates {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Why there was no answer. No variant tells of path, query or headers: they hold the receivers' secrets.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The address cannot be sent to, whenever it is tried.
    #[error("the address is not an https address of a host")]
    NotHttps,
    /// Nobody is there, or nobody whom requests may reach.
    #[error(transparent)]
    NotReachable(#[from] NotReachable),
    /// TLS cannot be set up; the log says why.
    #[error("requests cannot be sent from this machine")]
    NoClient,
    /// No connection.
    #[error("no connection: {0}")]
    NotConnected(String),
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// A connection that broke, or an answer that is not HTTP.
    #[error("no proper answer: {0}")]
    Broken(String),
}

impl OutboundError {
    /// A word for logs and metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotHttps => "not_https",
            Self::NotReachable(NotReachable::Unknown) => "unknown_host",
            Self::NotReachable(NotReachable::Private) => "private_address",
            Self::NoClient => "no_client",
            Self::NotConnected(_) => "not_connected",
            Self::TimedOut => "timed_out",
            Self::Broken(_) => "broken",
        }
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbound")
    }
}

impl Outbound {
    /// Makes the client. Beside what is special, it reaches none of the networks in `denied`.
    ///
    /// # Errors
    /// If the configured certificates cannot be read.
    pub fn new(config: &OutboundConfig, denied: Vec<IpNet>) -> Result<Self, OutboundConfigError> {
        let policy = Policy {
            denied,
            ..Policy::default()
        };
        Self::with(config, policy, Arc::new(names::System::default()))
    }

    /// The same, with other rules for addresses and another way to find them.
    fn with(config: &OutboundConfig, policy: Policy, lookup: Arc<dyn Lookup>) -> Result<Self, OutboundConfigError> {
        let roots = roots(config)?;
        let judge = Arc::new(Judge::new(policy, &[]));
        let clients = Clients {
            checked: OnceLock::new(),
            trusted: OnceLock::new(),
            roots,
            names: CheckedNames { judge, lookup },
        };
        Ok(Self {
            clients: Arc::new(clients),
            allowed: authorities(&config.allowed_private_hosts),
        })
    }

    /// The same connections for requests whose addresses others name: another list of private hosts counts for them.
    #[must_use]
    pub fn allowing_only(&self, hosts: &[String]) -> Self {
        Self {
            clients: Arc::clone(&self.clients),
            allowed: authorities(hosts),
        }
    }

    /// Whether the operator allows a host by name and port, wherever it is and without TLS.
    pub fn allows_private(&self, url: &Url) -> bool {
        authority(url).is_some_and(|authority| self.allowed.contains(&authority))
    }

    /// Sends a body, and waits for the answer no longer than `deadline`, connecting included. Cancelling it leaves open
    /// whether the receiver got it.
    ///
    /// # Errors
    /// If there is no answer; any status is one.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
        deadline: Duration,
    ) -> Result<Answer, OutboundError> {
        self.post_for(url, headers, body, deadline, MAX_ANSWER_BYTES).await
    }

    /// The same, and reads so much of the answer at most.
    ///
    /// # Errors
    /// If there is no answer; any status is one.
    pub async fn post_for(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
        deadline: Duration,
        most: usize,
    ) -> Result<Answer, OutboundError> {
        let request = self.client_for(url)?.post(url.clone()).headers(headers).body(body);
        send(request.timeout(deadline), most).await
    }

    /// Asks for something; waits and reads as the others.
    ///
    /// # Errors
    /// If there is no answer; any status is one.
    pub async fn get(
        &self,
        url: &Url,
        headers: HeaderMap,
        deadline: Duration,
        most: usize,
    ) -> Result<Answer, OutboundError> {
        let request = self.client_for(url)?.get(url.clone()).headers(headers);
        send(request.timeout(deadline), most).await
    }

    /// Whether a request may be sent there. What is no name is judged here, since nobody resolves it.
    ///
    /// # Errors
    /// If it may not, whoever is found there.
    pub fn check(&self, url: &Url) -> Result<(), OutboundError> {
        if self.allows_private(url) && matches!(url.scheme(), "http" | "https") {
            return Ok(());
        }
        let host = url.host_str().filter(|_| url.scheme() == "https");
        let host = host.ok_or(OutboundError::NotHttps)?;
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) if !self.clients.names.judge.allows_address(address) => Err(NotReachable::Private.into()),
            _ => Ok(()),
        }
    }

    /// Chooses by whom a request is sent.
    fn client_for(&self, url: &Url) -> Result<&Client, OutboundError> {
        self.check(url)?;
        if self.allows_private(url) {
            self.clients.trusted()
        } else {
            self.clients.checked()
        }
    }
}

impl Clients {
    fn checked(&self) -> Result<&Client, OutboundError> {
        let adapt = |builder: ClientBuilder| builder.https_only(true).dns_resolver(self.names.clone());
        let client = self.checked.get_or_init(|| build(&self.roots, adapt));
        client.as_ref().ok_or(OutboundError::NoClient)
    }

    fn trusted(&self) -> Result<&Client, OutboundError> {
        let client = self.trusted.get_or_init(|| build(&self.roots, |builder| builder));
        client.as_ref().ok_or(OutboundError::NoClient)
    }
}

/// Sends a request, and reads what comes.
async fn send(request: RequestBuilder, most: usize) -> Result<Answer, OutboundError> {
    let mut response = request.send().await.map_err(cause)?;
    let mut answer = Answer {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()),
        body: Vec::new(),
    };
    // The status is what counts: a body that is slow, broken or endless takes nothing back.
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = most - answer.body.len();
        answer.body.extend(chunk.iter().take(room));
        if chunk.len() >= room {
            break;
        }
    }
    Ok(answer)
}

/// The host and the port that an address leads to.
pub fn authority(url: &Url) -> Option<String> {
    let port = url.port_or_known_default()?;
    url.host_str().map(|host| format!("{host}:{port}"))
}

fn authorities(hosts: &[String]) -> Arc<[String]> {
    hosts.iter().map(|host| host.to_ascii_lowercase()).collect()
}

fn roots(config: &OutboundConfig) -> Result<Vec<Certificate>, OutboundConfigError> {
    let Some(path) = &config.ca else {
        return Ok(Vec::new());
    };
    let unusable = |source| OutboundConfigError::Certificates {
        path: path.clone(),
        source,
    };
    let pem = fs::read(path).map_err(unusable)?;
    let roots = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if roots.is_empty() {
        return Err(unusable(io::Error::new(
            io::ErrorKind::InvalidData,
            "there is no certificate in it",
        )));
    }
    Ok(roots)
}

/// Makes a client; says why not in the log, once.
fn build(roots: &[Certificate], adapt: impl Fn(ClientBuilder) -> ClientBuilder) -> Option<Client> {
    let builder = || {
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_DEADLINE)
            .pool_idle_timeout(KEPT_FOR)
            .http2_max_header_list_size(MAX_HEADER_BYTES)
            .user_agent(concat!("Offhook/", env!("CARGO_PKG_VERSION")));
        adapt(builder)
    };
    let built = builder().tls_certs_merge(roots.to_vec()).build().or_else(|error| {
        // A small container has no roots at all, and may need none but ours.
        tracing::warn!(error = %error, "the machine has no root certificates: requests to public hosts will fail");
        builder().tls_certs_only(roots.to_vec()).build()
    });
    built
        .map_err(|error| tracing::error!(error = %error, "no request can be sent out"))
        .ok()
}

/// Finds what was wrong at the bottom of an error, without the address that it is about.
fn cause(error: reqwest::Error) -> OutboundError {
    if error.is_timeout() {
        return OutboundError::TimedOut;
    }
    let is_connect = error.is_connect();
    let error = error.without_url();
    let mut deepest: &dyn std::error::Error = &error;
    while let Some(source) = deepest.source() {
        if let Some(reason) = source.downcast_ref::<NotReachable>() {
            return OutboundError::NotReachable(*reason);
        }
        deepest = source;
    }
    let reason = deepest.to_string();
    if is_connect {
        OutboundError::NotConnected(reason)
    } else {
        OutboundError::Broken(reason)
    }
}

#[cfg(test)]
mod tests;
