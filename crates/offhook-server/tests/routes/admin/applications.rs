use offhook_core::administrator::Role;
use serde_json::{Value, json};

use crate::operator::{Desk, Office};

#[tokio::test]
async fn an_owner_makes_sets_and_deletes_an_application() {
    let office = Office::start().await;
    let desk = office.seat(Role::Owner).await;
    let made = desk
        .ask(
            "POST",
            "/applications",
            Some(json!({"name": "Second", "app_id": "TWO"})),
        )
        .await
        .ok();
    assert_eq!(made["application"]["access_token_permission"], "deny");
    let again = desk
        .ask(
            "POST",
            "/applications",
            Some(json!({"name": "Second", "app_id": "TWO"})),
        )
        .await;
    again.refused(400_202);
    let back_end = |token: &Value| {
        let request = office
            .request("GET", "/v3/users")
            .header("Api-Token", token.as_str().unwrap());
        crate::back_end::answer(request)
    };
    back_end(&made["api_token"]).await.ok();

    let change = json!({
        "name": "Two", "access_token_permission": "read_only", "allowed_origins": ["https://example.org"],
        "is_relay_only": true, "max_ringing_s": 30, "max_connecting_s": 20, "webhook_hosts": ["hooks.example"],
        "call_retention_days": 90, "quality_retention_days": 0, "delivery_retention_days": 7,
        "dial_hook_url": "https://hooks.example/may?key=1", "dial_hook_on_failure": "allow",
    });
    let set = desk.ask("PUT", "/applications/TWO", Some(change)).await.ok();
    let expected = json!({
        "app_id": "TWO", "created_at": set["created_at"],
        "name": "Two", "access_token_permission": "read_only", "allowed_origins": ["https://example.org"],
        "is_relay_only": true, "max_ringing_s": 30, "max_connecting_s": 20, "webhook_hosts": ["hooks.example:443"],
        "call_retention_days": 90, "delivery_retention_days": 7,
        "dial_hook": {"url": "https://hooks.example/may?key=1", "timeout_ms": 2000, "on_failure": "allow"},
    });
    assert_eq!(set, expected);
    assert_eq!(desk.ask("GET", "/applications/TWO", None).await.ok(), expected);
    let listed = desk.ask("GET", "/applications", None).await.ok();
    let ids: Vec<_> = listed["applications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["app_id"])
        .collect();
    assert_eq!(ids, ["FIRST", "TWO"]);
    let viewer = office.seat(Role::Viewer).await;
    let seen = viewer.ask("GET", "/applications/TWO", None).await.ok();
    assert_eq!(seen["dial_hook"]["url"], "https://hooks.example");

    let other = desk
        .ask("DELETE", "/applications/TWO", Some(json!({"app_id": "FIRST"})))
        .await;
    other.refused(400_112);
    desk.ask("DELETE", "/applications/TWO", None).await.refused(400_105);
    desk.ask("DELETE", "/applications/TWO", Some(json!({"app_id": "TWO"})))
        .await
        .ok();
    desk.ask("GET", "/applications/TWO", None).await.refused(400_304);
    assert_eq!(back_end(&made["api_token"]).await.status, 401);
    desk.ask("GET", "/applications/FIRST", None).await.ok();
}

#[tokio::test]
async fn a_deletion_closes_the_sockets_of_the_application_and_ends_its_calls() {
    let office = Office::start().await;
    let desk = office.seat(Role::Owner).await;
    let (anna, mut of_anna) = office.device("anna").await;
    let (_ben, mut of_ben) = office.device("ben").await;
    let call = anna.dial(offhook_client::DialParams::audio("ben")).await.unwrap();
    let body = json!({"app_id": office.app_id});
    let path = format!("/applications/{}", office.app_id);
    desk.ask("DELETE", &path, Some(body)).await.ok();
    closed(&mut of_anna).await;
    closed(&mut of_ben).await;
    let ended = call.snapshot();
    assert_eq!(ended.state, offhook_proto::call::CallState::Ended, "{ended:?}");
    assert!(anna.authenticate("anna", None).await.is_err());
}

/// Waits until a device's session is over.
async fn closed(events: &mut offhook_client::Events) {
    let ended = async {
        while let Some(event) = events.next().await {
            if matches!(event, offhook_client::Event::SessionClosed { .. }) {
                return true;
            }
        }
        false
    };
    let patience = std::time::Duration::from_secs(5);
    assert!(tokio::time::timeout(patience, ended).await.unwrap());
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_refused_with_a_sentence_and_nothing_changes() {
    let office = Office::start().await;
    let desk = office.seat(Role::Operator).await;
    let before = desk.ask("GET", "/applications/FIRST", None).await.ok();
    for (change, code, word) in [
        (json!({"name": ""}), 400_111, "name"),
        (json!({"name": 7}), 400_111, "string"),
        (json!({"access_token_permission": "all"}), 400_111, "read_only"),
        (json!({"allowed_origins": ["example.org"]}), 400_111, "origin"),
        (json!({"webhook_hosts": ["https://a.example"]}), 400_111, "host"),
        (json!({"max_ringing_s": 301, "name": "New"}), 400_113, "5 to 300"),
        (json!({"delivery_retention_days": 0}), 400_113, "1 to 365"),
        (json!({"dial_hook_url": "http://a.example"}), 400_111, "https"),
        (json!({"dial_hook_timeout_ms": 500}), 400_112, "address"),
    ] {
        let refused = desk.ask("PUT", "/applications/FIRST", Some(change.clone())).await;
        refused.refused(code);
        let message = refused.body["message"].as_str().unwrap();
        assert!(message.contains(word), "{change}: {message}");
    }
    assert_eq!(desk.ask("GET", "/applications/FIRST", None).await.ok(), before);
    let owner = office.seat(Role::Owner).await;
    for (name, app_id) in [("", "A"), ("Name", "a b")] {
        let refused = owner
            .ask("POST", "/applications", Some(json!({"name": name, "app_id": app_id})))
            .await;
        refused.refused(400_111);
        assert_eq!(listed(&desk).await, 1);
    }
}

#[tokio::test]
async fn what_comes_to_deny_ends_the_sessions_that_needed_no_token() {
    let office = Office::start().await;
    let desk = office.seat(Role::Operator).await;
    let (client, mut events) = office.device("anna").await;
    desk.ask(
        "PUT",
        "/applications/FIRST",
        Some(json!({"access_token_permission": "deny"})),
    )
    .await
    .ok();
    closed(&mut events).await;
    drop(client);
}

async fn listed(desk: &Desk) -> usize {
    let listed = desk.ask("GET", "/applications", None).await.ok();
    listed["applications"].as_array().unwrap().len()
}
