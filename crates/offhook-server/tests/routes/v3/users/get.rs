use serde_json::json;

use crate::back_end::BackEnd;

#[tokio::test]
async fn an_unknown_user_is_not_found_by_exactly_this_error() {
    let server = BackEnd::start().await;
    let refused = server.ask("GET", "/v3/users/nobody", None).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.body,
        json!({"error": true, "code": 400201, "message": "\"User\" not found."})
    );
}

#[tokio::test]
async fn ids_are_decoded_whatever_characters_they_have() {
    let server = BackEnd::start().await;
    for (user_id, encoded) in [
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("a+b", "a+b"),
        ("50%", "50%25"),
        ("?#&=", "%3F%23%26%3D"),
        ("jürgen@example.com", "j%C3%BCrgen@example.com"),
        ("日本🦀", "%E6%97%A5%E6%9C%AC%F0%9F%A6%80"),
        ("'; drop table user; --", "'%3B%20drop%20table%20user%3B%20--"),
    ] {
        let new = json!({"user_id": user_id, "nickname": "", "profile_url": ""});
        server.ask("POST", "/v3/users", Some(new)).await.ok();
        let found = server.ask("GET", &format!("/v3/users/{encoded}"), None).await.ok();
        assert_eq!(found["user_id"], user_id);
    }
    let refused = server.ask("GET", "/v3/users/%FF", None).await;
    assert_eq!((refused.status, refused.code()), (404, 400_404));
}

#[tokio::test]
async fn what_only_chat_knows_is_ignored() {
    let server = BackEnd::start().await;
    let new = json!({"user_id": "anna", "nickname": "", "profile_url": ""});
    server.ask("POST", "/v3/users", Some(new)).await.ok();
    let path = "/v3/users/anna?include_unread_count=true&custom_types=a,b&super_mode=all";
    let found = server.ask("GET", path, None).await.ok();
    assert_eq!(found["unread_message_count"], 0);
    assert_eq!((found.get("is_created"), found.get("phone_number")), (None, None));
}

#[tokio::test]
async fn a_user_is_online_and_seen_while_a_device_is_connected() {
    let server = BackEnd::start().await;
    let (client, events) = server.device("anna", None).await;
    let found = server.ask("GET", "/v3/users/anna", None).await.ok();
    assert_eq!(
        (&found["is_online"], &found["has_ever_logged_in"]),
        (&json!(true), &json!(true))
    );
    let last_seen_at = found["last_seen_at"].as_i64().unwrap();
    assert!(last_seen_at > 1_700_000_000_000, "{last_seen_at}");

    client.deauthenticate().await.unwrap();
    drop(client);
    events.closed().await;
    let found = server.ask("GET", "/v3/users/anna", None).await.ok();
    assert_eq!(found["is_online"], false);
}
