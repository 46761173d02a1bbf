//! Certificates by ACME (RFC 8555): an authority looks over TLS whether the domains lead here (TLS-ALPN-01, RFC 8737),
//! and gives a certificate that is renewed when two thirds of its time have passed.

mod cache;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::{AcmeConfig, AcmeState, EventError, EventOk, OrderError, ResolvesServerCertAcme};
use tokio::sync::watch;

use self::cache::Cache;
use super::TlsError;
use super::certificate::CertificateError;
use crate::node::stopped;

/// The pause after the first failure; each further one doubles it. The authorities count: Let's Encrypt takes five failed
/// tries an hour for a domain.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// No pause is longer: a certificate has a third of its time left when renewals begin.
const LONGEST_PAUSE: Duration = Duration::from_secs(4 * 3600);

/// What gets certificates, and keeps them.
pub struct Acme {
    state: AcmeState<io::Error>,
    /// Renewals that failed since one succeeded.
    failures: u32,
    has_certificate: bool,
}

impl std::fmt::Debug for Acme {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Acme").finish_non_exhaustive()
    }
}

impl Acme {
    /// Sets up what will ask for certificates. Nothing is asked before [`run`](Self::run).
    ///
    /// # Errors
    /// If the roots that vouch for the directory cannot be used.
    pub fn open(
        domains: &[String],
        contact: Option<&str>,
        directory: &str,
        ca: Option<&Path>,
        data_dir: &Path,
    ) -> Result<Self, TlsError> {
        let config = match roots(ca)? {
            None => AcmeConfig::new(domains),
            Some(roots) => AcmeConfig::new_with_client_config(domains, client_config(roots)?),
        };
        let state = config
            .contact(contact.map(|address| format!("mailto:{address}")))
            .directory(directory)
            .cache(Cache::new(data_dir))
            .state();
        Ok(Self {
            state,
            failures: 0,
            has_certificate: false,
        })
    }

    /// The certificate, and the challenge's own while there is one.
    pub(super) fn resolver(&self) -> Arc<ResolvesServerCertAcme> {
        self.state.resolver()
    }

    /// Gets certificates and renews them until the program stops.
    pub async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        loop {
            let event = tokio::select! {
                () = stopped(&mut stopping) => return,
                event = self.state.next() => event,
            };
            let pause = match event {
                None => return,
                Some(Ok(event)) => self.note(&event),
                Some(Err(error)) => self.warn(&error),
            };
            let Some(pause) = pause else { continue };
            tokio::select! {
                () = stopped(&mut stopping) => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Writes down what went well. Gives how long to wait.
    fn note(&mut self, event: &EventOk) -> Option<Duration> {
        match event {
            EventOk::DeployedCachedCert => self.has_certificate = true,
            EventOk::DeployedNewCert => {
                tracing::info!("a new certificate is served");
                (self.has_certificate, self.failures) = (true, 0);
            }
            // Even of an authority whose certificates have ended as they come, no more than one a pause is asked for.
            EventOk::CertCacheStore => return Some(FIRST_PAUSE),
            EventOk::AccountCacheStore => {}
        }
        None
    }

    /// Writes down what failed, and what to do about it. Gives how long to wait.
    fn warn(&mut self, error: &EventError<io::Error, io::Error>) -> Option<Duration> {
        let EventError::Order(failed) = error else {
            tracing::error!(error = %error, "a certificate or account of ACME cannot be kept; is the data folder writable and whole?");
            // After a certificate that could not be written comes the wait for its renewal, else a new order.
            return Some(FIRST_PAUSE);
        };
        let pause = pause_after(self.failures);
        self.failures = self.failures.saturating_add(1);
        let (advice, next_try_in_s) = (advice(failed), pause.as_secs());
        if self.has_certificate {
            tracing::warn!(error = %failed, advice, next_try_in_s, "the certificate was not renewed, the old one is served on");
        } else {
            tracing::error!(error = %failed, advice, next_try_in_s, "there is no certificate, so TLS is not served");
        }
        Some(pause)
    }
}

fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(failures))
        .min(LONGEST_PAUSE)
}

/// What an operator can do about it.
fn advice(error: &OrderError) -> &'static str {
    match error {
        OrderError::BadAuth(_) | OrderError::TooManyAttemptsAuth(_) => {
            "the authority must reach tls.listen at port 443 of every name in tls.domains: look at DNS (A and AAAA), \
             firewalls and port forwarding, and that no proxy ends TLS in front"
        }
        OrderError::Acme(rustls_acme::acme::AcmeError::NoTlsAlpn01Challenge) => {
            "the authority does not offer TLS-ALPN-01: choose another in tls.acme_directory"
        }
        OrderError::Acme(_) => {
            "the authority must be reachable from here and take the request: look at tls.acme_directory, tls.acme_ca, \
             tls.acme_contact, this machine's DNS and its clock"
        }
        OrderError::BadOrder(_) | OrderError::ProcessingTimeout(_) | OrderError::Rcgen(_) => {
            "the authority refused or did not finish the order: its sentence says why"
        }
    }
}

/// Reads the certificates that vouch for the directory; nothing where the public ones do.
///
/// # Errors
/// If the file cannot be read, or holds none.
pub(super) fn roots(ca: Option<&Path>) -> Result<Option<RootCertStore>, TlsError> {
    let Some(path) = ca else { return Ok(None) };
    let unreadable = |source| CertificateError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let text = std::fs::read(path).map_err(unreadable)?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&text).filter_map(Result::ok));
    if roots.is_empty() {
        return Err(TlsError::NoRoots { path: path.to_owned() });
    }
    Ok(Some(roots))
}

fn client_config(roots: RootCertStore) -> Result<Arc<ClientConfig>, TlsError> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Library)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests;
