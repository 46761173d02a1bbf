//! Taking connections: how many at once, and how slowly one may speak.

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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::node::stopped;

/// How long a request's head may take, and how long a connection may wait for its next request.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// Plain HTTP connections at once; one that has become a WebSocket counts elsewhere.
const MAX_CONNECTIONS: usize = 4096;
/// How long requests that run may take to end once the node stops.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);
/// How long to wait where no connection can be taken: usually, too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until the node stops; requests that run are let to end, for a while.
pub async fn serve(listener: TcpListener, router: Router, mut stopping: watch::Receiver<bool>) {
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
        let (router, stopping) = (router.clone(), stopping.clone());
        connections.spawn(async move {
            run(stream, peer, router, stopping).await;
            drop(permit);
        });
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(CLOSE_DEADLINE, ended).await.is_err() {
        tracing::debug!("some requests did not end in time");
    }
}

async fn take(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, permit)),
        Err(error) => {
            tracing::warn!(error = %error, "a connection could not be taken");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn run(stream: TcpStream, peer: SocketAddr, router: Router, mut stopping: watch::Receiver<bool>) {
    // Small messages go out at once: a ring does not wait for a full packet.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "a connection was gone as it came");
        return;
    }
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
