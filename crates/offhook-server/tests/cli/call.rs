//! `offhook call show`, beside the running server.

use std::process::Output;
use std::time::Duration;

use offhook_proto::socket::{MediaPath, MediaState};
use serde_json::{Value, json};

use super::{json_of, succeed, text};
use crate::program::command;
use crate::server::Server;
use crate::socket::quality::{quality, talking};

#[tokio::test]
async fn a_call_is_shown_beside_the_running_server() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let ring = bob.expect("ringing").await;
    ring.accept(true, false).await.unwrap();
    alice.expect("dial received").await;
    alice.expect("established").await;
    let path = Some(MediaPath::Direct);
    call.report(MediaState::Connected, path).await.unwrap();
    ring.report(MediaState::Connected, Some(MediaPath::Relayed))
        .await
        .unwrap();
    call.end().await.unwrap();

    let id = call.id().to_string();
    let shown = json_of(show(&server, &[&id, "--json"]));
    assert_eq!(
        (&shown["end_result"], &shown["ended_by"]),
        (&json!("completed"), &json!("dc_caller"))
    );
    assert_eq!(shown["callee"]["user_id"], "bob");
    assert_eq!(shown["caller"]["relayed"]["to_peer_bytes"], 0);
    let timeline = shown["timeline"].as_array().unwrap();
    let told = |happening: &str, role: &str| {
        let is_it = |entry: &&Value| entry["happening"] == happening && entry["role"] == role;
        timeline.iter().find(is_it).unwrap()["detail"].clone()
    };
    assert_eq!(told("media_connected", "dc_caller"), "direct");
    assert_eq!(told("media_connected", "dc_callee"), "relayed");

    let words = succeed(show(&server, &[&id]));
    assert!(
        words.contains("completed by the caller") && words.contains("media_connected  callee  relayed"),
        "{words}"
    );
    let unknown = show(&server, &["00000000-0000-4000-8000-000000000000"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown.stderr).contains("there is no call"));
    server.stop().await;
}

#[tokio::test]
async fn what_both_sides_measured_is_shown_by_its_middle_and_its_worst() {
    let server = Server::start().await;
    let (mut alice, mut bob, call_id) = talking(&server).await;
    // A second has one sample.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let heard = json!([
        {"ago_ms": 2000, "mos_hundredths": 431, "lost_per_mille": 0, "received_bps": 32_000, "freezes": 0},
        {"ago_ms": 1000, "mos_hundredths": 405, "lost_per_mille": 12, "received_bps": 24_000, "freezes": 2},
        {"ago_ms": 0, "mos_hundredths": 440, "lost_per_mille": 3, "received_bps": 40_000},
    ]);
    for (socket, samples) in [(&mut alice, heard), (&mut bob, json!([{"ago_ms": 0, "jitter_ms": 7}]))] {
        socket.say(&quality(&call_id, &samples)).await;
        // It is answered once what came before is taken.
        socket.ask(&json!({"type": "read", "id": 99, "call_id": call_id})).await;
    }
    server.node().quality().keep(server.node()).await;

    let shown = json_of(show(&server, &[&call_id, "--json"]));
    assert_eq!(
        shown["caller"]["quality"],
        json!({
            "samples": 3, "freezes": 2, "mos_hundredths": {"median": 431, "worst": 405},
            "lost_per_mille": {"median": 3, "worst": 12}, "received_bps": {"median": 32_000, "worst": 24_000},
            "sent_bps": null, "round_trip_ms": null, "jitter_ms": null,
        })
    );
    assert_eq!(shown["callee"]["quality"]["samples"], 1);
    assert_eq!(
        shown["callee"]["quality"]["jitter_ms"],
        json!({"median": 7, "worst": 7})
    );

    let words = succeed(show(&server, &[&call_id]));
    let (callers, callees) = words.split_once("\ncallee ").unwrap();
    for line in [
        "MOS 4.31, at worst 4.05",
        "loss 0.3 %, at worst 1.2 %",
        "received 32 kbit/s, at worst 24 kbit/s",
        "3 samples, 2 freezes",
    ] {
        assert!(callers.lines().any(|told| told.trim() == line), "{line} in {words}");
    }
    for line in ["jitter 7 ms, at worst 7 ms", "1 sample, 0 freezes"] {
        assert!(callees.lines().any(|told| told.trim() == line), "{line} in {words}");
    }
    server.stop().await;
}

fn show(server: &Server, arguments: &[&str]) -> Output {
    let folder = &server.node().config().data_dir;
    let mut program = command(folder);
    program.env("OFFHOOK_DATA_DIR", folder);
    let program = program.args(["call", "show", &server.app_id]);
    program.args(arguments).output().unwrap()
}
