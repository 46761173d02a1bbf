//! HTTPS and WebSocket as browsers, back ends and phones use them.

use std::process::Command;

use offhook_client::Client;

use super::{Issuer, TlsClient, server};
use crate::server::Phone;

/// Set for a second run of the test's own process, which trusts the authority in `SSL_CERT_FILE`.
const SERVER: &str = "OFFHOOK_TEST_SERVER";

#[tokio::test]
async fn a_client_is_served_by_http_2_if_it_can_and_by_http_1_if_not() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let url = format!("https://{}/healthz", server.node().https().unwrap());
    for (builder, version) in [
        (reqwest::Client::builder(), reqwest::Version::HTTP_2),
        (reqwest::Client::builder().http1_only(), reqwest::Version::HTTP_11),
    ] {
        let root = reqwest::Certificate::from_pem(issuer.pem().as_bytes()).unwrap();
        let client = builder.tls_certs_only([root]).build().unwrap();
        let answer = client.get(&url).send().await.unwrap();
        assert_eq!(answer.version(), version);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert!(!answer.headers().contains_key("strict-transport-security"));
        assert_eq!(answer.text().await.unwrap(), "ok\n");
    }
    server.stop().await;
}

#[tokio::test]
async fn more_requests_than_one_connection_may_run_at_once_are_all_answered() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let url = format!("https://{}/v3/users", server.node().https().unwrap());
    let root = reqwest::Certificate::from_pem(issuer.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
    let requests = (0..250).map(|_| {
        let request = client.get(&url).header("Api-Token", &server.api_token);
        async move { request.send().await.unwrap().status().as_u16() }
    });
    let answers = futures_util::future::join_all(requests).await;
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    server.stop().await;
}

#[tokio::test]
async fn headers_beyond_the_limit_are_refused_and_the_connection_goes_on() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let url = format!("https://{}/healthz", server.node().https().unwrap());
    let root = reqwest::Certificate::from_pem(issuer.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    let refused = client.get(&url).header("x-long", "x".repeat(17 * 1024)).send().await;
    assert!(
        refused.as_ref().map_or(true, |answer| answer.status() == 431),
        "{refused:?}"
    );
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    server.stop().await;
}

#[tokio::test]
async fn the_address_that_a_proxy_forwards_counts_over_tls_too() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let tls = super::files(&issuer, &folder);
    let server = crate::server::Server::start_with(|rest| offhook_server::config::Config {
        tls,
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..rest
    })
    .await;
    let url = format!("https://{}/client/v1/authenticate", server.node().https().unwrap());
    let root = reqwest::Certificate::from_pem(issuer.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
    let sign_in = async |address: &str, user: &str| {
        let body = serde_json::json!({"app_id": server.app_id, "user_id": user, "access_token": "wrong"});
        let request = client.post(&url).header("X-Forwarded-For", address).json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    server.session_key("alice").await;
    let mut last = 0;
    for _ in 0..12 {
        last = sign_in("192.0.2.1", "alice").await;
    }
    assert_eq!(last, 429, "one address has tried too often");
    assert_eq!(sign_in("192.0.2.2", "alice").await, 400, "another has not");
    server.stop().await;
}

/// The client trusts what its machine trusts, so the phones are a process that is told so by its environment.
#[tokio::test]
async fn phones_call_each_other_over_tls() {
    if let Ok(server) = std::env::var(SERVER) {
        let (host, app_id) = server.split_once(' ').unwrap();
        return call(host, app_id).await;
    }
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, issuer.pem()).unwrap();
    let host = format!("https://{}", server.node().https().unwrap());
    let mut phones = Command::new(std::env::current_exe().unwrap());
    phones
        .args(["--exact", "tls::https::phones_call_each_other_over_tls", "--nocapture"])
        .env("SSL_CERT_FILE", &roots)
        .env(SERVER, format!("{host} {}", server.app_id));
    let output = tokio::task::spawn_blocking(move || phones.output().unwrap())
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    let store = server.node().store();
    for user in ["alice", "bob"] {
        assert!(
            store.user(server.app(), user).await.unwrap().is_some(),
            "{user} was there"
        );
    }
    server.stop().await;
}

async fn call(host: &str, app_id: &str) {
    let phone = async |user: &str| {
        let (client, events) = Client::init(app_id, host.parse().unwrap()).unwrap();
        client.authenticate(user, None).await.unwrap();
        client.connect().await.unwrap();
        Phone::new(client, events)
    };
    let (mut alice, mut bob) = (phone("alice").await, phone("bob").await);
    alice.dial("bob").await;
    let ringing = bob.expect("ringing").await;
    alice.expect("dial received").await;
    ringing.accept(true, false).await.unwrap();
    alice.expect("established").await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_connections_that_ask_for_nothing() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    let mut http1 = TlsClient::connect(https, &issuer, &["http/1.1"]).await.unwrap();
    http1.is_healthy().await;
    let mut http2 = TlsClient::connect(https, &issuer, &["h2"]).await.unwrap();
    http2.say(PREFACE).await;
    // Its settings, so it serves.
    assert!(!http2.hear().await.is_empty());
    let silent = TlsClient::connect(https, &issuer, &[]).await.unwrap();
    let stopped = tokio::time::timeout(crate::server::PATIENCE, server.stop()).await;
    assert!(stopped.is_ok());
    assert!(http1.closes().await.is_empty());
    let goodbye = http2.closes().await;
    assert!(goodbye.windows(2).any(|bytes| bytes == GOAWAY), "{goodbye:?}");
    assert!(silent.closes().await.is_empty());
}

/// What a client of HTTP/2 says first (RFC 9113 §3.4), with empty settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
/// The length's last byte and the type of a goodbye without a word (RFC 9113 §6.8).
const GOAWAY: [u8; 2] = [8, 7];
