//! TLS: where the certificate comes from, and the first moments of a connection.
//!
//! One listener ([`port`]) carries everything: HTTPS, WebSocket and TURN, with one certificate. [`opening`] tells them
//! apart, [`Keeper`] keeps the certificate fresh without a restart.

pub mod acme;
pub mod certificate;
pub mod files;
pub mod opening;
pub mod port;
pub mod self_signed;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::watch;

use crate::config::tls::{Source, TlsConfig};

use self::acme::Acme;
use self::certificate::{Certificate, CertificateError};
use self::files::Files;

/// What a client may ask for (RFC 7301, RFC 7443), in the order of preference. One that asks for nothing is served, too.
const PROTOCOLS: [&[u8]; 3] = [HTTP_2, b"http/1.1", TURN];
/// HTTP/2 over TLS (RFC 9113 §3.2).
const HTTP_2: &[u8] = b"h2";
/// TURN over TLS (RFC 7443 §3).
const TURN: &[u8] = b"stun.turn";

/// What a listener needs to speak TLS. Cheap to clone; the certificate in it changes beside running connections.
#[derive(Debug, Clone)]
pub struct Tls {
    ordinary: Arc<ServerConfig>,
    /// For an authority that looks whether a domain leads here (RFC 8737).
    challenge: Option<Arc<ServerConfig>>,
}

/// Keeps the certificate of a [`Tls`] fresh.
#[derive(Debug)]
pub struct Keeper(Kind);

#[derive(Debug)]
enum Kind {
    Files(Files),
    Acme(Box<Acme>),
}

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The files do not make a certificate.
    #[error("the certificate cannot be used")]
    Certificate(#[from] CertificateError),
    /// The file of `tls.acme_ca` holds no root certificate.
    #[error("tls.acme_ca cannot be used: {path} holds no certificate that can vouch for others")]
    NoRoots {
        /// Which.
        path: PathBuf,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The program cannot listen for SIGHUP.
    #[error("cannot listen for SIGHUP")]
    Signal(#[source] io::Error),
    /// The TLS library refuses its configuration.
    #[error("TLS cannot be set up")]
    Library(#[source] rustls::Error),
}

impl Tls {
    /// Sets up TLS as configured; nothing where it is off. What is got by ACME is kept in `data_dir`.
    ///
    /// # Errors
    /// If the certificate's files, or the roots that vouch for the ACME directory, cannot be used.
    pub fn open(config: &TlsConfig, data_dir: &Path) -> Result<Option<(Self, Keeper)>, TlsError> {
        match config.source() {
            None => Ok(None),
            Some(Source::Files { certificate, key }) => {
                let (files, current) = Files::open(certificate, key)?;
                let ordinary = server_config(current, &PROTOCOLS)?;
                let tls = Self {
                    ordinary,
                    challenge: None,
                };
                Ok(Some((tls, Keeper(Kind::Files(files)))))
            }
            Some(Source::Acme {
                domains,
                contact,
                directory,
                ca,
            }) => {
                let acme = Acme::open(domains, contact, directory, ca, data_dir)?;
                let tls = Self {
                    ordinary: server_config(acme.resolver(), &PROTOCOLS)?,
                    challenge: Some(server_config(
                        acme.resolver(),
                        &[rustls_acme::acme::ACME_TLS_ALPN_NAME],
                    )?),
                };
                Ok(Some((tls, Keeper(Kind::Acme(Box::new(acme))))))
            }
        }
    }

    /// Reads what is configured and changes nothing: whether the files could be served with.
    ///
    /// # Errors
    /// Says what is wrong with which file.
    pub fn check(config: &TlsConfig) -> Result<Option<Certificate>, TlsError> {
        match config.source() {
            Some(Source::Files { certificate, key }) => Ok(Some(Certificate::read(certificate, key)?)),
            Some(Source::Acme { ca, .. }) => {
                acme::roots(ca)?;
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// What a client is served with that says hello so.
    fn config_for(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        match &self.challenge {
            Some(challenge) if rustls_acme::is_tls_alpn_challenge(hello) => Arc::clone(challenge),
            _ => Arc::clone(&self.ordinary),
        }
    }
}

impl Keeper {
    /// Keeps the certificate fresh until the program stops.
    pub async fn run(self, stopping: watch::Receiver<bool>) {
        match self.0 {
            Kind::Files(files) => files.run(stopping).await,
            Kind::Acme(acme) => acme.run(stopping).await,
        }
    }
}

/// The certificate that new connections are served with.
#[derive(Debug)]
pub struct Current(RwLock<Arc<CertifiedKey>>);

impl Current {
    fn new(certificate: &Certificate) -> Self {
        certificate.tell();
        Self(RwLock::new(Arc::clone(&certificate.key)))
    }

    /// Serves new connections with another; those that run keep theirs.
    fn replace(&self, certificate: &Certificate) {
        certificate.tell();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&certificate.key);
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // Whatever name the client asks for: one server, one certificate. The client judges whether it is the right one.
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn server_config(certificate: Arc<dyn ResolvesServerCert>, protocols: &[&[u8]]) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Library)?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(config))
}
