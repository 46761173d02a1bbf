use offhook_core::administrator::Role;
use serde_json::json;

use crate::back_end::{Answer, answer};
use crate::operator::Office;

async fn users(office: &Office, token: &str) -> Answer {
    answer(office.request("GET", "/v3/users").header("Api-Token", token)).await
}

#[tokio::test]
async fn an_owner_makes_and_revokes_tokens_and_sees_their_hints_only() {
    let office = Office::start().await;
    let desk = office.seat(Role::Owner).await;
    let path = "/applications/FIRST/api_tokens";
    let made = desk.ask("POST", path, None).await.ok();
    let token = made["token"].as_str().unwrap().to_owned();
    users(&office, &token).await.ok();
    let listed = desk.ask("GET", path, None).await.ok();
    let tokens = listed["api_tokens"].as_array().unwrap();
    assert_eq!(
        (&tokens[0]["is_master"], &tokens[1]["is_master"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&tokens[1]["token_number"], &tokens[1]["hint"]),
        (&json!(2), &json!(token[token.len() - 4..]))
    );
    assert!(!listed.to_string().contains(&token));

    desk.ask("DELETE", &format!("{path}/1"), None).await.refused(400_111);
    desk.ask("DELETE", &format!("{path}/x"), None).await.refused(400_201);
    desk.ask("DELETE", &format!("{path}/2"), None).await.ok();
    assert_eq!(users(&office, &token).await.status, 401);
    desk.ask("DELETE", &format!("{path}/2"), None).await.refused(400_201);
}

#[tokio::test]
async fn the_master_and_the_keys_are_replaced() {
    let office = Office::start().await;
    let desk = office.seat(Role::Owner).await;
    let rotate = async |what: &str| {
        desk.ask("POST", &format!("/applications/FIRST/{what}/rotate"), None)
            .await
            .ok()
    };
    let first = rotate("api_tokens/master").await["token"].as_str().unwrap().to_owned();
    users(&office, &first).await.ok();
    let second = rotate("api_tokens/master").await["token"].as_str().unwrap().to_owned();
    assert_eq!(users(&office, &first).await.status, 401);
    users(&office, &second).await.ok();
    let (one, other) = (rotate("webhook_key").await, rotate("webhook_key").await);
    assert_ne!(one["token"], other["token"]);
    let app = office.application().await;
    let store = office.node().store();
    let before = store.current_signing_key(app.key).await.unwrap().unwrap();
    assert_eq!(rotate("signing_key").await, json!({}));
    let after = store.current_signing_key(app.key).await.unwrap().unwrap();
    assert_ne!(before.id, after.id);
}

#[tokio::test]
async fn a_test_call_signs_the_dashboards_own_user_in() {
    let office = Office::start().await;
    let desk = office.seat(Role::Operator).await;
    let path = "/applications/FIRST/test_call";
    desk.ask("POST", path, Some(json!({"user_id": "anna"})))
        .await
        .refused(1_400_103);
    let _anna = office.device("anna").await;
    for _ in 0..2 {
        let test = desk.ask("POST", path, Some(json!({"user_id": "anna"}))).await.ok();
        assert_eq!(
            (&test["app_id"], &test["user_id"]),
            (&json!("FIRST"), &json!("offhook-dashboard"))
        );
        let client = office.client();
        let token = test["session_token"].as_str();
        client.0.authenticate("offhook-dashboard", token).await.unwrap();
    }
}
