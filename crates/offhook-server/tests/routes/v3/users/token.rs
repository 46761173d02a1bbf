use std::time::Duration;

use offhook_proto::call::CallEndResult;
use serde_json::json;

use super::put::closed;
use crate::back_end::BackEnd;

const WEEK_MS: u64 = 604_800_000;

#[tokio::test]
async fn a_session_token_lasts_a_week_unless_asked_otherwise_and_signs_in() {
    let server = started().await;
    let before = millis();
    for body in [None, Some(json!({})), Some(json!({"expires_at": null}))] {
        let issued = server.ask("POST", "/v3/users/anna/token", body).await.ok();
        let expires_at = issued["expires_at"].as_u64().unwrap();
        assert!(is_about(expires_at, before + WEEK_MS), "{expires_at}");
        let token = issued["token"].as_str().unwrap();
        assert!(token.len() <= 168, "clients keep at most 168 characters");
        let (client, _events) = server.client();
        client.authenticate("anna", Some(token)).await.unwrap();
    }
    let asked = millis() + 60_000;
    let issued = server
        .ask("POST", "/v3/users/anna/token", Some(json!({"expires_at": asked})))
        .await
        .ok();
    assert_eq!(issued["expires_at"], asked);
}

#[tokio::test]
async fn an_expiry_that_makes_no_sense_is_refused() {
    let server = started().await;
    for (expires_at, code) in [
        (json!("tomorrow"), 400_101),
        (json!(-1), 400_106),
        (json!(1), 400_111),
        (json!(millis() - 1000), 400_111),
        (json!(u64::MAX), 400_111),
        (json!(1e300), 400_111),
    ] {
        let body = Some(json!({"expires_at": expires_at}));
        let refused = server.ask("POST", "/v3/users/anna/token", body).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{expires_at}");
    }
    // Nothing was issued, so none is needed.
    let (client, _events) = server.client();
    client.authenticate("anna", None).await.unwrap();
}

#[tokio::test]
async fn whoever_was_issued_a_token_needs_one_from_then_on() {
    let server = started().await;
    server.ask("POST", "/v3/users/anna/token", None).await.ok();
    let (client, _events) = server.client();
    assert_eq!(client.authenticate("anna", None).await.unwrap_err().code(), 400_302);
}

#[tokio::test]
async fn revoking_closes_the_sockets_of_every_session_token_and_of_nothing_else() {
    let server = started().await;
    let access = server
        .ask("PUT", "/v3/users/anna", Some(json!({"issue_access_token": true})))
        .await
        .ok();
    let issue = async || {
        server.ask("POST", "/v3/users/anna/token", None).await.ok()["token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (first, second) = (issue().await, issue().await);
    let (_one, mut of_first) = server.device("anna", Some(&first)).await;
    let (_two, mut of_second) = server.device("anna", Some(&second)).await;
    let (kept, mut of_access) = server.device("anna", access["access_token"].as_str()).await;

    assert_eq!(server.ask("DELETE", "/v3/users/anna/token", None).await.ok(), json!({}));
    assert_eq!(closed(&mut of_first).await, 400_309);
    assert_eq!(closed(&mut of_second).await, 400_309);
    for token in [&first, &second] {
        let (client, _events) = server.client();
        assert_eq!(
            client.authenticate("anna", Some(token)).await.unwrap_err().code(),
            400_309
        );
    }
    let (client, _events) = server.client();
    client.authenticate("anna", Some(&issue().await)).await.unwrap();

    // The positive twin: the device that came with the access token still rings.
    let (ben, _bens_events) = server.device("ben", None).await;
    ben.dial(offhook_client::DialParams::audio("anna")).await.unwrap();
    loop {
        match of_access.next().await.unwrap() {
            offhook_client::Event::Ringing(_) => break,
            offhook_client::Event::SessionClosed { .. } => panic!("its session did not come from a session token"),
            _ => {}
        }
    }
    drop(kept);
}

#[tokio::test]
async fn revoking_ends_the_calls_of_the_devices_that_came_from_a_session_token() {
    let server = started().await;
    let issued = server.ask("POST", "/v3/users/anna/token", None).await.ok();
    let (anna, _annas_events) = server.device("anna", issued["token"].as_str()).await;
    let (_ben, mut bens_events) = server.device("ben", None).await;
    let dialed = anna.dial(offhook_client::DialParams::audio("ben")).await.unwrap();
    let ringing = loop {
        if let offhook_client::Event::Ringing(call) = bens_events.next().await.unwrap() {
            break call;
        }
    };
    ringing.accept(true, false).await.unwrap();
    server.ask("DELETE", "/v3/users/anna/token", None).await.ok();
    let told = tokio::time::timeout(Duration::from_secs(5), ringing.ended()).await;
    let ended = told.expect("the doorbell was rung").unwrap();
    assert_eq!(
        (ended.call_id, ended.end_result),
        (dialed.snapshot().call_id, Some(CallEndResult::NotConnected))
    );
}

#[tokio::test]
async fn an_unknown_user_has_no_tokens() {
    let server = BackEnd::start().await;
    server
        .ask("POST", "/v3/users/nobody/token", Some(json!({})))
        .await
        .refused(400_201);
    server
        .ask("DELETE", "/v3/users/nobody/token", None)
        .await
        .refused(400_201);
}

async fn started() -> BackEnd {
    let server = BackEnd::start().await;
    let new = json!({"user_id": "anna", "nickname": "", "profile_url": ""});
    server.ask("POST", "/v3/users", Some(new)).await.ok();
    server
}

/// The server keeps its own time, and may have been busy for a while.
fn is_about(at: u64, expected: u64) -> bool {
    (expected - 60_000..expected + 60_000).contains(&at)
}

fn millis() -> u64 {
    u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}
