use serde_json::{Value, json};

use crate::back_end::{BackEnd, answer};

#[tokio::test]
async fn a_user_is_made_and_shown_field_by_field() {
    let server = BackEnd::start().await;
    let before = seconds();
    let made = server
        .ask(
            "POST",
            "/v3/users",
            Some(json!({
                "user_id": "anna", "nickname": "Anna", "profile_url": "https://example.com/a.png",
                "discovery_keys": ["k"], "metadata": {"city": "Zürich"}, "somebody_elses_field": {"is": ["ignored"]},
            })),
        )
        .await
        .ok();
    let created_at = made["created_at"].as_u64().unwrap();
    assert!((before - 60..before + 60).contains(&created_at), "{created_at}");
    assert_eq!(
        made,
        json!({
            "user_id": "anna", "nickname": "Anna", "profile_url": "https://example.com/a.png", "access_token": "",
            "has_ever_logged_in": false, "is_active": true, "is_online": false, "last_seen_at": -1,
            "created_at": created_at, "discovery_keys": ["k"], "preferred_languages": [],
            "metadata": {"city": "Zürich"}, "is_hide_me_from_friends": false, "is_shadow_blocked": false,
            "require_auth_for_profile_image": false, "locale": "", "unread_channel_count": 0,
            "unread_message_count": 0, "is_created": true, "phone_number": "",
        })
    );
}

#[tokio::test]
async fn empty_and_null_names_are_accepted_but_must_be_there() {
    let server = BackEnd::start().await;
    for (user_id, nickname, profile_url) in [("a", json!(""), json!("")), ("b", Value::Null, Value::Null)] {
        let new = json!({"user_id": user_id, "nickname": nickname, "profile_url": profile_url});
        let made = server.ask("POST", "/v3/users", Some(new)).await.ok();
        assert_eq!((&made["nickname"], &made["profile_url"]), (&json!(""), &json!("")));
    }
    for missing in ["user_id", "nickname", "profile_url"] {
        let mut new = json!({"user_id": "c", "nickname": "", "profile_url": ""});
        new.as_object_mut().unwrap().remove(missing);
        let refused = server.ask("POST", "/v3/users", Some(new)).await;
        refused.refused(400_105);
        assert!(refused.body["message"].as_str().unwrap().contains(missing));
    }
    server.ask("POST", "/v3/users", None).await.refused(400_105);
}

#[tokio::test]
async fn a_taken_id_is_refused_and_the_user_stays() {
    let server = BackEnd::start().await;
    let new = |nickname| Some(json!({"user_id": "anna", "nickname": nickname, "profile_url": ""}));
    server.ask("POST", "/v3/users", new("first")).await.ok();
    server.ask("POST", "/v3/users", new("second")).await.refused(400_202);
    assert_eq!(
        server.ask("GET", "/v3/users/anna", None).await.ok()["nickname"],
        "first"
    );
}

