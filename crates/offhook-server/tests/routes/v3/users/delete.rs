use offhook_proto::call::CallEndResult;
use serde_json::json;

use super::put::closed;
use crate::back_end::BackEnd;

#[tokio::test]
async fn a_deleted_user_is_gone_signed_out_and_out_of_calls() {
    let server = BackEnd::start().await;
    let (_anna, mut annas_events) = server.device("anna", None).await;
    let (ben, _bens_events) = server.device("ben", None).await;
    let call = ben.dial(offhook_client::DialParams::audio("anna")).await.unwrap();
    let metadata = Some(json!({"metadata": {"a": "b"}}));
    server.ask("POST", "/v3/users/anna/metadata", metadata).await.ok();

    assert_eq!(server.ask("DELETE", "/v3/users/anna", None).await.ok(), json!({}));
    assert_eq!(call.ended().await.unwrap().end_result, Some(CallEndResult::Declined));
    assert_eq!(closed(&mut annas_events).await, 400_303);
    for (method, path) in [("GET", "/v3/users/anna"), ("DELETE", "/v3/users/anna")] {
        server.ask(method, path, None).await.refused(400_201);
    }

    // Who comes by that id is another user.
    let new = json!({"user_id": "anna", "nickname": "", "profile_url": ""});
    let made = server.ask("POST", "/v3/users", Some(new)).await.ok();
    assert_eq!((&made["metadata"], &made["last_seen_at"]), (&json!({}), &json!(-1)));
}

#[tokio::test]
async fn a_deleted_users_session_token_signs_nobody_in() {
    let server = BackEnd::start().await;
    let new = json!({"user_id": "anna", "nickname": "", "profile_url": ""});
    server.ask("POST", "/v3/users", Some(new.clone())).await.ok();
    let issued = server.ask("POST", "/v3/users/anna/token", None).await.ok();
    let token = issued["token"].as_str().unwrap();
    server.ask("DELETE", "/v3/users/anna", None).await.ok();
    server.ask("POST", "/v3/users", Some(new)).await.ok();
    let (client, _events) = server.client();
    let refused = client.authenticate("anna", Some(token)).await;
    assert_eq!(refused.unwrap_err().code(), 400_302);
}
