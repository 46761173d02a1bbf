//! What devices measure.

use std::time::Duration;

use offhook_core::call::Role;
use offhook_proto::socket::QualitySample;
use offhook_store::{Quality, QualitySample as StoredSample};
use serde_json::{Value, json};

use crate::server::raw::{dial, uuid};
use crate::server::{RawSocket, Server};

#[tokio::test]
async fn samples_of_both_devices_are_kept_late_ones_too_and_a_flood_is_one_a_second() {
    let server = Server::start().await;
    let (mut alice, mut bob, call_id) = talking(&server).await;
    for _ in 0..50 {
        let samples: Vec<_> = (0..20).map(|number| sample(number * 50, 400)).collect();
        alice.say(&quality(&call_id, &json!(samples))).await;
    }
    alice.ask(&json!({"type": "end", "id": 9, "call_id": call_id})).await;
    bob.say(&quality(&call_id, &json!([sample(0, 310)]))).await;
    assert!(is_served(&mut bob).await.is_none(), "a late sample is taken");
    server.node().quality().keep(server.node()).await;

    let (caller, callee) = measured(&server, &call_id).await;
    assert!((1..=30).contains(&caller.len()), "a second has one: {}", caller.len());
    assert_eq!(caller[0].mos_hundredths, Some(400));
    assert_eq!(
        callee.iter().map(|one| one.mos_hundredths).collect::<Vec<_>>(),
        [Some(310)]
    );
    server.stop().await;
}

#[tokio::test]
async fn samples_that_nobody_could_have_measured_are_refused_and_none_of_them_is_kept() {
    let server = Server::start().await;
    let (mut alice, mut bob, call_id) = talking(&server).await;
    let with = |field: &str, value: u32| {
        let mut sample = sample(0, 400);
        sample[field] = json!(value);
        json!([sample])
    };
    let many: Vec<_> = (0..21).map(|_| sample(0, 400)).collect();
    for (samples, code) in [
        (with("mos_hundredths", 99), 400_113),
        (with("mos_hundredths", 451), 400_113),
        (with("lost_per_mille", 1001), 400_113),
        (with("round_trip_ms", 60_001), 400_113),
        (with("jitter_ms", 60_001), 400_113),
        (with("freezes", 10_001), 400_113),
        (with("ago_ms", 600_001), 400_113),
        (json!(many), 400_203),
        (json!([{"ago_ms": -1}]), 400_403),
        (json!([{"ago_ms": 0, "mos_hundredths": "4.1"}]), 400_403),
        (json!([{}]), 400_403),
        (json!(7), 400_403),
    ] {
        alice.say(&quality(&call_id, &samples)).await;
        let refused = is_served(&mut alice).await.expect("refused");
        assert_eq!(
            (&refused["code"], &refused["id"]),
            (&json!(code), &Value::Null),
            "{samples}"
        );
    }
    bob.say(&quality(&call_id, &with("freezes", 10_000))).await;
    assert!(is_served(&mut bob).await.is_none(), "at its bound it is taken");
    server.node().quality().keep(server.node()).await;
    let (caller, callee) = measured(&server, &call_id).await;
    assert_eq!((caller.len(), callee.len()), (0, 1));
    server.stop().await;
}

#[tokio::test]
async fn only_the_devices_that_carry_an_accepted_call_measure_it() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (connected(&server, "alice", 1).await, connected(&server, "bob", 2).await);
    let (mut watch, mut mallory) = (
        connected(&server, "bob", 3).await,
        connected(&server, "mallory", 4).await,
    );
    let call_id = uuid(7);
    alice.ask(&dial(2, &call_id, "bob")).await;
    for socket in [&mut bob, &mut watch] {
        assert_eq!(socket.hear().await["call"]["state"], "ringing");
    }
    let samples = quality(&call_id, &json!([sample(0, 400)]));
    alice.say(&samples).await;
    assert_eq!(is_served(&mut alice).await.expect("it rings")["code"], 1_400_102);
    accept(&mut bob, &call_id).await;
    for socket in [&mut watch, &mut mallory] {
        socket.say(&samples).await;
        assert_eq!(is_served(socket).await.expect("refused")["code"], 1_400_102);
    }
    bob.say(&samples).await;
    assert!(is_served(&mut bob).await.is_none());
    server.node().quality().keep(server.node()).await;
    let (caller, callee) = measured(&server, &call_id).await;
    assert_eq!((caller.len(), callee.len()), (0, 1));
    server.stop().await;
}

