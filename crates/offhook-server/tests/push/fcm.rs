use std::path::Path;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair};
use axum::http::Version;
use serde_json::{Value, json};

use super::stand::{counted, pem, register, seconds_now, verified};
use crate::receiver::{Received, Receiver, Reply};
use crate::server::Server;

const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";

#[tokio::test]
async fn android_is_rung_over_http_2_as_a_service_account_by_one_access_token() {
    let mut google = Receiver::answering(|_, received| google(received, 200, "{}")).await;
    let folder = tempfile::tempdir().unwrap();
    let account = Account::write(folder.path(), &google);
    let server = Server::start_beside(&[&google], |mut config| {
        config.push.fcm.service_account = Some(account.path.clone());
        config.push.fcm.url = google.url("");
        config
    })
    .await;
    register(&server, &server.app_id, "bob", "fcm_voip", "device:token").await;
    let alice = server.phone("alice").await;
    let call = alice.dial("bob").await;

    let asked = google.next().await;
    assert_eq!(asked.path, "/token");
    assert_eq!(asked.headers["content-type"], "application/x-www-form-urlencoded");
    let form = str::from_utf8(&asked.body).unwrap();
    let claim = form
        .strip_prefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=")
        .unwrap();
    let (header, claims) = verified(claim, &RSA_PKCS1_2048_8192_SHA256, account.key.public_key().as_ref());
    assert_eq!((&header["alg"], &header["kid"]), (&json!("RS256"), &json!("a key")));
    assert_eq!(
        (&claims["iss"], &claims["scope"]),
        (&json!("offhook@example.iam"), &json!(SCOPE))
    );
    assert_eq!(claims["aud"], google.url("/token"));
    let (made, ends) = (claims["iat"].as_u64().unwrap(), claims["exp"].as_u64().unwrap());
    assert!(made.abs_diff(seconds_now()) < 60 && ends - made <= 3600);

    let ring = google.next().await;
    let message = sent(&ring);
    assert_eq!(message["token"], "device:token");
    assert_eq!(message["android"]["priority"], "HIGH");
    assert_eq!(message["android"]["collapse_key"], call.id().to_string());
    let ttl = message["android"]["ttl"].as_str().unwrap().strip_suffix('s').unwrap();
    assert!((1..=60).contains(&ttl.parse::<u32>().unwrap()));
    let told: Value = serde_json::from_str(message["data"]["offhook"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&told["type"], &told["call"]["caller_id"]),
        (&json!("ring"), &json!("alice"))
    );

    call.end().await.unwrap();
    let missed = sent(&google.next().await);
    let told: Value = serde_json::from_str(missed["data"]["offhook"].as_str().unwrap()).unwrap();
    assert_eq!(told["type"], "missed", "with the same access token");
    server.stop().await;
}

#[tokio::test]
async fn a_token_that_firebase_does_not_register_is_forgotten_but_not_for_a_wrong_project() {
    let unregistered = r#"{"error": {"code": 404, "details": [{"errorCode": "UNREGISTERED"}]}}"#;
    for (body, outcome) in [(unregistered, "dead"), (r#"{"error": {"code": 404}}"#, "refused")] {
        let google = Receiver::answering(move |_, received| google(received, 404, body)).await;
        let folder = tempfile::tempdir().unwrap();
        let account = Account::write(folder.path(), &google);
        let server = Server::start_beside(&[&google], |mut config| {
            config.push.fcm.service_account = Some(account.path.clone());
            config.push.fcm.url = google.url("");
            config
        })
        .await;
        register(&server, &server.app_id, "bob", "fcm_voip", "device").await;
        server.phone("alice").await.dial("bob").await;
        counted(&server, "fcm", outcome, 1).await;
        let bob = server.node().store().user(server.app(), "bob").await.unwrap().unwrap();
        // The count is raised before the outcome is noted.
        let forgotten = async {
            while !server.node().store().push_tokens(bob.key).await.unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        let is_forgotten = tokio::time::timeout(std::time::Duration::from_secs(2), forgotten)
            .await
            .is_ok();
        assert_eq!(is_forgotten, outcome == "dead");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_server_whose_service_account_cannot_be_used_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    std::fs::write(&path, "{}").unwrap();
    let mut config = offhook_server::config::Config::ephemeral(&folder.path().join("data"));
    config.push.fcm.service_account = Some(path);
    let refused = offhook_server::node::Node::serve(config, false).await.err().unwrap();
    let cause = std::error::Error::source(&refused).unwrap().to_string();
    assert!(
        cause.starts_with("push.fcm.service_account names ") && cause.ends_with("the JSON file of a service account"),
        "{cause}"
    );
}

/// Grants tokens, and answers messages that carry one.
fn google(received: &Received, status: u16, body: &str) -> Reply {
    if received.path == "/token" {
        let granted = json!({"access_token": "granted", "expires_in": 3599, "token_type": "Bearer"});
        return Reply::Full(200, ("content-type", "application/json"), granted.to_string());
    }
    let is_granted = received
        .headers
        .get("authorization")
        .is_some_and(|value| value == "Bearer granted");
    if received.path != "/v1/projects/a-project/messages:send" || !is_granted {
        return Reply::Status(400);
    }
    Reply::Full(status, ("content-type", "application/json"), body.to_owned())
}

fn sent(received: &Received) -> Value {
    assert_eq!(received.version, Version::HTTP_2);
    assert_eq!(received.path, "/v1/projects/a-project/messages:send");
    assert_eq!(received.headers["authorization"], "Bearer granted");
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    body["message"].clone()
}

struct Account {
    key: RsaKeyPair,
    path: std::path::PathBuf,
}

impl Account {
    fn write(folder: &Path, google: &Receiver) -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let pkcs8: Pkcs8V1Der<'_> = key.as_der().unwrap();
        let account = json!({
            "type": "service_account", "project_id": "a-project", "private_key_id": "a key",
            "private_key": pem(pkcs8.as_ref()), "client_email": "offhook@example.iam", "token_uri": google.url("/token"),
        });
        let path = folder.join("account.json");
        std::fs::write(&path, account.to_string()).unwrap();
        Self { key, path }
    }
}
