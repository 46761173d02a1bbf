use offhook_core::id::CallId;

use super::*;
use crate::telemetry::spans;

#[tokio::test(flavor = "multi_thread")]
async fn a_span_is_made_only_where_a_collector_is_told() {
    let is_made = |otlp_endpoint: Option<&str>| {
        let mut config = Config::default();
        config.telemetry.otlp_endpoint = otlp_endpoint.map(str::to_owned);
        let telemetry = Telemetry::start(&config.telemetry).unwrap();
        let subscriber = subscriber(&config, &telemetry).unwrap();
        tracing::dispatcher::with_default(&subscriber, || {
            assert!(tracing::enabled!(tracing::Level::INFO), "lines of the log are written");
            !spans::signal(CallId::from_bytes([1; 16])).is_disabled()
        })
    };
    assert!(is_made(Some("http://127.0.0.1:9")));
    assert!(!is_made(None));
}
