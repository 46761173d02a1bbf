use offhook_core::call::Role;
use offhook_proto::socket::{MediaPath, MediaState};
use offhook_store::{Quality, QualityMoment, RelayUsage, Relayed};
use serde_json::json;

use super::Town;

#[tokio::test]
async fn a_timeline_tells_what_happened_what_was_carried_and_what_was_measured() {
    let mut town = Town::start().await;
    let (dialed, rung) = town.connected().await;
    rung.report(MediaState::Connected, Some(MediaPath::Relayed))
        .await
        .unwrap();
    let node = town.server.node();
    let app_id = town.server.application.id.parse().unwrap();
    let app = node.store().application_by_id(&app_id).await.unwrap().unwrap().key;
    let quality = Quality {
        mos_hundredths: Some(430),
        round_trip_ms: Some(20),
        ..Quality::default()
    };
    let moment = |role, second| QualityMoment {
        app,
        call_id: dialed.id(),
        role,
        second,
    };
    let samples = vec![
        (moment(Role::Caller, 20), quality),
        (moment(Role::Caller, 10), quality),
        (moment(Role::Callee, 10), Quality::default()),
    ];
    node.store().keep_quality(samples).await.unwrap();
    let usage = RelayUsage {
        app,
        call_id: dialed.id(),
        role: Role::Callee,
        ticket_number: 1,
        relayed: Relayed {
            to_peer_bytes: 7,
            to_client_bytes: 8,
            ..Relayed::default()
        },
    };
    node.store().note_relay_usage(vec![usage]).await.unwrap();

    let path = format!("/v1/direct_calls/{}/timeline", dialed.id());
    let live = town.server.ask("GET", &path, None).await.ok();
    assert_eq!(live["call"]["state"], "connected");
    dialed.end().await.unwrap();
    let timeline = town.server.ask("GET", &path, None).await.ok();
    let entries: Vec<_> = timeline["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let word = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            assert!(entry["at"].as_u64() >= timeline["call"]["started_at"].as_u64());
            [word("happening"), word("role"), word("detail")]
                .join(" ")
                .trim()
                .to_owned()
        })
        .filter(|entry| entry != "dial_received")
        .collect();
    assert_eq!(
        entries,
        [
            "dialed",
            "accepted",
            "media_connected dc_caller",
            "media_connected dc_callee",
            "connected  both_reported",
            "path_changed dc_callee relayed",
            "ended  completed",
        ]
    );
    let since = timeline["connected_at"].as_u64().unwrap();
    let until = timeline["call"]["ended_at"].as_u64().unwrap();
    assert_eq!(timeline["metered_ms"], until - since);
    let sample = |second: u32| json!({"second": second, "mos_hundredths": 430, "round_trip_ms": 20});
    assert_eq!(
        timeline["sides"],
        json!([
            {
                "role": "dc_caller", "user_id": "alice", "sent_relayed_bytes": 0, "received_relayed_bytes": 0,
                "samples": [sample(10), sample(20)],
            },
            {
                "role": "dc_callee", "user_id": "bob", "path": "relayed", "sent_relayed_bytes": 7,
                "received_relayed_bytes": 8, "samples": [{"second": 10}],
            },
        ])
    );
}

#[tokio::test]
async fn a_call_that_never_connected_is_not_metered() {
    let town = Town::start().await;
    let dialed = town
        .alice
        .0
        .dial(offhook_client::DialParams::audio("bob"))
        .await
        .unwrap();
    dialed.end().await.unwrap();
    let path = format!("/v1/direct_calls/{}/timeline", dialed.id());
    let timeline = town.server.ask("GET", &path, None).await.ok();
    assert_eq!(
        (&timeline["metered_ms"], timeline.get("connected_at")),
        (&json!(0), None)
    );
    let nothing = town.server.ask("GET", "/v1/direct_calls/x/timeline", None).await;
    nothing.refused_v1(400, 400_200, "NOT_FOUND");
}

#[tokio::test]
async fn what_webhooks_are_told_of_the_call_stands_in_its_timeline() {
    let town = Town::start().await;
    let settings = format!("/v1/applications/{}/settings/webhook", town.server.application.id);
    let told = json!({"enabled": true, "url": "https://hooks.example.invalid/", "enabled_events": ["*"]});
    town.server.ask("PUT", &settings, Some(told)).await.ok();
    let dialed = town
        .alice
        .0
        .dial(offhook_client::DialParams::audio("bob"))
        .await
        .unwrap();
    dialed.end().await.unwrap();
    let path = format!("/v1/direct_calls/{}/timeline", dialed.id());
    let timeline = town.server.ask("GET", &path, None).await.ok();
    let deliveries = timeline["deliveries"].as_array().unwrap().iter();
    let told: Vec<_> = deliveries
        .map(|delivery| (&delivery["category"], &delivery["sequence"]))
        .collect();
    let expected =
        [("direct_call:dial", 1), ("direct_call:end", 2)].map(|(category, place)| (json!(category), json!(place)));
    assert_eq!(
        told,
        expected
            .iter()
            .map(|(category, place)| (category, place))
            .collect::<Vec<_>>()
    );
}
