//! A request or two to the server itself.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::tls::shake_hands;

/// How long a server of this machine may take to answer.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// The longest answer that is read.
const MOST_BYTES: usize = 64 * 1024;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("it does not speak HTTP ({0})")]
    Http(#[from] hyper::Error),
    #[error("the answer cannot be read ({0})")]
    Body(#[from] axum::Error),
    #[error("the request cannot be written ({0})")]
    Request(#[from] axum::http::Error),
    #[error("it did not answer within {} seconds", DEADLINE.as_secs())]
    TooLate,
}

/// What is asked.
pub(super) struct Question<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) body: String,
}

impl<'a> Question<'a> {
    pub(super) fn get(path: &'a str) -> Self {
        Self {
            method: Method::GET,
            path,
            body: String::new(),
        }
    }

    pub(super) fn post(path: &'a str, body: String) -> Self {
        Self {
            method: Method::POST,
            path,
            body,
        }
    }
}

/// Asks over TCP.
pub(super) async fn ask(address: SocketAddr, question: Question<'_>) -> Result<(StatusCode, String), RequestError> {
    let asked = async {
        let stream = TcpStream::connect(reachable(address)).await?;
        ask_over(stream, address, question).await
    };
    tokio::time::timeout(DEADLINE, asked)
        .await
        .unwrap_or(Err(RequestError::TooLate))
}

/// Asks over TLS.
pub(super) async fn ask_over_tls(
    address: SocketAddr,
    question: Question<'_>,
) -> Result<(StatusCode, String), RequestError> {
    let asked = async {
        let stream = TcpStream::connect(reachable(address)).await?;
        ask_over(shake_hands(stream, &[b"http/1.1"]).await?, address, question).await
    };
    tokio::time::timeout(DEADLINE, asked)
        .await
        .unwrap_or(Err(RequestError::TooLate))
}

async fn ask_over(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    host: SocketAddr,
    question: Question<'_>,
) -> Result<(StatusCode, String), RequestError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::builder()
        .method(question.method)
        .uri(question.path)
        .header(header::HOST, host.to_string())
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(question.body))?;
    let asked = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = axum::body::to_bytes(Body::new(response.into_body()), MOST_BYTES).await?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    };
    // The connection is driven here, by whoever waits for the answer, and ends with it.
    let mut connection = std::pin::pin!(connection);
    let mut asked = std::pin::pin!(asked);
    tokio::select! {
        answer = asked.as_mut() => answer,
        ended = connection.as_mut() => { ended?; asked.await }
    }
}

/// Where to knock for an address that is listened on.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}
