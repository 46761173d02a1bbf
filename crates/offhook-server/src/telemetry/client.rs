//! The HTTP client of traces: the one that is in the program, driven by the program's own runtime.

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::redirect;
use tokio::runtime::Handle;

/// Sends what the exporter's thread, which has no runtime, hands it.
pub struct Client {
    http: reqwest::Client,
    runtime: Handle,
}

impl Client {
    /// Makes one, inside the runtime that is to drive it.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(deadline: Duration) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .timeout(deadline)
            .user_agent(concat!("Offhook/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("making the client of traces")?;
        let runtime = Handle::current();
        Ok(Self { http, runtime })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let (parts, body) = request.into_parts();
        let sent = self.runtime.spawn(async move {
            let request = http.request(parts.method, parts.uri.to_string());
            let answer = request.headers(parts.headers).body(body).send().await?;
            let status = answer.status();
            answer.bytes().await.map(|body| (status, body))
        });
        let (status, body) = sent.await??;
        let mut response = Response::new(body);
        *response.status_mut() = status;
        Ok(response)
    }
}
