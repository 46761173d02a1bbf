//! TLS over real sockets: HTTPS, WebSocket and TURN on one port, and where certificates come from.

mod acme;
mod certificates;
mod client;
mod demo;
mod https;
mod opening;
mod relay;

use offhook_server::config::Config;
use offhook_server::config::tls::TlsConfig;

use crate::issuer::Issuer;
use crate::server::Server;

pub use client::TlsClient;

/// A server with a certificate of `issuer` for 127.0.0.1 and localhost; the folder holds its files.
async fn server(issuer: &Issuer, folder: &tempfile::TempDir) -> Server {
    let config = files(issuer, folder);
    Server::start_with(|rest| Config { tls: config, ..rest }).await
}

/// TLS on a free port, with files that are written to `folder`.
pub fn files(issuer: &Issuer, folder: &tempfile::TempDir) -> TlsConfig {
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    issuer.issue().write(&certificate, &key);
    TlsConfig {
        listen: Some("127.0.0.1:0".parse().unwrap()),
        certificate: Some(certificate),
        key: Some(key),
        ..TlsConfig::default()
    }
}
