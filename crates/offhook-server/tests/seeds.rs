//! Every seed of the fuzz targets, said to a server: it answers each by a documented code or carries it out, and serves on.

use std::fs;
use std::path::Path;

use offhook_proto::error::ErrorCode;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::server::Server;
use crate::server::raw::{request, uuid};

#[tokio::test]
async fn a_server_outlives_every_seed_on_the_socket() {
    let server = Server::start().await;
    let key = server.session_key("alice").await;
    for (index, (name, bytes)) in seeds("client_message").into_iter().enumerate() {
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        let device = u8::try_from(index).unwrap();
        let mut page = server.raw().await;
        assert_eq!(page.hello(&key, device, device, &[]).await["type"], "welcome", "{name}");
        page.send(Message::text(text.clone())).await.unwrap();
        // Whatever became of it, the next request is answered.
        page.say(&json!({"type": "read", "id": 4_000_000, "call_id": uuid(1)}))
            .await;
        loop {
            let answer = page.hear().await;
            if answer["type"] == "refused" {
                assert!(is_documented(answer["code"].as_u64()), "{name}: {answer}");
            }
            if answer["id"] == 4_000_000 {
                break;
            }
        }
        // And as a first message it opens nothing but what a hello opens.
        let mut page = server.raw().await;
        page.send(Message::text(text)).await.unwrap();
        assert_eq!(page.hear().await["type"], "refused", "{name}");
        page.cut();
    }
    server.stop().await;
}

#[tokio::test]
async fn a_server_outlives_every_seed_as_the_body_of_every_request() {
    let server = Server::start().await;
    let address = server.address();
    let token = [("Api-Token", server.api_token.as_str())];
    let lines = [
        "POST /client/v1/authenticate",
        "POST /v3/users",
        "PUT /v3/users/bob",
        "POST /v3/users/bob/token",
        "POST /v3/users/bob/metadata",
        "PUT /v3/users/bob/metadata",
        "PUT /v3/users/bob/metadata/key",
    ];
    let mut carried_out = 0;
    for (name, body) in seeds("rest_body") {
        for line in lines {
            let (status, answer) = request(&address, line, &token, &body).await;
            if status == 200 {
                carried_out += 1;
                continue;
            }
            assert!((400..500).contains(&status), "{line} with {name}: {status} {answer}");
            assert!(is_documented(answer["code"].as_u64()), "{line} with {name}: {answer}");
            assert_eq!(answer["error"], true, "{line} with {name}: {answer}");
        }
    }
    assert!(carried_out > 0, "some of them are right");
    server.session_key("alice").await;
    server.stop().await;
}

fn is_documented(code: Option<u64>) -> bool {
    ErrorCode::ALL.iter().any(|known| Some(u64::from(known.code)) == code)
}

fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/seeds")
        .join(target);
    let mut seeds: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .collect();
    seeds.sort();
    assert!(seeds.len() > 10, "the seeds are there");
    seeds
}
