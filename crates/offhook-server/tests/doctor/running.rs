//! Beside a server that runs.

use std::fs;
use std::net::TcpListener;

use offhook_server::config::Config;
use serde_json::Value;

use super::doctor;
use crate::issuer::Issuer;
use crate::server::Server;
use crate::tls::files;

#[tokio::test]
async fn a_healthy_server_answers_everywhere_and_relays() {
    let server = Server::start().await;
    let found = doctor(&server.node().config().data_dir, &[]).await;
    assert_eq!((found.failed(), found.code), (Vec::new(), Some(0)), "{}", found.words);
    let process = format!("process {}", std::process::id());
    assert!(found.report["server"].as_str().unwrap().contains(&process));
    found.expect(&format!("http TCP {}", server.address()), "ok", "takes this key");
    found.expect("metrics TCP", "ok", "answers");
    for transport in ["UDP", "TCP"] {
        found.expect(&format!("relay {transport}"), "ok", "our own address");
        found.expect(&format!("relaying {transport}"), "ok", "came back");
    }
    found.expect("store", "ok", "whole");
    server.stop().await;
}

#[tokio::test]
async fn the_link_to_the_page_opens_the_relay() {
    let server = Server::start().await;
    let found = doctor(&server.node().config().data_dir, &[]).await;
    let page = found.report["page"].as_str().unwrap();
    let (address, key) = page.split_once("/doctor#key=").unwrap();
    assert_eq!(address, format!("http://{}", server.address()));
    let body = serde_json::json!({ "key": key });
    let request = reqwest::Client::new()
        .post(format!("{address}/client/v1/doctor"))
        .json(&body);
    let opened: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(opened["ice_servers"].as_array().unwrap().len(), 2, "{opened}");
    server.stop().await;
}

#[tokio::test]
async fn a_server_key_that_was_replaced_is_noticed() {
    let server = Server::start().await;
    let config = server.node().config().clone();
    fs::write(config.key_path(), [7; 32]).unwrap();
    let found = doctor(&config.data_dir, &[]).await;
    found.expect("http TCP", "failed", "server.key");
    found.expect("relaying", "failed", "no credential");
    assert_eq!(found.code, Some(1));
    assert!(found.report["page"].is_null());
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_listens_elsewhere_than_configured_by_now_wants_a_restart() {
    let server = Server::start().await;
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let found = doctor(&server.node().config().data_dir, &[("OFFHOOK_LISTEN", &free)]).await;
    found.expect("http TCP", "warning", "Restart");
    assert_eq!(found.code, Some(0), "a warning is no failure");
    server.stop().await;
}

#[tokio::test]
async fn https_and_turn_over_tls_are_tried_and_the_certificate_is_the_one_in_the_file() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let tls = files(&issuer, &folder);
    let (certificate, key) = (tls.certificate.clone().unwrap(), tls.key.clone().unwrap());
    let server = Server::start_with(|rest| Config { tls, ..rest }).await;
    let settings = [
        ("OFFHOOK_TLS__LISTEN", "127.0.0.1:0"),
        ("OFFHOOK_TLS__CERTIFICATE", certificate.to_str().unwrap()),
        ("OFFHOOK_TLS__KEY", key.to_str().unwrap()),
    ];
    let data_dir = server.node().config().data_dir.clone();
    let found = doctor(&data_dir, &settings).await;
    found.expect("https TLS", "ok", "answers");
    found.expect("relaying TLS", "ok", "came back");
    found.expect("certificate served", "ok", "the one in the file");

    fs::write(&key, "no key").unwrap();
    let found = doctor(&data_dir, &settings).await;
    assert_eq!(found.failed(), ["certificate"]);
    let broken = found.report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["check"] == "certificate");
    assert!(broken.unwrap().to_string().contains("key.pem"), "{broken:?}");
    server.stop().await;
}
