//! HTTP/2 (RFC 9113): many requests on one connection, and what bounds them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::rt::Executor;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{CLOSE_DEADLINE, Service, answer};
use crate::node::stopped;

/// Requests of one connection at once: as many as RFC 9113 §6.5.2 asks for at least.
const MAX_STREAMS: u32 = 100;
/// A request's headers, all together.
const MAX_HEADERS_BYTES: u32 = 16 * 1024;
/// What a client may send ahead on one connection, all streams together; a request's body is no longer.
const WINDOW_BYTES: u32 = 256 * 1024;
/// How long a connection may run no request. A head that comes slowly is none yet; browsers that come back later
/// connect anew.
const IDLE_DEADLINE: Duration = Duration::from_secs(60);
/// A client that is gone without a word is noticed by a ping.
const PING_EVERY: Duration = Duration::from_secs(20);
/// How long the answer to a ping may take.
const PING_DEADLINE: Duration = Duration::from_secs(10);

/// Serves one connection until it ends, is idle for too long, or the node stops.
pub async fn serve<Stream>(stream: Stream, peer: SocketAddr, service: Service)
where
    Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Service { router, mut stopping } = service;
    let running = Running::default();
    let mut idle = running.0.subscribe();
    let service = service_fn(move |request| {
        let (router, runs) = (router.clone(), running.start());
        async move {
            let answer = answer(router, peer, request).await;
            drop(runs);
            answer
        }
    });
    // How many requests a client may take back at once (CVE-2023-44487, CVE-2025-8671) is bounded by the library.
    let connection = http2::Builder::new(Streams::default())
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADERS_BYTES)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_DEADLINE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => Some(served),
        () = stopped(&mut stopping) => None,
        () = is_idle(&mut idle) => None,
    };
    let served = match served {
        Some(served) => served,
        None => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(CLOSE_DEADLINE, connection).await {
                Ok(served) => served,
                Err(_) => return tracing::debug!("a connection did not end in time"),
            }
        }
    };
    if let Err(error) = served {
        tracing::trace!(error = %error, "a connection ended badly");
    }
}

/// Waits until no request has run for a while.
async fn is_idle(running: &mut watch::Receiver<u32>) {
    loop {
        let is_idle = *running.borrow_and_update() == 0;
        let changed = running.changed();
        if !is_idle {
            // The connection, which is polled beside this, holds the other end.
            _ = changed.await;
        } else if tokio::time::timeout(IDLE_DEADLINE, changed).await.is_err() {
            return;
        }
    }
}

/// Counts the requests of a connection that run.
#[derive(Clone, Default)]
struct Running(watch::Sender<u32>);

impl Running {
    fn start(&self) -> Runs {
        self.0.send_modify(|running| *running = running.saturating_add(1));
        Runs(self.clone())
    }
}

/// A request that runs until this is dropped.
struct Runs(Running);

impl Drop for Runs {
    fn drop(&mut self) {
        self.0.0.send_modify(|running| *running = running.saturating_sub(1));
    }
}

/// The tasks of one connection's requests: they end with it.
#[derive(Clone, Default)]
struct Streams(Arc<Mutex<JoinSet<()>>>);

impl<Stream: Future<Output = ()> + Send + 'static> Executor<Stream> for Streams {
    fn execute(&self, stream: Stream) {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while streams.try_join_next().is_some() {}
        streams.spawn(stream);
    }
}
