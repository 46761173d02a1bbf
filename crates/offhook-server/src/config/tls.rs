//! The section of TLS, `[tls]`, and what follows from it for the addresses that clients are told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Config, ConfigError};

/// Where TLS is served if nothing else is said.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 443);
/// The longest name that DNS has (RFC 1035 §2.3.4), without the dots around it.
const MAX_NAME_LENGTH: usize = 253;
/// The longest part of a name (RFC 1035 §2.3.4).
const MAX_LABEL_LENGTH: usize = 63;
/// What one order may name at the public authorities.
const MAX_DOMAINS: usize = 100;

/// What `[tls]` holds: HTTPS and TURN over TLS, on one port.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// Where HTTPS, WebSocket and TURN over TLS are served. Default `0.0.0.0:443` once there is a certificate or a domain.
    pub listen: Option<SocketAddr>,
    /// The certificate and its chain, a PEM file that is read again whenever it changes. Default none.
    pub certificate: Option<PathBuf>,
    /// The key of `certificate`, a PEM file. Default none.
    pub key: Option<PathBuf>,
    /// Names to get a certificate for by ACME, such as `["calls.example.org"]`, instead of `certificate` and `key`: port
    /// 443 of each must lead here. Default none.
    pub domains: Vec<String>,
    /// The e-mail address that the authority may write to. Default none.
    pub acme_contact: Option<String>,
    /// The authority's directory. Default that of Let's Encrypt.
    pub acme_directory: String,
    /// A PEM file with the root certificates that vouch for the directory, where the public ones do not. Default none.
    pub acme_ca: Option<PathBuf>,
}

/// Where certificates come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// Files that somebody else keeps fresh.
    Files {
        /// The certificate and its chain.
        certificate: &'a Path,
        /// Its key.
        key: &'a Path,
    },
    /// An authority that is asked over ACME (RFC 8555).
    Acme {
        /// What is asked for.
        domains: &'a [String],
        /// Whom the authority may write to.
        contact: Option<&'a str>,
        /// The authority's directory.
        directory: &'a str,
        /// What vouches for the directory.
        ca: Option<&'a Path>,
    },
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self {
            listen: None,
            certificate: None,
            key: None,
            domains: Vec::new(),
            acme_contact: None,
            acme_directory: rustls_acme::acme::LETS_ENCRYPT_PRODUCTION_DIRECTORY.to_owned(),
            acme_ca: None,
        }
    }
}

impl TlsConfig {
    /// The keys that hold lists, for the environment's sake.
    pub(super) const LISTS: [&str; 1] = ["tls.domains"];

    /// Where the certificate comes from; nothing where TLS is off.
    pub fn source(&self) -> Option<Source<'_>> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Some(Source::Files { certificate, key }),
            _ if self.domains.is_empty() => None,
            _ => Some(Source::Acme {
                domains: &self.domains,
                contact: self.acme_contact.as_deref(),
                directory: &self.acme_directory,
                ca: self.acme_ca.as_deref(),
            }),
        }
    }

    /// Where TLS is served; nothing where it is off.
    pub fn address(&self) -> Option<SocketAddr> {
        self.source().map(|_| self.listen.unwrap_or(LISTEN))
    }

    /// Checks what the types do not.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let refuse = |key, value: String, allowed| Err(ConfigError::OutOfRange { key, value, allowed });
        match (&self.certificate, &self.key) {
            (Some(_), None) => {
                let allowed = "the PEM file of the key that belongs to tls.certificate";
                return refuse("tls.key", "not set".to_owned(), allowed);
            }
            (None, Some(_)) => {
                let allowed = "the PEM file of the certificate that belongs to tls.key";
                return refuse("tls.certificate", "not set".to_owned(), allowed);
            }
            (Some(_), Some(_)) if !self.domains.is_empty() => {
                let allowed = "left out where tls.certificate is set: a certificate comes from files or by ACME";
                return refuse("tls.domains", format!("{:?}", self.domains), allowed);
            }
            _ => {}
        }
        if let (Some(listen), None) = (self.listen, self.source()) {
            let allowed = "left out, or set together with tls.certificate and tls.key, or with tls.domains";
            return refuse("tls.listen", listen.to_string(), allowed);
        }
        if self.domains.len() > MAX_DOMAINS {
            return refuse("tls.domains", format!("{} names", self.domains.len()), "at most 100");
        }
        if let Some(domain) = self.domains.iter().find(|domain| !is_domain(domain)) {
            let allowed = "a list of names like calls.example.org, in lower case: no address, no scheme, no port, no *";
            return refuse("tls.domains", format!("{domain:?}"), allowed);
        }
        if let Some(contact) = self.acme_contact.as_ref().filter(|contact| !is_mail_address(contact)) {
            let allowed = "an e-mail address like operator@example.org";
            return refuse("tls.acme_contact", format!("{contact:?}"), allowed);
        }
        if !self.acme_directory.starts_with("https://") {
            let allowed = "an address that starts with https://";
            return refuse("tls.acme_directory", format!("{:?}", self.acme_directory), allowed);
        }
        Ok(())
    }
}

impl Config {
    /// The name or address that clients are told for this server: `public_host`, else the first of `tls.domains`. Nothing
    /// where neither is set: then nobody here knows what clients call it.
    pub fn host_for_clients(&self) -> Option<&str> {
        self.public_host
            .as_deref()
            .or(self.tls.domains.first().map(String::as_str))
    }

    /// The URL of TURN over TLS (RFC 7065) for a server that serves TLS on `https`; nothing where clients could not be
    /// told a host that the certificate names.
    pub fn turns_url(&self, https: SocketAddr) -> Option<String> {
        let host = self.host_for_clients()?;
        let port = https.port();
        Some(match host.parse() {
            Ok(IpAddr::V6(address)) => format!("turns:[{address}]:{port}?transport=tcp"),
            _ => format!("turns:{host}:{port}?transport=tcp"),
        })
    }

    pub(super) fn check_public_host(&self) -> Result<(), ConfigError> {
        match &self.public_host {
            Some(host) if !is_domain(host) && host.parse::<IpAddr>().is_err() => Err(ConfigError::OutOfRange {
                key: "public_host",
                value: format!("{host:?}"),
                allowed: "a name like calls.example.org, in lower case, or an IP address: no scheme, no port",
            }),
            _ => Ok(()),
        }
    }
}

/// Whether this is a host name of at least two parts, as a certificate by TLS-ALPN-01 can have it (RFC 8737 §3).
fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL_LENGTH).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // No top level domain is a number: what ends in one is an address, or meant to be.
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    name.len() <= MAX_NAME_LENGTH
        && name.contains('.')
        && name.split('.').all(is_label)
        && !name.rsplit('.').next().is_some_and(is_number)
}

fn is_mail_address(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(name, domain)| !name.is_empty() && is_domain(domain))
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
