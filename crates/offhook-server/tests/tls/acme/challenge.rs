//! TLS-ALPN-01 as an authority checks it (RFC 8737 §3).

use std::net::SocketAddr;

use rustls::RootCertStore;
use tokio::net::TcpStream;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::asn1_rs::oid;

use super::super::TlsClient;
use super::super::client;

/// Connects and looks at the certificate.
///
/// # Errors
/// Says what is wrong with it.
pub async fn check(server: SocketAddr, domain: &str, authorization: &[u8]) -> Result<(), String> {
    let stream = TcpStream::connect(server).await.map_err(|error| error.to_string())?;
    let mut config = client::config(RootCertStore::empty(), &["acme-tls/1"]);
    client::trust_anything(&mut config);
    let connected = TlsClient::over(stream, config, domain).await;
    let connection = connected.map_err(|error| error.to_string())?;
    if connection.protocol().as_deref() != Some("acme-tls/1") {
        return Err("acme-tls/1 was not agreed on".to_owned());
    }
    let certificate = connection.certificate();
    let (_, certificate) = x509_parser::parse_x509_certificate(&certificate).unwrap();
    let names: Vec<_> = certificate
        .extensions()
        .iter()
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
            _ => None,
        })
        .flatten()
        .collect();
    if !matches!(names[..], [GeneralName::DNSName(name)] if *name == domain) {
        return Err(format!("the certificate names {names:?}"));
    }
    let acme_identifier = oid!(1.3.6.1.5.5.7.1.31);
    let found = certificate
        .extensions()
        .iter()
        .find(|extension| extension.oid == acme_identifier)
        .ok_or("the certificate has no acmeIdentifier")?;
    // An OCTET STRING of 32 bytes.
    let wanted = [&[0x04, 0x20], authorization].concat();
    if !found.critical || found.value != wanted {
        return Err("the acmeIdentifier is not that of this challenge".to_owned());
    }
    // Served until the authority has gone.
    let rest = connection.closes().await;
    if rest.is_empty() {
        Ok(())
    } else {
        Err("something was said on a challenge".to_owned())
    }
}
