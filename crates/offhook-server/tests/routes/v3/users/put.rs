use std::time::Duration;

use offhook_client::Event;
use offhook_proto::call::CallEndResult;
use serde_json::json;

use crate::back_end::BackEnd;

#[tokio::test]
async fn what_is_named_changes_and_the_rest_stays() {
    let server = BackEnd::start().await;
    let new = json!({"user_id": "anna", "nickname": "Anna", "profile_url": "p", "metadata": {"a": "b"}});
    let made = server.ask("POST", "/v3/users", Some(new)).await.ok();
    let changed = server
        .ask(
            "PUT",
            "/v3/users/anna",
            Some(json!({
                "nickname": "Ann", "last_seen_at": 1_700_000_000_123_u64, "preferred_languages": ["de", "fr"],
                "discovery_keys": ["k"], "profile_url": null, "leave_all_when_deactivated": true, "metadata": {"no": "no"},
            })),
        )
        .await
        .ok();
    let mut expected = made;
    let fields = expected.as_object_mut().unwrap();
    fields.remove("is_created");
    fields.remove("phone_number");
    expected["nickname"] = json!("Ann");
    expected["last_seen_at"] = json!(1_700_000_000_123_u64);
    expected["preferred_languages"] = json!(["de", "fr"]);
    expected["discovery_keys"] = json!(["k"]);
    assert_eq!(changed, expected);
    assert_eq!(server.ask("GET", "/v3/users/anna", None).await.ok(), expected);
    assert_eq!(server.ask("PUT", "/v3/users/anna", None).await.ok(), expected);
}

#[tokio::test]
async fn an_unknown_user_is_not_made() {
    let server = BackEnd::start().await;
    let refused = server
        .ask("PUT", "/v3/users/anna", Some(json!({"nickname": "x"})))
        .await;
    refused.refused(400_201);
    assert_eq!(refused.body["message"], "\"User\" not found.");
    server.ask("GET", "/v3/users/anna", None).await.refused(400_201);
}

#[tokio::test]
async fn each_wrong_type_and_value_has_its_code_and_changes_nothing() {
    let server = BackEnd::start().await;
    let new = json!({"user_id": "anna", "nickname": "Anna", "profile_url": ""});
    server.ask("POST", "/v3/users", Some(new)).await.ok();
    let before = server.ask("GET", "/v3/users/anna", None).await.ok();
    for (field, value, code) in [
        ("nickname", json!(1), 400_100),
        ("nickname", json!("n".repeat(81)), 400_110),
        ("profile_url", json!({}), 400_100),
        ("is_active", json!("false"), 400_104),
        ("is_active", json!(0), 400_104),
        ("last_seen_at", json!("now"), 400_101),
        ("last_seen_at", json!(-5), 400_106),
        ("discovery_keys", json!({}), 400_102),
        ("preferred_languages", json!(["a", "b", "c", "d", "e"]), 400_203),
        ("preferred_languages", json!(["l".repeat(129)]), 400_110),
        ("leave_all_when_deactivated", json!([]), 400_104),
        ("issue_access_token", json!("null"), 400_104),
        ("session_token_expires_at", json!(true), 400_101),
    ] {
        let mut patch = json!({"nickname": "changed"});
        patch[field] = value.clone();
        let refused = server.ask("PUT", "/v3/users/anna", Some(patch)).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{field}: {value}");
    }
    let past = json!({"nickname": "changed", "issue_session_token": true, "session_token_expires_at": 1});
    server.ask("PUT", "/v3/users/anna", Some(past)).await.refused(400_111);
    assert_eq!(server.ask("GET", "/v3/users/anna", None).await.ok(), before);
}

#[tokio::test]
async fn a_new_access_token_replaces_the_one_before_and_closes_its_sockets() {
    let server = BackEnd::start().await;
    let new = json!({"user_id": "anna", "nickname": "", "profile_url": "", "issue_access_token": true});
    let old = server.ask("POST", "/v3/users", Some(new)).await.ok()["access_token"].clone();
    let old = old.as_str().unwrap();
    let (_client, mut events) = server.device("anna", Some(old)).await;

    // Neither false nor another change touches the token.
    for patch in [json!({"issue_access_token": false}), json!({"nickname": "Anna"})] {
        let changed = server.ask("PUT", "/v3/users/anna", Some(patch)).await.ok();
        assert_eq!(changed["access_token"], "");
    }
    let (again, _) = server.client();
    again.authenticate("anna", Some(old)).await.unwrap();

    let issue = Some(json!({"issue_access_token": true}));
    let fresh = server.ask("PUT", "/v3/users/anna", issue).await.ok()["access_token"].clone();
    let fresh = fresh.as_str().unwrap();
    assert_ne!(fresh, old);
    assert_eq!(closed(&mut events).await, 400_309);
    let (client, _) = server.client();
    assert_eq!(
        client.authenticate("anna", Some(old)).await.unwrap_err().code(),
        400_302
    );
    client.authenticate("anna", Some(fresh)).await.unwrap();
}

#[tokio::test]
async fn a_deactivated_user_is_signed_out_and_their_calls_end() {
    let server = BackEnd::start().await;
    let (_anna, mut annas_events) = server.device("anna", None).await;
    let (ben, _bens_events) = server.device("ben", None).await;
    let call = ben.dial(offhook_client::DialParams::audio("anna")).await.unwrap();

    let off = Some(json!({"is_active": false, "leave_all_when_deactivated": false}));
    let changed = server.ask("PUT", "/v3/users/anna", off).await.ok();
    assert_eq!(changed["is_active"], false);
    assert_eq!(call.ended().await.unwrap().end_result, Some(CallEndResult::Declined));
    assert_eq!(closed(&mut annas_events).await, 400_300);
    let (client, _) = server.client();
    assert_eq!(client.authenticate("anna", None).await.unwrap_err().code(), 400_300);

    server
        .ask("PUT", "/v3/users/anna", Some(json!({"is_active": true})))
        .await
        .ok();
    client.authenticate("anna", None).await.unwrap();
}

/// Waits until the session is told to be over, and answers the code. Sockets look by themselves every ten seconds: only
/// a doorbell is as quick as this.
pub async fn closed(events: &mut offhook_client::Events) -> u32 {
    let told = async {
        loop {
            if let Event::SessionClosed { code, .. } = events.next().await.expect("the session is told to be over") {
                return code;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), told)
        .await
        .expect("the doorbell was rung")
}
