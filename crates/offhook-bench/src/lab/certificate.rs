//! A certificate of the machine's own, and trust in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use rustls::{ClientConfig, RootCertStore};

/// What a server serves TLS with.
pub struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
    /// What clients trust.
    pub trust: Arc<ClientConfig>,
}

impl Certificate {
    /// Makes one for `localhost`, in a folder.
    pub fn make(folder: &Path) -> anyhow::Result<Self> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).context("writing a certificate")?;
        std::fs::write(&key, made.key_pair.serialize_pem()).context("writing a key")?;
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone())?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let trust = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            certificate,
            key,
            trust: Arc::new(trust),
        })
    }

    /// What a server is told.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("OFFHOOK_TLS__LISTEN", "127.0.0.1:0".to_owned()),
            ("OFFHOOK_TLS__CERTIFICATE", self.certificate.display().to_string()),
            ("OFFHOOK_TLS__KEY", self.key.display().to_string()),
        ]
    }
}
