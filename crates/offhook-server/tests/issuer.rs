//! Certificates to serve with, of an authority that the test's clients trust.

use std::path::Path;

use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls::RootCertStore;

/// An authority.
pub struct Issuer {
    certificate: Certificate,
    key: KeyPair,
}

/// A certificate and its key.
pub struct Issued {
    pub certificate_pem: String,
    pub key_pem: String,
    pub certificate_der: Vec<u8>,
}

impl Issuer {
    pub fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, key }
    }

    /// The authority's own certificate.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// What a client needs to trust it.
    pub fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        roots
    }

    /// A certificate for this machine.
    pub fn issue(&self) -> Issued {
        self.issue_for(CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap())
    }

    /// A certificate as asked for, with a new key.
    pub fn issue_for(&self, params: CertificateParams) -> Issued {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate = self.sign(params, &key);
        Issued {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            certificate_der: certificate.der().to_vec(),
        }
    }

    /// A certificate for somebody else's key.
    pub fn sign(&self, params: CertificateParams, key: &impl PublicKeyData) -> Certificate {
        params.signed_by(key, &self.certificate, &self.key).unwrap()
    }
}

impl Issued {
    pub fn write(&self, certificate: &Path, key: &Path) {
        std::fs::write(key, &self.key_pem).unwrap();
        std::fs::write(certificate, &self.certificate_pem).unwrap();
    }
}
