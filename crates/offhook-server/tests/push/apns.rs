use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::http::Version;
use offhook_server::config::push::ApnsConfig;
use serde_json::{Value, json};

use super::stand::{counted, pem, register, seconds_now, verified_es256};
use crate::receiver::{Receiver, Reply};
use crate::server::Server;

const DEVICE: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

#[tokio::test]
async fn an_iphone_is_rung_by_a_voip_push_over_http_2() {
    let mut apple = Receiver::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (key, apns) = configured(folder.path(), &apple);
    let server = Server::start_beside(&[&apple], |mut config| {
        config.push.apns = apns;
        config
    })
    .await;
    // Digits are written in either case; the device is the same.
    register(&server, &server.app_id, "bob", "apns_voip", &DEVICE.to_uppercase()).await;
    let alice = server.phone("alice").await;
    let call = alice.dial("bob").await;

    let ring = apple.next().await;
    assert_eq!(ring.version, Version::HTTP_2);
    assert_eq!(ring.path, format!("/3/device/{DEVICE}"));
    assert_eq!(ring.headers["apns-push-type"], "voip");
    assert_eq!(ring.headers["apns-topic"], "com.example.app.voip");
    assert_eq!(ring.headers["apns-priority"], "10");
    assert_eq!(ring.headers["apns-collapse-id"], call.id().to_string().as_str());
    let expires: u64 = ring.headers["apns-expiration"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&(expires - seconds_now())), "with the ring");
    let bearer = ring.headers["authorization"].to_str().unwrap();
    let (header, claims) = verified_es256(bearer.strip_prefix("bearer ").unwrap(), key.public_key().as_ref());
    assert_eq!(
        (&header["kid"], &claims["iss"]),
        (&json!("ABC123DEFG"), &json!("DEF123GHIJ"))
    );
    assert!(claims["iat"].as_u64().unwrap().abs_diff(seconds_now()) < 3600);
    let body: Value = serde_json::from_slice(&ring.body).unwrap();
    assert_eq!(body["aps"], json!({}));
    let told: Value = serde_json::from_str(body["data"]["offhook"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&told["type"], &told["call"]["call_id"]),
        (&json!("ring"), &json!(call.id().to_string()))
    );

    call.end().await.unwrap();
    let missed = apple.next().await;
    assert_eq!(
        missed.headers["authorization"], bearer,
        "a provider token is not made anew for each push"
    );
    assert_eq!(missed.headers["apns-collapse-id"], ring.headers["apns-collapse-id"]);
    let body: Value = serde_json::from_slice(&missed.body).unwrap();
    assert!(body["data"]["offhook"].as_str().unwrap().contains(r#""type":"missed""#));
    server.stop().await;
}

#[tokio::test]
async fn a_provider_token_that_is_too_old_is_made_anew_and_a_bad_device_token_is_forgotten() {
    let reply = |status, reason: &str| {
        let body = json!({"reason": reason}).to_string();
        Reply::Full(status, ("content-type", "application/json"), body)
    };
    let mut apple = Receiver::answering(move |count, received| match count {
        _ if received.version != Version::HTTP_2 => reply(505, "BadPath"),
        0 => reply(403, "ExpiredProviderToken"),
        _ => reply(400, "BadDeviceToken"),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let (_, apns) = configured(folder.path(), &apple);
    let server = Server::start_beside(&[&apple], |mut config| {
        config.push.apns = apns;
        config
    })
    .await;
    register(&server, &server.app_id, "bob", "apns_voip", DEVICE).await;
    let alice = server.phone("alice").await;
    alice.dial("bob").await;
    counted(&server, "apns", "later", 1).await;
    counted(&server, "apns", "dead", 1).await;
    let (first, second) = (apple.next().await, apple.next().await);
    assert_ne!(first.headers["authorization"], second.headers["authorization"]);
    alice.dial("bob").await;
    register(&server, &server.app_id, "bob", "apns_voip", &DEVICE.replace('0', "1")).await;
    alice.dial("bob").await;
    assert_eq!(
        apple.next().await.path,
        format!("/3/device/{}", DEVICE.replace('0', "1"))
    );
    server.stop().await;
}

fn configured(folder: &Path, apple: &Receiver) -> (EcdsaKeyPair, ApnsConfig) {
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
    let path = folder.join("AuthKey_ABC123DEFG.p8");
    std::fs::write(&path, pem(pkcs8.as_ref())).unwrap();
    let config = ApnsConfig {
        key: Some(path),
        key_id: Some("ABC123DEFG".to_owned()),
        team_id: Some("DEF123GHIJ".to_owned()),
        bundle_id: Some("com.example.app".to_owned()),
        is_sandbox: false,
        url: Some(apple.url("")),
    };
    (EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref()).unwrap(), config)
}