#[tokio::test]
async fn a_side_that_says_much_at_once_leaves_room_for_the_other() {
    let server = Server::start().await;
    let (_alice, _bob, call_id) = talking(&server).await;
    let id = call_id.parse().unwrap();
    let call = server.node().store().call(server.app(), id).await.unwrap().unwrap();
    let samples: Vec<QualitySample> = (0..500)
        .map(|second| serde_json::from_value(sample(second * 1000, 400)).unwrap())
        .collect();
    let (quality, later) = (server.node().quality(), call.dialed_at + Duration::from_secs(550));
    quality.take(&call, Role::Caller, &samples, later);
    quality.take(&call, Role::Callee, &samples[..20], later);
    quality.keep(server.node()).await;
    let (caller, callee) = measured(&server, &call_id).await;
    assert_eq!((caller.len(), callee.len()), (64, 20));
    // What is kept makes room.
    quality.take(&call, Role::Caller, &samples, later + Duration::from_millis(500_500));
    quality.keep(server.node()).await;
    assert_eq!(measured(&server, &call_id).await.0.len(), 128);
    server.stop().await;
}

/// The message that tells of samples.
pub fn quality(call_id: &str, samples: &Value) -> Value {
    json!({"type": "quality", "call_id": call_id, "samples": samples})
}

fn sample(ago_ms: u32, mos: u32) -> Value {
    json!({"ago_ms": ago_ms, "mos_hundredths": mos, "lost_per_mille": 3, "round_trip_ms": 80})
}

/// Asks something that is answered; gives what was refused before the answer.
async fn is_served(socket: &mut RawSocket) -> Option<Value> {
    socket
        .say(&json!({"type": "read", "id": 99, "call_id": uuid(99)}))
        .await;
    let mut refused = None;
    loop {
        let heard = socket.hear().await;
        if heard["id"] == 99 {
            return refused;
        }
        if heard["type"] == "refused" {
            refused = Some(heard);
        }
    }
}

/// Two devices in an accepted call, and its id.
pub async fn talking(server: &Server) -> (RawSocket, RawSocket, String) {
    let (mut alice, mut bob) = (connected(server, "alice", 1).await, connected(server, "bob", 2).await);
    let call_id = uuid(7);
    alice.ask(&dial(2, &call_id, "bob")).await;
    accept(&mut bob, &call_id).await;
    // Its word comes behind what the server tells.
    while alice.hear().await["call"]["state"] != "established" {}
    (alice, bob, call_id)
}

async fn accept(socket: &mut RawSocket, call_id: &str) {
    let media = json!({"audio_enabled": true, "video_enabled": false, "revision": 0});
    let accepted = socket
        .ask(&json!({"type": "accept", "id": 3, "call_id": call_id, "media": media}))
        .await;
    assert_eq!(accepted["type"], "reply", "{accepted}");
}

async fn connected(server: &Server, user_id: &str, device: u8) -> RawSocket {
    let key = server.session_key(user_id).await;
    let mut socket = server.raw().await;
    socket.hello(&key, device, device, &[]).await;
    socket
}

async fn measured(server: &Server, call_id: &str) -> (Vec<Quality>, Vec<Quality>) {
    let call_id = call_id.parse().unwrap();
    let record = server.node().store().call_record(server.app(), call_id).await.unwrap();
    let record = record.unwrap();
    let side = |samples: Vec<StoredSample>| samples.iter().map(|sample| sample.quality).collect();
    (side(record.caller_quality), side(record.callee_quality))
}
