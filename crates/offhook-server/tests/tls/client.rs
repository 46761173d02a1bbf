//! A TLS client that says what it likes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Issuer;
use crate::server::PATIENCE;

/// A connection over TLS.
pub struct TlsClient(pub TlsStream<TcpStream>);

impl TlsClient {
    /// Connects as a client that trusts `issuer` and offers these protocols.
    pub async fn connect(server: SocketAddr, issuer: &Issuer, protocols: &[&str]) -> io::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        let config = config(issuer.roots(), protocols);
        Self::over(stream, config, "127.0.0.1").await
    }

    /// Shakes hands on a connection that is there, and asks for a name.
    pub async fn over(stream: TcpStream, config: ClientConfig, name: &str) -> io::Result<Self> {
        let name = name.to_owned().try_into().unwrap();
        let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let stream = tokio::time::timeout(PATIENCE, connected).await.expect("no handshake")?;
        Ok(Self(stream))
    }

    /// What was agreed on.
    pub fn protocol(&self) -> Option<String> {
        let protocol = self.0.get_ref().1.alpn_protocol()?;
        Some(String::from_utf8(protocol.to_vec()).unwrap())
    }

    /// The certificate of the server.
    pub fn certificate(&self) -> Vec<u8> {
        self.0.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    }

    /// Says something, and flushes it.
    pub async fn say(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// Waits for some bytes.
    pub async fn hear(&mut self) -> Vec<u8> {
        let mut some = vec![0; 4096];
        let read = tokio::time::timeout(PATIENCE, self.0.read(&mut some)).await;
        some.truncate(read.expect("nothing is said").unwrap());
        some
    }

    /// Waits for so many bytes.
    pub async fn hear_exactly(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let read = tokio::time::timeout(PATIENCE, self.0.read_exact(&mut bytes)).await;
        read.expect("too little is said").unwrap();
        bytes
    }

    /// Asks `GET /healthz` and leaves the connection open; gives the status line.
    pub async fn is_healthy(&mut self) -> String {
        self.say(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nok\n") {
            let some = self.hear().await;
            assert!(!some.is_empty(), "closed: {:?}", String::from_utf8_lossy(&answer));
            answer.extend(some);
        }
        let answer = String::from_utf8(answer).unwrap();
        answer.lines().next().unwrap().to_owned()
    }

    /// Waits until the server closes; gives what it said before.
    pub async fn closes(mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A server may close without a goodbye.
        let read = tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut rest)).await;
        _ = read.expect("the connection stays open");
        rest
    }
}

pub fn config(roots: RootCertStore, protocols: &[&str]) -> ClientConfig {
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    config
}

/// Takes whatever certificate the server has.
pub fn trust_anything(config: &mut ClientConfig) {
    let any = AnyCertificate(Arc::new(aws_lc_rs::default_provider()));
    config.dangerous().set_certificate_verifier(Arc::new(any));
}

/// Takes whatever certificate comes: it is looked at afterwards.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.3 was offered".to_owned()))
    }

    /// By the key alone, since the library knows no certificate with a critical acmeIdentifier.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let (_, certificate) = x509_parser::parse_x509_certificate(certificate).unwrap();
        let key = SubjectPublicKeyInfoDer::from(certificate.tbs_certificate.subject_pki.raw);
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature_with_raw_key(message, &key, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
