use std::time::Duration;

use offhook_server::config::Config;
use offhook_server::config::relay::RelayConfig;
use offhook_server::doctor::key;
use serde_json::{Value, json};

use crate::server::Server;

#[tokio::test]
async fn everybody_is_told_of_the_relay_and_nobody_without_a_key_gets_a_credential() {
    let server = Server::start().await;
    let told: Value = reqwest::get(url(&server)).await.unwrap().json().await.unwrap();
    let relay = server.node().relay().unwrap().addresses()[0];
    assert_eq!(
        told,
        json!({"has_relay": true, "ice_servers": [{"urls": [format!("stun:{relay}")]}]})
    );
    assert_eq!(post(&server, json!({})).await, (400, 400_105));
    server.stop().await;
}

#[tokio::test]
async fn a_key_opens_every_transport_for_a_short_time() {
    let server = Server::start().await;
    let opened = open(&server).await;
    let relay = server.node().relay().unwrap().addresses()[0];
    let servers = opened["ice_servers"].as_array().unwrap();
    let urls: Vec<&Value> = servers.iter().map(|server| &server["urls"]).collect();
    let expected = ["udp", "tcp"].map(|transport| json!([format!("turn:{relay}?transport={transport}")]));
    assert_eq!(urls, expected.iter().collect::<Vec<_>>());
    let expires_in_ms = opened["expires_in_ms"].as_u64().unwrap();
    let username = servers[0]["username"].as_str().unwrap();
    let (expiry, ticket) = username.split_once(':').unwrap();
    assert!(ticket.starts_with("doctor.") && ticket.len() > 20, "{ticket}");
    let now = server.node().clock().now().as_millis() / 1000;
    assert!(expiry.parse::<u64>().unwrap() <= now + expires_in_ms / 1000 && expires_in_ms <= 600_000);
    server.stop().await;
}

#[tokio::test]
async fn keys_that_are_wrong_old_or_another_servers_open_nothing() {
    let (server, other) = (Server::start().await, Server::start().await);
    let now = server.node().clock().now();
    let good = key_of(&server);
    let before = offhook_core::time::Timestamp::from_millis(now.as_millis() - 3_600_000);
    let expired = key::make(server.node().key(), before);
    for (key, expected) in [
        (json!(good), (200, 0)),
        (json!(expired), (400, 400_309)),
        (json!(key_of(&other)), (400, 400_303)),
        (json!(good.replace(&good[20..24], "AAAA")), (400, 400_303)),
        (json!(""), (400, 400_303)),
        (json!("x".repeat(900)), (400, 400_303)),
        (json!(5), (400, 400_100)),
        (json!(null), (400, 400_105)),
    ] {
        assert_eq!(post(&server, json!({ "key": key })).await, expected, "{key}");
    }
    assert_eq!(post(&server, json!({"key": "x".repeat(2000)})).await, (400, 400_110));
    assert_eq!(post(&server, json!([])).await, (400, 400_403));
    server.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_right_key_still_opens() {
    let server = Server::start().await;
    assert_eq!(post(&server, json!({"key": "wrong"})).await.0, 400);
    // One a second comes free again, so how many it takes depends on the machine; that it comes to an end does not.
    let mut is_slowed_down = false;
    for _ in 0..600 {
        is_slowed_down = post(&server, json!({"key": "wrong"})).await.0 == 429;
        if is_slowed_down {
            break;
        }
    }
    assert!(is_slowed_down);
    assert_eq!(post(&server, json!({ "key": key_of(&server) })).await.0, 200);
    server.stop().await;
}

#[tokio::test]
async fn without_a_relay_it_says_so_and_with_others_those_are_tested() {
    let none = RelayConfig {
        listen: Vec::new(),
        ..RelayConfig::default()
    };
    let server = Server::start_with(|config| Config { relay: none, ..config }).await;
    let told: Value = reqwest::get(url(&server)).await.unwrap().json().await.unwrap();
    assert_eq!(told, json!({"has_relay": false, "ice_servers": []}));
    server.stop().await;

    let elsewhere = RelayConfig {
        listen: Vec::new(),
        secret: Some("the secret of all relays".into()),
        urls: [
            "turns:relay.example.org:443?transport=tcp",
            "turn:relay.example.org:80?transport=tcp",
            "turn:relay.example.org:3478",
        ]
        .map(str::to_owned)
        .to_vec(),
        ..RelayConfig::default()
    };
    let urls = elsewhere.urls.clone();
    let server = Server::start_with(|config| Config {
        relay: elsewhere,
        ..config
    })
    .await;
    let told: Value = reqwest::get(url(&server)).await.unwrap().json().await.unwrap();
    assert_eq!(
        told,
        json!({"has_relay": true, "ice_servers": [{"urls": ["stun:relay.example.org:3478"]}]})
    );
    let opened = open(&server).await;
    let servers = opened["ice_servers"].as_array().unwrap();
    let tested: Vec<&Value> = servers.iter().map(|server| &server["urls"][0]).collect();
    assert_eq!(tested, urls.iter().collect::<Vec<_>>());
    assert!(
        servers.iter().all(|server| server["credential"].is_string()),
        "{opened}"
    );
    server.stop().await;
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own() {
    let server = Server::start().await;
    let page = reqwest::get(format!("http://{}/doctor", server.address()))
        .await
        .unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    server.stop().await;
}

/// What the right key opens.
async fn open(server: &Server) -> Value {
    let body = json!({ "key": key_of(server) });
    let request = reqwest::Client::new().post(url(server)).json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

fn key_of(server: &Server) -> String {
    assert!(key::LIFETIME <= Duration::from_secs(900));
    key::make(server.node().key(), server.node().clock().now())
}

fn url(server: &Server) -> String {
    format!("http://{}/client/v1/doctor", server.address())
}

/// Status and code; no code where it was answered.
async fn post(server: &Server, body: Value) -> (u16, u64) {
    let response = reqwest::Client::new()
        .post(url(server))
        .json(&body)
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["code"].as_u64().unwrap_or(0))
}
