use offhook_client::{DialParams, Event};
use offhook_proto::call::{CallEndResult, CallState};
use serde_json::json;

use super::{Town, expect, rung};

#[tokio::test]
async fn a_connected_call_ends_as_completed_by_nobody_and_both_devices_are_told() {
    let mut town = Town::start().await;
    let (dialed, rung) = town.connected().await;
    let path = format!("/v1/direct_calls/{}/end", dialed.id());
    let ended = town.server.ask("POST", &path, None).await.ok();
    assert_eq!(
        (&ended["state"], &ended["end_result"], ended.get("ended_by")),
        (&json!("ended"), &json!("completed"), None)
    );
    for call in [dialed, rung] {
        let seen = call.ended().await.unwrap();
        assert_eq!((seen.end_result, seen.ended_by), (Some(CallEndResult::Completed), None));
    }
    // Once more changes nothing.
    let again = town.server.ask("POST", &path, Some(json!({}))).await.ok();
    assert_eq!(again, ended);
}

#[tokio::test]
async fn a_call_that_rings_is_taken_back_and_one_that_connects_ends() {
    let mut town = Town::start().await;
    let dialed = town.alice.0.dial(DialParams::video("bob")).await.unwrap();
    let ring = rung(&mut town.bob.1).await;
    let end = async |id: String| {
        let path = format!("/v1/direct_calls/{id}/end");
        town.server.ask("POST", &path, None).await.ok()["end_result"].clone()
    };
    assert_eq!(end(dialed.id().to_string()).await, "canceled");
    let ended = expect(&mut town.bob.1, |event| match event {
        Event::Ended(call) => Some(call),
        _ => None,
    });
    assert_eq!(ended.await.id(), ring.id());

    let dialed = town.alice.0.dial(DialParams::video("bob")).await.unwrap();
    let ring = rung(&mut town.bob.1).await;
    ring.accept(true, true).await.unwrap();
    dialed
        .wait_for(|call| call.state == CallState::Established)
        .await
        .unwrap();
    assert_eq!(end(dialed.id().to_string()).await, "not_connected");
    assert_eq!(
        ring.ended().await.unwrap().end_result,
        Some(CallEndResult::NotConnected)
    );
}

#[tokio::test]
async fn what_is_no_call_cannot_be_ended() {
    let town = Town::start().await;
    for id in ["x", "00000000-0000-0000-0000-000000000000"] {
        let refused = town
            .server
            .ask("POST", &format!("/v1/direct_calls/{id}/end"), None)
            .await;
        refused.refused_v1(400, 400_200, "NOT_FOUND");
    }
}
