//! A receiver of requests that go out: real sockets, real TLS by an authority of its own, and answers as a test wants them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, Version, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use rcgen::CertificateParams;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::issuer::Issuer;

/// What a receiver does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Answers with a status.
    Status(u16),
    /// Sends the request elsewhere.
    Redirect(String),
    /// Answers 200 with a body that never ends.
    Endless,
    /// Answers 200 and then a byte at a time.
    Dripping,
    /// Answers with a status, a header and a body.
    Full(u16, (&'static str, &'static str), String),
    /// Takes the request and says nothing.
    Silence,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Received {
    /// The version of HTTP.
    pub version: Version,
    /// Path and query.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, byte by byte.
    pub body: Bytes,
}

/// A receiver, until the test ends.
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Received>,
    folder: tempfile::TempDir,
}

type Answers = dyn Fn(usize, &Received) -> Reply + Send + Sync;

#[derive(Clone)]
struct Shared {
    requests: mpsc::UnboundedSender<Received>,
    count: Arc<AtomicUsize>,
    answers: Arc<Answers>,
}

impl Receiver {
    /// Starts one at 127.0.0.1 that answers everything with 200.
    pub async fn start() -> Self {
        Self::answering(|_, _| Reply::Status(200)).await
    }

    /// Starts one that answers by the number of the request, from 0, and what it says.
    pub async fn answering(answers: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static) -> Self {
        Self::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), answers).await
    }

    /// The same, at an address.
    pub async fn at(address: SocketAddr, answers: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let issuer = Issuer::new();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        let acceptor = acceptor(&issuer, address.ip());
        let (sender, requests) = mpsc::unbounded_channel();
        let shared = Shared {
            requests: sender,
            count: Arc::default(),
            answers: Arc::new(answers),
        };
        let router = Router::new().fallback(receive).with_state(shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, router) = (acceptor.clone(), router.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let service = TowerToHyperService::new(router);
                    let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    _ = builder.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self {
            address,
            requests,
            folder,
        }
    }

    /// The file with the root that vouches for it.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Its host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Its address for a path.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    /// The next request; fails the test if none comes.
    pub async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(Duration::from_secs(20), self.requests.recv()).await;
        next.expect("a request comes").unwrap()
    }

    /// Whether nothing came so far that was not read.
    pub fn is_idle(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }
}

async fn receive(
    State(shared): State<Shared>,
    version: Version,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let received = Received {
        version,
        path: uri.path_and_query().unwrap().to_string(),
        headers,
        body,
    };
    let reply = (shared.answers)(shared.count.fetch_add(1, Ordering::SeqCst), &received);
    _ = shared.requests.send(received);
    match reply {
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Reply::Endless => {
            let bytes = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 8192])));
            Body::from_stream(bytes).into_response()
        }
        Reply::Dripping => {
            let bytes = stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), ()))
            });
            Body::from_stream(bytes).into_response()
        }
        Reply::Full(status, header, body) => (StatusCode::from_u16(status).unwrap(), [header], body).into_response(),
        Reply::Silence => std::future::pending().await,
    }
}

/// Serves with a certificate for an address and a few names.
fn acceptor(issuer: &Issuer, address: IpAddr) -> TlsAcceptor {
    let names = [
        address.to_string(),
        "localhost".to_owned(),
        "receiver.example".to_owned(),
    ];
    let issued = issuer.issue_for(CertificateParams::new(names).unwrap());
    let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes()).unwrap();
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(issued.certificate_der)], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
