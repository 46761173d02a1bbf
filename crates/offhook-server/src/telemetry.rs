//! Traces, told to a collector by OTLP over HTTP, if one is configured.
//!
//! What is traced is made in [`spans`]: they carry routes, statuses and ids of calls, and never users, addresses or
//! secrets. They are of a target of their own, so that they are in no log line, and cost next to nothing where there is
//! no collector.

mod client;
pub mod spans;

use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use self::client::Client;
use crate::config::telemetry::TelemetryConfig;

/// The target of the spans that are told.
pub(crate) const TARGET: &str = "offhook_trace";
/// How long a collector may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// Tells the collector, until it is ended.
#[derive(Debug, Default)]
pub struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Starts it as configured. Spans that come too fast for the collector are dropped, and nobody waits for it.
    ///
    /// # Errors
    /// If the client cannot be made.
    pub fn start(config: &TelemetryConfig) -> anyhow::Result<Self> {
        let Some(endpoint) = &config.otlp_endpoint else {
            return Ok(Self(None));
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new(DEADLINE)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(DEADLINE)
            .build()
            .context("making the exporter of traces")?;
        let resource = Resource::builder_empty().with_attributes([
            KeyValue::new("service.name", "offhook"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        ]);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Self(Some(provider)))
    }

    /// What the log's subscriber is layered with.
    pub fn layer<S>(&self) -> Option<Box<dyn Layer<S> + Send + Sync>>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let provider = self.0.as_ref()?;
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("offhook"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false);
        let filter = Targets::new().with_target(TARGET, tracing::Level::INFO);
        Some(layer.with_filter(filter).boxed())
    }

    /// Tells what is not told yet, as far as the collector takes it in time.
    pub async fn end(self) {
        let Some(provider) = self.0 else {
            return;
        };
        // It waits for a thread of its own.
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(DEADLINE)).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(error = %error, "the last traces were not told");
        }
    }
}
