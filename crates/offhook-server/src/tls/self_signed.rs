//! A certificate that nobody vouches for, to try things in the local network.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};

/// Clocks in a local network differ.
const BEFORE: Duration = Duration::from_secs(24 * 3600);
/// Long enough for any demo; some browsers refuse what is valid for years.
const VALID_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

/// A certificate and its key.
pub struct SelfSigned {
    /// The certificate.
    pub certificate_pem: String,
    /// Its key, which is to be written nowhere else than where the server reads it.
    pub key_pem: String,
    /// The SHA-256 of the certificate, as browsers show it.
    pub fingerprint: String,
}

/// Makes a certificate for a server at `address`, which its own machine calls `localhost`.
///
/// # Errors
/// If no key can be made.
pub fn make(address: IpAddr) -> Result<SelfSigned, rcgen::Error> {
    let mut params = CertificateParams::new(vec![address.to_string(), "localhost".to_owned()])?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "Offhook demo");
    params.distinguished_name = name;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = SystemTime::now();
    params.not_before = (now - BEFORE).into();
    params.not_after = (now + VALID_FOR).into();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let certificate = params.self_signed(&key)?;
    Ok(SelfSigned {
        certificate_pem: certificate.pem(),
        key_pem: key.serialize_pem(),
        fingerprint: fingerprint(certificate.der()),
    })
}

fn fingerprint(certificate: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, certificate);
    let bytes: Vec<String> = hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}