#[tokio::test]
async fn each_wrong_type_and_value_has_its_code_and_makes_nobody() {
    let server = BackEnd::start().await;
    let long = "é".repeat(81);
    for (field, value, code) in [
        ("user_id", json!(7), 400_100),
        ("user_id", json!({}), 400_100),
        ("user_id", json!(""), 400_111),
        ("user_id", json!(long), 400_305),
        ("user_id", json!("a\u{0}b"), 400_151),
        ("nickname", json!(["x"]), 400_100),
        ("nickname", json!(long), 400_110),
        ("nickname", json!("\u{0}"), 400_151),
        ("profile_url", json!(true), 400_100),
        ("profile_url", json!("u".repeat(2049)), 400_110),
        ("session_token_expires_at", json!("soon"), 400_101),
        ("session_token_expires_at", json!(-1), 400_106),
        ("session_token_expires_at", json!(1.5), 400_111),
        ("discovery_keys", json!("k"), 400_102),
        ("discovery_keys", json!([1]), 400_100),
        ("discovery_keys", json!(vec!["k"; 101]), 400_203),
        ("metadata", json!([]), 400_103),
        ("metadata", json!({"a": 1}), 400_100),
        ("metadata", json!({"a,b": ""}), 400_151),
        ("metadata", json!({"k".repeat(129): ""}), 400_110),
        ("metadata", json!({"a": "v".repeat(191)}), 400_110),
        (
            "metadata",
            json!({"a": "", "b": "", "c": "", "d": "", "e": "", "f": ""}),
            400_203,
        ),
        ("issue_access_token", json!("true"), 400_104),
        ("issue_session_token", json!(1), 400_104),
    ] {
        let mut new = json!({"user_id": "anna", "nickname": "", "profile_url": ""});
        new[field] = value.clone();
        let refused = server.ask("POST", "/v3/users", Some(new)).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{field}: {value}");
    }
    let all = server.ask("GET", "/v3/users", None).await.ok();
    assert_eq!(all["users"], json!([]));
    // The twin: exactly as long as allowed.
    let bounds = json!({
        "user_id": "é".repeat(80), "nickname": "é".repeat(80), "profile_url": "u".repeat(2048),
        "metadata": {"k".repeat(128): "v".repeat(190)},
    });
    server.ask("POST", "/v3/users", Some(bounds)).await.ok();
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let server = BackEnd::start().await;
    for body in ["{", "[]", "null", "\"a\"", "{\"user_id\": \"\\ud800\"}", "\u{feff}{}"] {
        let request = server
            .request("POST", "/v3/users")
            .header("Api-Token", &server.application.api_token);
        answer(request.body(body)).await.refused(400_403);
    }
    let deep = "[".repeat(10_000);
    let request = server
        .request("POST", "/v3/users")
        .header("Api-Token", &server.application.api_token);
    answer(request.body(deep)).await.refused(400_403);
}

#[tokio::test]
async fn an_oversized_body_is_refused() {
    let server = BackEnd::start().await;
    let new = json!({"user_id": "anna", "nickname": "", "profile_url": "", "ignored": "x".repeat(1 << 20)});
    server.ask("POST", "/v3/users", Some(new)).await.refused(400_110);
}

#[tokio::test]
async fn an_issued_access_token_is_told_once_and_signs_in() {
    let server = BackEnd::start().await;
    let new = json!({"user_id": "anna", "nickname": "Anna", "profile_url": "", "issue_access_token": true});
    let made = server.ask("POST", "/v3/users", Some(new)).await.ok();
    let token = made["access_token"].as_str().unwrap();
    assert_eq!(token.len(), 40);
    let shown = server.ask("GET", "/v3/users/anna", None).await.ok();
    assert_eq!(shown["access_token"], "");

    let (client, _events) = server.client();
    let signed_in = client.authenticate("anna", Some(token)).await.unwrap();
    assert_eq!(signed_in.nickname, "Anna");
    let (client, _events) = server.client();
    assert!(client.authenticate("anna", None).await.is_err());
}

#[tokio::test]
async fn a_session_token_issued_the_old_way_stands_in_a_list_and_signs_in() {
    let server = BackEnd::start().await;
    let expires_at = (seconds() + 3600) * 1000;
    let new = json!({
        "user_id": "anna", "nickname": "", "profile_url": "",
        "issue_session_token": true, "session_token_expires_at": expires_at,
    });
    let made = server.ask("POST", "/v3/users", Some(new)).await.ok();
    let tokens = made["session_tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0]["expires_at"], expires_at);
    let (client, _events) = server.client();
    client
        .authenticate("anna", tokens[0]["session_token"].as_str())
        .await
        .unwrap();
    let shown = server.ask("GET", "/v3/users/anna", None).await.ok();
    assert_eq!(shown.get("session_tokens"), None);
}

fn seconds() -> u64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()
}
