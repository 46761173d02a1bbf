use offhook_client::{Call, DialParams, Event, Events};
use serde_json::{Value, json};

use super::{Town, expect, rung};

async fn items_changed(events: &mut Events) -> Call {
    expect(events, |event| match event {
        Event::ItemsChanged(call) => Some(call),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn items_are_set_and_taken_away_and_the_devices_of_both_parties_are_told() {
    let mut town = Town::start().await;
    let dialed = town.alice.0.dial(DialParams::audio("bob")).await.unwrap();
    rung(&mut town.bob.1).await;
    let path = format!("/v1/direct_calls/{}/custom_items", dialed.id());
    let mut expected = json!({});
    for (method, query, body, items, affected) in [
        (
            "PUT",
            "",
            Some(json!({"custom_items": {"a": "1", "b": "2"}})),
            json!({"a": "1", "b": "2"}),
            json!(["a", "b"]),
        ),
        (
            "PUT",
            "",
            Some(json!({"custom_items": {"b": "3", "a": "1"}})),
            json!({"a": "1", "b": "3"}),
            json!(["b"]),
        ),
        (
            "PUT",
            "",
            Some(json!({"custom_items": {}})),
            json!({"a": "1", "b": "3"}),
            json!([]),
        ),
        ("DELETE", "?keys=a,z", None, json!({"b": "3"}), json!(["a"])),
        (
            "PUT",
            "",
            Some(json!({"custom_items": {"c": "4", "d": "5"}})),
            json!({"b": "3", "c": "4", "d": "5"}),
            json!(["c", "d"]),
        ),
        (
            "DELETE",
            "?custom_item_keys=c",
            None,
            json!({"b": "3", "d": "5"}),
            json!(["c"]),
        ),
        (
            "DELETE",
            "",
            Some(json!({"keys": ["d"]})),
            json!({"b": "3"}),
            json!(["d"]),
        ),
        (
            "DELETE",
            "",
            Some(json!({"custom_item_keys": ["z"]})),
            json!({"b": "3"}),
            json!([]),
        ),
        ("DELETE", "", None, json!({}), json!(["b"])),
    ] {
        let changed = town.server.ask(method, &format!("{path}{query}"), body).await.ok();
        assert_eq!(changed, json!({"custom_items": items, "affected_keys": affected}));
        if affected != json!([]) {
            for events in [&mut town.alice.1, &mut town.bob.1] {
                let told = items_changed(events).await.snapshot().custom_items;
                assert_eq!(json!(told), items);
            }
        }
        expected = items;
    }
    assert_eq!(expected, json!({}));
    let path = format!("/v1/direct_calls/{}/timeline", dialed.id());
    let timeline = town.server.ask("GET", &path, None).await.ok();
    let entries = timeline["entries"].as_array().unwrap().iter();
    let mut changes = entries.filter(|entry| entry["happening"] == "custom_items_changed");
    let first = changes.next().unwrap();
    assert_eq!(
        (&first["detail"], first.get("role")),
        (&json!("a,b"), None),
        "neither side did"
    );
}

#[tokio::test]
async fn items_of_an_ended_call_change_too() {
    let town = Town::start().await;
    let dialed = town.alice.0.dial(DialParams::audio("bob")).await.unwrap();
    dialed.end().await.unwrap();
    let path = format!("/v1/direct_calls/{}/custom_items", dialed.id());
    let items = Some(json!({"custom_items": {"rating": "5"}}));
    town.server.ask("PUT", &path, items).await.ok();
    let shown = town
        .server
        .ask("GET", &format!("/v1/direct_calls/{}", dialed.id()), None)
        .await
        .ok();
    assert_eq!(shown["custom_items"], json!({"rating": "5"}));
    assert_eq!(shown["state"], "ended");
}

#[tokio::test]
async fn what_is_out_of_bounds_is_refused_and_changes_nothing() {
    let town = Town::start().await;
    let dialed = town.alice.0.dial(DialParams::audio("bob")).await.unwrap();
    let path = format!("/v1/direct_calls/{}/custom_items", dialed.id());
    let many: serde_json::Map<_, _> = (0..11).map(|number| (number.to_string(), Value::from(""))).collect();
    for items in [
        json!(many),
        json!({"": "a"}),
        json!({"a,b": "a"}),
        json!({"a": "b".repeat(129)}),
        json!({"a".repeat(129): "b"}),
        json!({"a": 1}),
        json!([]),
        json!("a"),
    ] {
        let refused = town
            .server
            .ask("PUT", &path, Some(json!({"custom_items": items})))
            .await;
        refused.refused_v1(400, 400_100, "INVALID_PARAMS");
    }
    for body in [None, Some(json!({})), Some(json!({"items": {"a": "b"}}))] {
        let refused = town.server.ask("PUT", &path, body).await;
        refused.refused_v1(400, 400_111, "MISSING_PARAMS");
    }
    let refused = town.server.ask("PUT", &path, Some(json!([]))).await;
    refused.refused_v1(400, 400_100, "INVALID_PARAMS");
    for id in ["x", "00000000-0000-0000-0000-000000000000"] {
        let path = format!("/v1/direct_calls/{id}/custom_items");
        let items = Some(json!({"custom_items": {"a": "b"}}));
        town.server
            .ask("PUT", &path, items)
            .await
            .refused_v1(400, 400_200, "NOT_FOUND");
        town.server
            .ask("DELETE", &path, None)
            .await
            .refused_v1(400, 400_200, "NOT_FOUND");
    }
    let kept = town
        .server
        .ask("GET", &format!("/v1/direct_calls/{}", dialed.id()), None)
        .await
        .ok();
    assert_eq!(kept["custom_items"], json!({}));
}
