use serde_json::{Value, json};

use crate::back_end::{BackEnd, answer};

#[tokio::test]
async fn a_wrong_api_token_is_refused_in_the_dialect_of_each_surface() {
    let server = BackEnd::start().await;
    for token in [None, Some(""), Some("wrong")] {
        let ask = |path: &str| {
            let request = server.request("GET", path);
            answer(match token {
                Some(token) => request.header("Api-Token", token),
                None => request,
            })
        };
        ask("/v1/direct_calls").await.refused_v1(401, 401_121, "NOT_AUTHORIZED");
        let refused = ask("/v3/users").await;
        assert_eq!((refused.status, refused.code()), (401, 400_401));
    }
    server.ask("GET", "/v1/direct_calls", None).await.ok();
}

#[tokio::test]
async fn an_address_where_nothing_is_gets_an_error_with_a_type() {
    let server = BackEnd::start().await;
    for (method, path) in [
        ("GET", "/v1/nothing"),
        ("PATCH", "/v1/direct_calls"),
        ("POST", "/v1/direct_calls"),
        ("GET", "/v1/direct_calls/a/end"),
        ("GET", "/v1/users/anna"),
    ] {
        let refused = server.ask(method, path, None).await;
        refused.refused_v1(404, 400_200, "NOT_FOUND");
    }
}

#[tokio::test]
async fn one_applications_token_never_opens_anothers_calls_and_users() {
    let server = BackEnd::start().await;
    let other = server.application("other").await;
    let (alice, _alice_events) = server.device("alice", None).await;
    let (_bob, _bob_events) = server.device("bob", None).await;
    let call = alice.dial(offhook_client::DialParams::audio("bob")).await.unwrap();
    let path = |rest: &str| format!("/v1/direct_calls/{}{rest}", call.id());
    let session = server.ask("GET", "/v1/users/alice/sessions", None).await.ok();
    let session = session["sessions"][0]["session_id"].as_str().unwrap().to_owned();
    let token = json!({"type": "fcm_voip", "token": "a"});
    let items = json!({"custom_items": {"a": "b"}});
    for (method, path, body) in [
        ("GET", path(""), None),
        ("GET", path("/timeline"), None),
        ("POST", path("/end"), None),
        ("PUT", path("/custom_items"), Some(items)),
        ("DELETE", path("/custom_items"), None),
        ("GET", "/v1/users/alice/calls".to_owned(), None),
        ("GET", "/v1/users/alice/call_summary".to_owned(), None),
        ("GET", "/v1/users/alice/sessions".to_owned(), None),
        ("DELETE", format!("/v1/users/alice/sessions/{session}"), None),
        ("GET", "/v1/users/alice/push_tokens".to_owned(), None),
        ("POST", "/v1/users/alice/push_tokens".to_owned(), Some(token)),
        ("DELETE", "/v1/users/alice/push_tokens/fcm_voip".to_owned(), None),
        ("DELETE", "/v1/users/alice/push_tokens/fcm_voip/a".to_owned(), None),
    ] {
        let refused = server.ask_as(&other, method, &path, body).await;
        refused.refused_v1(400, 400_200, "NOT_FOUND");
    }
    for path in [
        "/v1/direct_calls",
        "/v1/direct_calls?state=live",
        "/v1/direct_calls?user_id=alice",
    ] {
        let listed = server.ask_as(&other, "GET", path, None).await.ok();
        assert_eq!(listed["calls"], json!([]), "{path}");
        assert_eq!(
            server.ask("GET", path, None).await.ok()["calls"]
                .as_array()
                .map(Vec::len),
            Some(1),
            "{path}"
        );
    }
    assert_eq!(
        server.ask_as(&other, "GET", "/v1/users", None).await.ok()["users"],
        json!([])
    );
    let kept = server.ask("GET", &path(""), None).await.ok();
    assert_eq!(
        (&kept["state"], &kept["custom_items"]),
        (&Value::from("ringing"), &json!({}))
    );
}
