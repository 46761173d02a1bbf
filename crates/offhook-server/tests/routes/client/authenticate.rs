use offhook_core::application::AccessTokenPermission;
use serde_json::json;

use crate::back_end::{BackEnd, answer};

#[tokio::test]
async fn every_way_to_sign_in_and_every_refusal_has_its_answer() {
    let server = BackEnd::start().await;
    let app = &server.application.id;
    let with_token = json!({"user_id": "alice", "nickname": "Alice", "profile_url": "", "issue_access_token": true});
    let token = server.ask("POST", "/v3/users", Some(with_token)).await.ok()["access_token"].clone();
    let without = json!({"user_id": "bob", "nickname": "", "profile_url": ""});
    server.ask("POST", "/v3/users", Some(without)).await.ok();

    use AccessTokenPermission::{Deny, ReadOnly, ReadWrite};
    for (permission, user, token, code) in [
        (Deny, "alice", json!(token), 0),
        (Deny, "alice", json!(null), 400_302),
        (Deny, "alice", json!(""), 400_302),
        (Deny, "alice", json!("wrong"), 400_302),
        (Deny, "bob", json!(null), 400_302),
        (Deny, "bob", json!(token), 400_302),
        (Deny, "carol", json!(null), 400_301),
        (ReadOnly, "bob", json!(null), 0),
        (ReadOnly, "carol", json!(null), 400_301),
        (ReadWrite, "bob", json!(""), 0),
        (ReadWrite, "carol", json!(null), 0),
        (ReadWrite, "alice", json!(null), 400_302),
        (ReadWrite, "dave", json!("wrong"), 400_302),
    ] {
        server.set(permission, &[]).await;
        let tried = server
            .sign_in(json!({"app_id": app, "user_id": user, "access_token": token, "more": 1}))
            .await;
        if code == 0 {
            let body = tried.ok();
            assert_eq!(body["user"]["user_id"], user);
            assert_eq!(body["session_key"].as_str().unwrap().len(), 64);
        } else {
            assert_eq!((tried.status, tried.code()), (400, code), "{permission:?} {user}");
        }
    }
}

#[tokio::test]
async fn what_is_no_sign_in_is_refused_by_kind() {
    let server = BackEnd::start().await;
    let app = &server.application.id;
    for (body, code) in [
        (json!({"app_id": "nobody's", "user_id": "a"}), 400_304),
        (json!({"app_id": app, "user_id": ""}), 400_111),
        (json!({"app_id": app, "user_id": "x".repeat(81)}), 400_305),
        (json!({"app_id": app, "user_id": "a\u{0}b"}), 400_151),
        (json!({"app_id": app}), 400_105),
        (json!({"user_id": "a"}), 400_105),
        (json!({"app_id": app, "user_id": null}), 400_105),
        (json!({"app_id": app, "user_id": 5}), 400_100),
        (json!({"app_id": app, "user_id": "a", "access_token": ["x"]}), 400_100),
        (json!([]), 400_403),
        (json!("text"), 400_403),
        (
            json!({"app_id": app, "user_id": "a", "access_token": "x".repeat(9000)}),
            400_110,
        ),
    ] {
        server.sign_in(body.clone()).await.refused(code);
    }
    let with_body = |body: String| server.request("POST", "/client/v1/authenticate").body(body);
    answer(with_body("{".to_owned())).await.refused(400_403);
    // Longer than any body may be.
    answer(with_body("x".repeat(256 * 1024 + 1))).await.refused(400_110);
}

#[tokio::test]
async fn a_deactivated_user_is_told_so_only_with_the_right_token() {
    let server = BackEnd::start().await;
    let user = json!({"user_id": "alice", "nickname": "", "profile_url": "", "issue_access_token": true});
    let token = server.ask("POST", "/v3/users", Some(user)).await.ok()["access_token"].clone();
    server
        .ask("PUT", "/v3/users/alice", Some(json!({"is_active": false})))
        .await
        .ok();
    let attempt = |token| json!({"app_id": server.application.id, "user_id": "alice", "access_token": token});
    server.sign_in(attempt(token)).await.refused(400_300);
    server.sign_in(attempt(json!("wrong"))).await.refused(400_302);
}

#[tokio::test]
async fn guessing_is_slowed_and_the_right_token_still_passes() {
    let server = BackEnd::start().await;
    let user = json!({"user_id": "alice", "nickname": "", "profile_url": "", "issue_access_token": true});
    let token = server.ask("POST", "/v3/users", Some(user)).await.ok()["access_token"].clone();
    let attempt = |token| json!({"app_id": server.application.id, "user_id": "alice", "access_token": token});
    for _ in 0..10 {
        server.sign_in(attempt(json!("wrong"))).await.refused(400_302);
    }
    let request = server
        .request("POST", "/client/v1/authenticate")
        .json(&attempt(json!("wrong")));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 429);
    assert!(
        response.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u32>()
            .unwrap()
            > 0
    );
    server.sign_in(attempt(token)).await.ok();
}

#[tokio::test]
async fn only_pages_of_an_allowed_origin_sign_in_and_programs_do_too() {
    let server = BackEnd::start().await;
    server
        .set(AccessTokenPermission::ReadWrite, &["https://example.org"])
        .await;
    let body = json!({"app_id": server.application.id, "user_id": "alice"});
    let from = |origin: &str| {
        server
            .request("POST", "/client/v1/authenticate")
            .header("origin", origin)
            .json(&body)
    };
    answer(from("https://example.org")).await.ok();
    answer(from("https://example.org.evil.test")).await.refused(400_307);
    answer(from("null")).await.refused(400_307);
    // The server's own pages need not be listed, and no other port of the same host is one.
    answer(from(&server.url())).await.ok();
    answer(from("http://127.0.0.1:1")).await.refused(400_307);
    server.sign_in(body.clone()).await.ok();
}

#[tokio::test]
async fn a_preflight_is_answered_for_any_origin_without_cookies() {
    let server = BackEnd::start().await;
    let preflight = server
        .request("OPTIONS", "/client/v1/authenticate")
        .header("origin", "https://example.org")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,authorization");
    let response = preflight.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    assert!(!response.headers().contains_key("access-control-allow-credentials"));
}
