use offhook_client::DialParams;
use serde_json::{Value, json};

use crate::back_end::BackEnd;
use crate::routes::v1::direct_calls::rung;
use crate::routes::v3::closed;

#[tokio::test]
async fn sessions_tell_what_they_rest_on_and_whether_a_device_is_there() {
    let server = BackEnd::start().await;
    let sign_in = json!({"app_id": server.application.id, "user_id": "a/b ü"});
    server.sign_in(sign_in).await.ok();
    let path = "/v1/users/a%2Fb%20%C3%BC/sessions";
    let listed = server.ask("GET", path, None).await.ok();
    let session = &listed["sessions"][0];
    assert_eq!(
        (&session["credential"], &session["is_connected"]),
        (&json!("none"), &json!(false))
    );
    assert_eq!(session.get("connected_at"), None);
    assert!(session["expires_at"].as_u64() > session["created_at"].as_u64());

    // Who has a token needs one: the session without is over, and is not listed.
    let issued = server.ask("POST", "/v3/users/a%2Fb%20%C3%BC/token", None).await.ok();
    assert_eq!(server.ask("GET", path, None).await.ok()["sessions"], json!([]));
    let (_device, _events) = server.device("a/b ü", issued["token"].as_str()).await;
    let listed = server.ask("GET", path, None).await.ok();
    let session = &listed["sessions"][0];
    assert_eq!(
        (&session["credential"], &session["is_connected"]),
        (&json!("session_token"), &json!(true))
    );
    assert!(session["connected_at"].as_u64() >= session["created_at"].as_u64());
    let nobody = server.ask("GET", "/v1/users/nobody/sessions", None).await;
    nobody.refused_v1(400, 400_200, "NOT_FOUND");
}

#[tokio::test]
async fn one_session_is_revoked_its_socket_closes_its_call_ends_and_others_stay() {
    let server = BackEnd::start().await;
    let (alice, mut alice_events) = server.device("alice", None).await;
    let sessions = async |user: &str| {
        let listed = server
            .ask("GET", &format!("/v1/users/{user}/sessions"), None)
            .await
            .ok();
        let listed = listed["sessions"].as_array().unwrap().clone();
        listed
            .into_iter()
            .map(|session| session["session_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let first = sessions("alice").await.remove(0);
    let (tablet, _tablet_events) = server.device("alice", None).await;
    let (_bob, mut bob_events) = server.device("bob", None).await;
    alice.dial(DialParams::audio("bob")).await.unwrap();
    let ring = rung(&mut bob_events).await;

    for wrong in ["x".to_owned(), sessions("bob").await.remove(0)] {
        let refused = server
            .ask("DELETE", &format!("/v1/users/alice/sessions/{wrong}"), None)
            .await;
        refused.refused_v1(400, 400_200, "NOT_FOUND");
    }
    let path = format!("/v1/users/alice/sessions/{first}");
    assert_eq!(server.ask("DELETE", &path, None).await.ok(), json!({}));
    assert_eq!(closed(&mut alice_events).await, 400_303);
    ring.ended().await.unwrap();
    server
        .ask("DELETE", &path, None)
        .await
        .refused_v1(400, 400_200, "NOT_FOUND");
    let left = sessions("alice").await;
    assert_eq!(left.len(), 1);
    assert!(!left.contains(&first));
    assert_eq!(sessions("bob").await.len(), 1);
    let call = tablet.dial(DialParams::audio("bob")).await.unwrap();
    let shown = server
        .ask("GET", &format!("/v1/direct_calls/{}", call.id()), None)
        .await
        .ok();
    assert_eq!(shown["state"], Value::from("ringing"), "the other device calls on");
}
