use offhook_core::administrator::Role;
use serde_json::json;

use crate::operator::Office;

#[tokio::test]
async fn the_node_says_what_goes_on_and_that_it_is_well() {
    let office = Office::start().await;
    let desk = office.seat(Role::Viewer).await;
    let before = desk.ask("GET", "/node", None).await.ok();
    assert_eq!((&before["sockets"], &before["live_calls"]), (&json!(0), &json!(0)));
    let anna = office.device("anna").await;
    let _ben = office.device("ben").await;
    anna.0.dial(offhook_client::DialParams::audio("ben")).await.unwrap();
    let status = desk.ask("GET", "/node", None).await.ok();
    assert_eq!((&status["sockets"], &status["live_calls"]), (&json!(2), &json!(1)));
    assert_eq!(
        (&status["is_ready"], &status["dead_deliveries"]),
        (&json!(true), &json!(0))
    );
    assert!(status["commits"].as_u64() > before["commits"].as_u64());
    assert!(status["store_bytes"].as_u64().unwrap() > 4096);
    let (started, now) = (status["started_at"].as_u64().unwrap(), status["now"].as_u64().unwrap());
    assert!(0 < started && started <= now);
    let nodes = status["nodes"].as_array().unwrap();
    assert_eq!((nodes.len(), &nodes[0]["is_this"]), (1, &json!(true)));
    let names: Vec<_> = status["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| &check["name"])
        .collect();
    assert_eq!(names, ["disk space", "heartbeat", "webhooks", "pushes"]);
    assert_eq!(status["checks"][1]["state"], "good");
}
