//! Taking connections: how many at once, and how slowly one may speak.

mod http2;
mod share;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use self::share::Shares;
use crate::node::stopped;
use crate::relay::RelayHandle;
use crate::tls::Tls;
use crate::tls::opening::{self, Opened, TurnConnection};

/// How long a request's head may take, and how long a connection may wait for its next request.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// Connections of one listener at once; one that has become a WebSocket or is the relay's counts elsewhere.
const MAX_CONNECTIONS: usize = 4096;
/// Of these, the connections of one address: an office behind one, but not the whole listener.
const MAX_OF_AN_ADDRESS: u32 = 512;
/// How long requests that run may take to end once the node stops.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);
/// How long to wait where no connection can be taken: usually, too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What a connection is served with.
#[derive(Clone)]
struct Service {
    router: Router,
    stopping: watch::Receiver<bool>,
}

/// Serves HTTP/1.1 until the node stops; requests that run are let to end, for a while. `trusted_proxies` bring the
/// connections of many, and have no share of their own.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    trusted_proxies: Vec<IpNet>,
    stopping: watch::Receiver<bool>,
) {
    let service = Service { router, stopping };
    let shares = Shares::new(MAX_OF_AN_ADDRESS, trusted_proxies);
    take_all(listener, shares, service.stopping.clone(), move |stream, peer| {
        serve_http1(stream, peer, service.clone())
    })
    .await;
}

/// The same over TLS, and HTTP/2 for those who ask for it; connections that begin as TURN go to the relay, or are closed
/// where there is none.
pub async fn serve_tls(
    listener: TcpListener,
    tls: Tls,
    router: Router,
    relay: Option<RelayHandle>,
    trusted_proxies: Vec<IpNet>,
    stopping: watch::Receiver<bool>,
) {
    let service = Service { router, stopping };
    let shares = Shares::new(MAX_OF_AN_ADDRESS, trusted_proxies);
    take_all(listener, shares, service.stopping.clone(), move |stream, peer| {
        serve_opening(stream, peer, tls.clone(), service.clone(), relay.clone())
    })
    .await;
}

async fn take_all<Served: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    shares: Shares,
    mut stopping: watch::Receiver<bool>,
    serve: impl Fn(TcpStream, SocketAddr) -> Served,
) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let taken = tokio::select! {
            () = stopped(&mut stopping) => break,
            taken = take(&listener, &room) => taken,
            // Owners await what they started; there is nothing to learn from a connection that ended.
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
        };
        let Some((stream, peer, permit)) = taken else { continue };
        let Some(share) = shares.take(peer.ip()) else {
            tracing::debug!("a connection too many of one address was closed");
            continue;
        };
        let served = serve(stream, peer);
        connections.spawn(async move {
            served.await;
            drop((share, permit));
        });
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(CLOSE_DEADLINE, ended).await.is_err() {
        tracing::debug!("some requests did not end in time");
    }
}

async fn take(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        // Small messages go out at once: a ring does not wait for a full packet.
        Ok((stream, peer)) => match stream.set_nodelay(true) {
            Ok(()) => Some((stream, peer, permit)),
            Err(error) => {
                tracing::debug!(error = %error, "a connection was gone as it came");
                None
            }
        },
        Err(error) => {
            tracing::warn!(error = %error, "a connection could not be taken");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn serve_opening(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Tls,
    mut service: Service,
    relay: Option<RelayHandle>,
) {
    let opened = tokio::select! {
        opened = opening::open(&tls, stream) => opened,
        () = stopped(&mut service.stopping) => return,
    };
    match opened {
        Ok(Opened::Http1(stream)) => serve_http1(stream, peer, service).await,
        Ok(Opened::Http2(stream)) => http2::serve(stream, peer, service).await,
        Ok(Opened::Turn(connection)) => match relay {
            Some(relay) => {
                let TurnConnection {
                    stream,
                    tls,
                    first_bytes,
                    local,
                    remote,
                } = connection;
                relay.adopt(stream, Some(tls), first_bytes, local, remote);
            }
            None => tracing::debug!("TURN was asked for, and there is no relay"),
        },
        Err(error) => {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a connection was closed before it began"
            );
        }
    }
}

async fn serve_http1<Stream>(stream: Stream, peer: SocketAddr, service: Service)
where
    Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Service { router, mut stopping } = service;
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::trace!(error = %error, "a connection ended badly");
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    mut request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    let request: Request = request.map(Body::new);
    router.oneshot(request).await
}
