use offhook_client::DialParams;
use serde_json::json;

use crate::routes::v1::direct_calls::Town;

#[tokio::test]
async fn a_users_ended_calls_are_summed_by_side_and_by_kind() {
    let mut town = Town::start().await;
    let (dialed, _) = town.connected().await;
    dialed.end().await.unwrap();
    let video = town.bob.0.dial(DialParams::video("alice")).await.unwrap();
    video.end().await.unwrap();
    let completed = town
        .server
        .ask("GET", &format!("/v1/direct_calls/{}", dialed.id()), None)
        .await
        .ok();
    let duration = completed["duration"].as_u64().unwrap();
    // One that rings counts when it has ended.
    town.alice.0.dial(DialParams::audio("bob")).await.unwrap();

    let counts = |count: u32, completed: u32, duration: u64| json!({"count": count, "completed": completed, "duration": duration});
    let summary = town.server.ask("GET", "/v1/users/alice/call_summary", None).await.ok();
    assert_eq!(
        summary,
        json!({
            "user_id": "alice", "calls": counts(2, 1, duration), "dialed": counts(1, 1, duration),
            "received": counts(1, 0, 0), "audio": counts(1, 1, duration), "video": counts(1, 0, 0),
        })
    );
    let since = video.snapshot().started_at;
    let path = format!("/v1/users/bob/call_summary?start_ts={since}&end_ts={}", since + 60_000);
    let later = town.server.ask("GET", &path, None).await.ok();
    let none = counts(0, 0, 0);
    assert_eq!(
        (&later["dialed"], &later["received"], &later["video"]),
        (&counts(1, 0, 0), &none, &counts(1, 0, 0))
    );
    let carol = town.server.ask("GET", "/v1/users/carol/call_summary", None).await.ok();
    assert_eq!(carol["calls"], none);
    let nobody = town.server.ask("GET", "/v1/users/nobody/call_summary", None).await;
    nobody.refused_v1(400, 400_200, "NOT_FOUND");
    let refused = town
        .server
        .ask("GET", "/v1/users/alice/call_summary?start_ts=x", None)
        .await;
    refused.refused_v1(400, 400_100, "INVALID_PARAMS");
}
