//! A certificate with its chain and its key, read from PEM.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

/// A certificate that can be served with.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The chain and the key.
    pub key: Arc<CertifiedKey>,
    /// When it ends.
    pub expires_at: SystemTime,
}

/// Why two files do not make a certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is not PEM.
    #[error("{path} is not a PEM file: {source}")]
    BadPem {
        /// Which.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// A file of certificates without one.
    #[error("{path} holds no certificate: a PEM file with BEGIN CERTIFICATE is wanted")]
    NoCertificate {
        /// Which.
        path: PathBuf,
    },
    /// A file of a key without one.
    #[error("{path} holds no key: a PEM file with BEGIN PRIVATE KEY, not encrypted, is wanted")]
    NoKey {
        /// Which.
        path: PathBuf,
    },
    /// The first certificate is none.
    #[error("the first certificate in {path} cannot be read as one")]
    BadCertificate {
        /// Which.
        path: PathBuf,
    },
    /// The key is of no kind that TLS can use.
    #[error("the key in {path} cannot be used: {source}")]
    BadKey {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// The key belongs to another certificate.
    #[error("the key in {key} does not belong to the first certificate in {certificate}")]
    Mismatch {
        /// Which certificate.
        certificate: PathBuf,
        /// Which key.
        key: PathBuf,
    },
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// Says what is wrong with which file.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, CertificateError> {
        Pem::read(certificate, key)?.parse(certificate, key)
    }

    /// Says in the metrics when it ends, and in the log if that is past.
    pub(super) fn tell(&self) {
        tell_expiry(self.expires_at);
        if self.expires_at <= SystemTime::now() {
            tracing::warn!("the certificate has expired: browsers will refuse it");
        }
    }
}

/// What the two files hold.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl std::fmt::Debug for Pem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Pem(not shown)")
    }
}

impl Pem {
    pub(super) fn read(certificate: &Path, key: &Path) -> Result<Self, CertificateError> {
        let read = |path: &Path| {
            fs::read(path).map_err(|source| CertificateError::Unreadable {
                path: path.to_owned(),
                source,
            })
        };
        Ok(Self {
            certificate: read(certificate)?,
            key: read(key)?,
        })
    }

    /// Makes a certificate of it; the paths are for the error's sentence.
    pub(super) fn parse(&self, certificate: &Path, key: &Path) -> Result<Certificate, CertificateError> {
        let bad_pem = |path: &Path| {
            let path = path.to_owned();
            |source| CertificateError::BadPem { path, source }
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(bad_pem(certificate))?;
        let first = chain.first().ok_or_else(|| CertificateError::NoCertificate {
            path: certificate.to_owned(),
        })?;
        let expires_at = expiry(first).ok_or_else(|| CertificateError::BadCertificate {
            path: certificate.to_owned(),
        })?;
        let private = match PrivateKeyDer::from_pem_slice(&self.key) {
            Ok(private) => private,
            Err(pem::Error::NoItemsFound) => return Err(CertificateError::NoKey { path: key.to_owned() }),
            Err(error) => return Err(bad_pem(key)(error)),
        };
        let made = CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider());
        let made = made.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => CertificateError::Mismatch {
                certificate: certificate.to_owned(),
                key: key.to_owned(),
            },
            rustls::Error::InvalidCertificate(_) => CertificateError::BadCertificate {
                path: certificate.to_owned(),
            },
            source => CertificateError::BadKey {
                path: key.to_owned(),
                source,
            },
        })?;
        Ok(Certificate {
            key: Arc::new(made),
            expires_at,
        })
    }
}

/// When the first certificate of a PEM text ends; nothing if there is none.
pub(super) fn expiry_of_pem(text: &[u8]) -> Option<SystemTime> {
    let first = CertificateDer::pem_slice_iter(text).next()?.ok()?;
    expiry(&first)
}

/// Sets the metric: the time at which the served certificate ends, in seconds since 1970.
pub(super) fn tell_expiry(expires_at: SystemTime) {
    let since_epoch = expires_at.duration_since(UNIX_EPOCH).unwrap_or_default();
    metrics::gauge!("offhook_certificate_expires_at_seconds").set(since_epoch.as_secs_f64());
}

/// When a certificate ends (RFC 5280 §4.1.2.5). A time before 1970 counts as that.
fn expiry(certificate: &CertificateDer<'_>) -> Option<SystemTime> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let seconds = u64::try_from(certificate.validity().not_after.timestamp()).unwrap_or(0);
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}
