//! What operators' collectors are told: traces by OTLP, and lines of the log as JSON.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use offhook_client::{Client, DialParams, Host};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::sync::mpsc;

use crate::program::Program;
use crate::server::PATIENCE;

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_is_told_of_a_dial_and_of_nobody_by_name() {
    let (collector, exports) = collector().await;
    let spans = traced_dial(&format!("http://{collector}"), exports).await;

    let request = named(&spans, "POST /client/v1/authenticate");
    assert_eq!(attributes(request)["http.route"], "/client/v1/authenticate");
    assert_eq!(attributes(request)["http.response.status_code"], "200");
    let made = named(&spans, "POST /v3/users");
    assert_eq!(attributes(made)["http.request.method"], "POST");
    let shown = named(&spans, "GET /v3/users/{user_id}");
    assert_eq!(
        attributes(shown)["http.response.status_code"],
        "200",
        "the route stands for the path"
    );

    let dial = named(&spans, "socket dial");
    let commit = spans
        .iter()
        .find(|span| span.name == "commit" && span.parent_span_id == dial.span_id)
        .expect("the dial was committed");
    assert_eq!(commit.trace_id, dial.trace_id);
    assert_eq!(attributes(commit)["call.id"], attributes(dial)["call.id"]);
    let end = named(&spans, "socket end");
    assert_eq!(
        attributes(end)["call.id"],
        attributes(dial)["call.id"],
        "one call, two traces"
    );
    assert_ne!(end.trace_id, dial.trace_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let endpoint = format!("http://{nobody}");
    let program = Program::serve(folder.path(), &[("OFFHOOK_TELEMETRY__OTLP_ENDPOINT", &endpoint)]);
    let host = program.ready["http"].as_str().unwrap();
    let alive = reqwest::get(format!("http://{host}/healthz")).await.unwrap();
    assert_eq!(alive.status(), 200);
    tokio::task::spawn_blocking(|| program.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_the_json_log_is_an_object_and_none_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(folder.path(), &[("OFFHOOK_LOG", "debug")]);
    let api_token = program.ready["api_token"].as_str().unwrap().to_owned();
    let secrets = dial(&program).await;
    let lines = tokio::task::spawn_blocking(|| program.stop_and_read_log())
        .await
        .unwrap();
    assert!(!lines.is_empty());
    let mut ended = 0;
    for line in &lines {
        let fields: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(fields["timestamp"].is_string() && fields["level"].is_string(), "{line}");
        assert!(!line.contains(&api_token), "{line}");
        assert!(secrets.iter().all(|secret| !line.contains(secret)), "{line}");
        ended += u32::from(fields["fields"]["message"] == "call ended");
    }
    assert_eq!(ended, 1, "the call is in the log");
}

/// Runs a server that tells a collector, and dials there; gives the spans that were told until it had stopped.
async fn traced_dial(endpoint: &str, mut exports: mpsc::UnboundedReceiver<Bytes>) -> Vec<Span> {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(folder.path(), &[("OFFHOOK_TELEMETRY__OTLP_ENDPOINT", endpoint)]);
    let mut secrets = dial(&program).await;
    secrets.extend(["alice".to_owned(), "bella".to_owned(), "Wonderland".to_owned()]);
    secrets.push(program.ready["api_token"].as_str().unwrap().to_owned());
    // What is not told yet is told at the end.
    let stopped = tokio::task::spawn_blocking(|| program.stop());
    tokio::time::timeout(PATIENCE, stopped).await.unwrap().unwrap();
    let mut spans = Vec::new();
    while let Ok(export) = exports.try_recv() {
        let said = String::from_utf8_lossy(&export).into_owned();
        for secret in &secrets {
            assert!(!said.contains(secret), "{secret} is told");
        }
        let request = ExportTraceServiceRequest::decode(export).unwrap();
        let scopes = request
            .resource_spans
            .into_iter()
            .flat_map(|resource| resource.scope_spans);
        spans.extend(scopes.flat_map(|scope| scope.spans));
    }
    spans
}

/// Makes two users, of whom one dials the other and gives up; gives their tokens.
async fn dial(program: &Program) -> Vec<String> {
    let http = reqwest::Client::new();
    let base = format!("http://{}", program.ready["http"].as_str().unwrap());
    let api_token = program.ready["api_token"].as_str().unwrap();
    let app_id = program.ready["app_id"].as_str().unwrap();
    let mut tokens = Vec::new();
    let mut devices = Vec::new();
    for user_id in ["alice", "bella"] {
        let body = serde_json::json!({
            "user_id": user_id, "nickname": "Wonderland", "profile_url": "", "issue_access_token": true,
        });
        let request = http.post(format!("{base}/v3/users")).header("Api-Token", api_token);
        let made: serde_json::Value = request.json(&body).send().await.unwrap().json().await.unwrap();
        let token = made["access_token"].as_str().unwrap().to_owned();
        let request = http.get(format!("{base}/v3/users/{user_id}"));
        let shown = request.header("Api-Token", api_token).send().await.unwrap();
        assert_eq!(shown.status(), 200);
        let (client, events) = Client::init(app_id, base.parse::<Host>().unwrap()).unwrap();
        client.authenticate(user_id, Some(&token)).await.unwrap();
        client.connect().await.unwrap();
        tokens.push(token);
        devices.push((client, events));
    }
    let call = devices[0].0.dial(DialParams::audio("bella")).await.unwrap();
    call.end().await.unwrap();
    tokens
}

/// A collector that keeps what it is told.
async fn collector() -> (SocketAddr, mpsc::UnboundedReceiver<Bytes>) {
    let (sender, exports) = mpsc::unbounded_channel();
    let take = |State(sender): State<mpsc::UnboundedSender<Bytes>>, body: Bytes| async move {
        sender.send(body).unwrap();
        StatusCode::OK
    };
    let router = Router::new().route("/v1/traces", post(take)).with_state(sender);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, exports)
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    let found = spans.iter().find(|span| span.name == name);
    found.unwrap_or_else(|| panic!("{name} is not among {names:?}"))
}

fn attributes(span: &Span) -> BTreeMap<String, String> {
    let attributes = span.attributes.iter();
    attributes
        .map(|attribute| {
            let value = attribute.value.clone().and_then(|value| value.value);
            let text = match value {
                Some(Value::StringValue(text)) => text,
                Some(Value::IntValue(number)) => number.to_string(),
                other => format!("{other:?}"),
            };
            (attribute.key.clone(), text)
        })
        .collect()
}
