//! A server whose pushes go to a receiver of the test's, and what is said to it.

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey, VerificationAlgorithm};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use offhook_server::config::Config;
use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::server::raw::session_key;
use crate::server::{PATIENCE, Server};

/// A server that may send to `receiver` although it is on this machine.
pub async fn server_for(receiver: &Receiver, change: impl FnOnce(Config) -> Config) -> Server {
    let mut outbound = offhook_server::config::outbound::OutboundConfig::default();
    outbound.allowed_private_hosts = vec![receiver.host()];
    outbound.ca = Some(receiver.ca());
    let mut push = offhook_server::config::push::PushConfig::default();
    push.allowed_private_endpoints = vec![receiver.host()];
    Server::start_with(|config| {
        change(Config {
            outbound,
            push,
            ..config
        })
    })
    .await
}

/// Registers a token for a user, who signs in and opens no page.
pub async fn register(server: &Server, app_id: &str, user_id: &str, kind: &str, token: &str) -> (u16, Value) {
    let key = session_key(&server.address(), app_id, user_id).await;
    post(server, "push_tokens", &key, &json!({"type": kind, "token": token})).await
}

pub async fn post(server: &Server, path: &str, key: &str, body: &Value) -> (u16, Value) {
    let url = format!("http://{}/client/v1/{path}", server.address());
    let request = reqwest::Client::new().post(url).bearer_auth(key).json(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// Waits until a count that the server publishes is so high.
pub async fn counted(server: &Server, service: &str, outcome: &str, least: u64) {
    let url = format!("http://{}/metrics", server.admin());
    let line = format!("offhook_pushes_total{{service=\"{service}\",outcome=\"{outcome}\"}} ");
    let reached = async {
        loop {
            let metrics = reqwest::get(&url).await.unwrap().text().await.unwrap();
            let count = metrics.lines().find_map(|found| found.strip_prefix(&line));
            if count.is_some_and(|count| count.parse::<u64>().unwrap() >= least) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, reached).await;
    waited.unwrap_or_else(|_| panic!("{service} {outcome} is never {least}"));
}

/// The header and the claims of a token, whose signature must be right.
pub fn verified(token: &str, algorithm: &'static dyn VerificationAlgorithm, key: &[u8]) -> (Value, Value) {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let verified = UnparsedPublicKey::new(algorithm, key).verify(signed.as_bytes(), &decode(signature));
    verified.expect("the signature is right");
    let read = |part| serde_json::from_slice(&decode(part)).unwrap();
    (read(header), read(claims))
}

/// The same for a key of P-256.
pub fn verified_es256(token: &str, key: &[u8]) -> (Value, Value) {
    let (header, claims) = verified(token, &ECDSA_P256_SHA256_FIXED, key);
    assert_eq!(header["alg"], "ES256");
    (header, claims)
}

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key as a file holds it.
pub fn pem(pkcs8: &[u8]) -> String {
    let text = STANDARD.encode(pkcs8);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

pub fn seconds_now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()
}
