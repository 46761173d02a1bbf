use serde_json::json;

use crate::back_end::{BackEnd, answer};

#[tokio::test]
async fn only_the_api_token_of_an_application_opens_it() {
    let server = BackEnd::start().await;
    let new = json!({"user_id": "anna", "nickname": "", "profile_url": ""});
    for token in [None, Some(""), Some("wrong"), Some("ü")] {
        let mut request = server.request("POST", "/v3/users").json(&new);
        if let Some(token) = token {
            request = request.header("Api-Token", token.as_bytes());
        }
        let refused = answer(request).await;
        assert_eq!((refused.status, refused.code()), (401, 400_401), "{token:?}");
    }
    let request = server.request("GET", "/v3/users");
    let listed = answer(request.header("api-TOKEN", &server.application.api_token))
        .await
        .ok();
    assert_eq!(listed, json!({"users": [], "next": ""}));
}

#[tokio::test]
async fn one_applications_token_never_opens_anothers_users() {
    let server = BackEnd::start().await;
    let other = server.application("other").await;
    let new = json!({"user_id": "anna", "nickname": "", "profile_url": "", "metadata": {"a": "b"}});
    server.ask("POST", "/v3/users", Some(new.clone())).await.ok();

    for (method, path, body) in [
        ("GET", "/v3/users/anna", None),
        ("PUT", "/v3/users/anna", Some(json!({"nickname": "x"}))),
        ("DELETE", "/v3/users/anna", None),
        ("GET", "/v3/users/anna/metadata", None),
        ("GET", "/v3/users/anna/metadata/a", None),
        ("POST", "/v3/users/anna/metadata", Some(json!({"metadata": {"c": "d"}}))),
        ("PUT", "/v3/users/anna/metadata", Some(json!({"metadata": {"a": "d"}}))),
        ("PUT", "/v3/users/anna/metadata/a", Some(json!({"value": "d"}))),
        ("DELETE", "/v3/users/anna/metadata", None),
        ("DELETE", "/v3/users/anna/metadata/a", None),
        ("POST", "/v3/users/anna/token", Some(json!({}))),
        ("DELETE", "/v3/users/anna/token", None),
    ] {
        let refused = server.ask_as(&other, method, path, body).await;
        refused.refused(400_201);
        assert_eq!(refused.body["message"], "\"User\" not found.", "{method} {path}");
    }
    let listed = server.ask_as(&other, "GET", "/v3/users", None).await.ok();
    assert_eq!(listed["users"], json!([]));
    let kept = server.ask("GET", "/v3/users/anna", None).await.ok();
    assert_eq!((&kept["nickname"], &kept["metadata"]), (&json!(""), &json!({"a": "b"})));
    // The same id is another user there.
    server.ask_as(&other, "POST", "/v3/users", Some(new)).await.ok();
}

#[tokio::test]
async fn an_address_where_nothing_is_gets_an_error_of_the_same_kind() {
    let server = BackEnd::start().await;
    for (method, path) in [
        ("GET", "/v3/nothing"),
        ("PATCH", "/v3/users/anna"),
        ("GET", "/v3/users/anna/token"),
    ] {
        let refused = server.ask(method, path, None).await;
        assert_eq!((refused.status, refused.code()), (404, 400_404), "{method} {path}");
    }
}
