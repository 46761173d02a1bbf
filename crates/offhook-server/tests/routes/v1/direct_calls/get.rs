use serde_json::{Value, json};

use super::Town;

#[tokio::test]
async fn a_call_is_shown_with_every_published_field() {
    let mut town = Town::start().await;
    let (dialed, _) = town.connected().await;
    let path = format!("/v1/direct_calls/{}", dialed.id());
    let live = town.server.ask("GET", &path, None).await.ok();
    assert_eq!(live["state"], "connected");
    for absent in ["end_result", "ended_at", "ended_by", "user_role"] {
        assert_eq!(live.get(absent), None, "{absent}");
    }
    dialed.end().await.unwrap();
    let call = town.server.ask("GET", &path, None).await.ok();
    let (started_at, ended_at) = (&call["started_at"], &call["ended_at"]);
    assert!(ended_at.as_u64() >= started_at.as_u64());
    let participant =
        |user_id: &str, role: &str| json!({"user_id": user_id, "role": role, "nickname": "", "profile_url": ""});
    assert_eq!(
        call,
        json!({
            "call_id": dialed.id().to_string(), "call_type": "direct_call", "is_video_call": false, "state": "ended",
            "caller_id": "alice", "callee_id": "bob",
            "participants": [participant("alice", "dc_caller"), participant("bob", "dc_callee")],
            "started_by": "alice", "started_at": started_at, "created_at": started_at,
            "duration": call["duration"], "end_result": "completed", "ended_by": "alice", "ended_at": ended_at,
            "custom_items": {},
        })
    );
}

#[tokio::test]
async fn the_users_side_is_shown_where_the_request_names_one_with_a_part_in_it() {
    let mut town = Town::start().await;
    let (dialed, _) = town.connected().await;
    let shown = async |user_id: &str| {
        let path = format!("/v1/direct_calls/{}?user_id={user_id}", dialed.id());
        town.server.ask("GET", &path, None).await
    };
    assert_eq!(shown("alice").await.ok()["user_role"], "dc_caller");
    assert_eq!(shown("bob").await.ok()["user_role"], "dc_callee");
    for stranger in ["carol", "nobody"] {
        shown(stranger).await.refused_v1(400, 400_200, "NOT_FOUND");
    }
}

#[tokio::test]
async fn what_is_no_call_is_not_found() {
    let town = Town::start().await;
    for id in ["x", "00000000-0000-0000-0000-000000000000", "%00", "a%2Fb"] {
        let refused = town.server.ask("GET", &format!("/v1/direct_calls/{id}"), None).await;
        refused.refused_v1(400, 400_200, "NOT_FOUND");
        assert_ne!(refused.body["message"], Value::Null);
    }
}
