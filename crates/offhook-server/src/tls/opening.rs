//! The first moments of a connection: the handshake, and the byte that tells TURN from HTTP.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::ServerConnection;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::{HTTP_2, TURN, Tls};

/// How long the handshake and the first byte may take together.
const DEADLINE: Duration = Duration::from_secs(5);
/// The first byte of a STUN message: two zero bits and the six highest of its type (RFC 8489 §5), of which all that a
/// client of TURN sends have the first four zero (RFC 8656 §17). A letter of HTTP is never that low; channel data, whose
/// range has letters, cannot open a connection.
const TURN_FIRST_BYTES: std::ops::RangeInclusive<u8> = 0x00..=0x03;

/// A connection that has said what it is.
pub enum Opened {
    /// Nothing has been taken out of the stream.
    Http1(Box<TlsStream<TcpStream>>),
    /// The same.
    Http2(Box<TlsStream<TcpStream>>),
    /// For the relay.
    Turn(TurnConnection),
}

/// A connection that began as TURN.
pub struct TurnConnection {
    /// The socket, which does not block.
    pub stream: std::net::TcpStream,
    /// The session, which may hold more than the first bytes.
    pub tls: Box<ServerConnection>,
    /// What the client has said already.
    pub first_bytes: Vec<u8>,
    /// This end.
    pub local: SocketAddr,
    /// The client's end.
    pub remote: SocketAddr,
}

/// Why a connection was closed before it was one.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The client took too long.
    #[error("the client did not finish the handshake, or said nothing after it, in time")]
    Slow,
    /// What came is not TLS, or the client and this server have nothing in common.
    #[error("the handshake failed")]
    Handshake(#[source] io::Error),
    /// An authority looked whether the domain leads here; it needs nothing but the handshake.
    #[error("an authority looked at the challenge's certificate")]
    Challenge,
    /// The client went away.
    #[error("the client went away before it said anything")]
    Gone(#[source] io::Error),
    /// The client asked for TURN and spoke something else.
    #[error("the client asked for TURN and speaks something else")]
    NotTurn,
}

/// Shakes hands and waits for the first byte.
///
/// # Errors
/// If the connection is to be closed, and is.
pub async fn open(tls: &Tls, stream: TcpStream) -> Result<Opened, NotOpened> {
    let opened = tokio::time::timeout(DEADLINE, shake_hands(tls, stream)).await;
    opened.unwrap_or(Err(NotOpened::Slow))
}

async fn shake_hands(tls: &Tls, stream: TcpStream) -> Result<Opened, NotOpened> {
    let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream)
        .await
        .map_err(NotOpened::Handshake)?;
    let config = tls.config_for(&hello.client_hello());
    let mut stream = hello.into_stream(config).await.map_err(NotOpened::Handshake)?;
    let protocol = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    let protocol = protocol.as_deref();
    if protocol == Some(rustls_acme::acme::ACME_TLS_ALPN_NAME) {
        // The client has what it came for (RFC 8737 §3).
        _ = stream.shutdown().await;
        return Err(NotOpened::Challenge);
    }
    let first_bytes = stream.fill_buf().await.map_err(NotOpened::Gone)?;
    match first_bytes.first() {
        None => Err(NotOpened::Gone(io::ErrorKind::UnexpectedEof.into())),
        Some(byte) if TURN_FIRST_BYTES.contains(byte) => {
            let first_bytes = first_bytes.to_vec();
            stream.consume(first_bytes.len());
            let (stream, tls) = stream.into_inner();
            let local = stream.local_addr().map_err(NotOpened::Gone)?;
            let remote = stream.peer_addr().map_err(NotOpened::Gone)?;
            Ok(Opened::Turn(TurnConnection {
                stream: stream.into_std().map_err(NotOpened::Gone)?,
                tls: Box::new(tls),
                first_bytes,
                local,
                remote,
            }))
        }
        Some(_) if protocol == Some(TURN) => Err(NotOpened::NotTurn),
        Some(_) if protocol == Some(HTTP_2) => Ok(Opened::Http2(Box::new(stream))),
        Some(_) => Ok(Opened::Http1(Box::new(stream))),
    }
}
