//! Hold, recording status, and reading a call.

use std::collections::BTreeMap;

use offhook_client::Call;
use offhook_core::call::{DialRequest, MediaSettings};
use offhook_core::id::DeviceId;
use offhook_proto::call::PartyMedia;
use serde_json::json;

use crate::server::phone::connect;
use crate::server::raw::{dial, uuid};
use crate::server::{Phone, Server};

#[tokio::test]
async fn a_hold_and_a_recording_are_told_to_the_other_side_and_in_the_timeline_as_they_were() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let (call, ring) = connected(&mut alice, &mut bob).await;
    call.hold(true).await.unwrap();
    let held = bob.expect("party media").await.snapshot().caller.media;
    assert_eq!((held.is_on_hold, held.is_recording), (true, false));
    ring.set_recording(true).await.unwrap();
    assert!(alice.expect("party media").await.snapshot().callee.media.is_recording);
    ring.set_media(false, true).await.unwrap();
    assert!(alice.expect("party media").await.snapshot().callee.media.is_recording);
    call.hold(false).await.unwrap();
    assert!(!bob.expect("party media").await.snapshot().caller.media.is_on_hold);
    // To resume is to resume one's own.
    let ended = call.end().await.unwrap();
    assert!(ended.callee.media.is_recording);
    let record = server
        .node()
        .store()
        .call_record(server.app(), call.id())
        .await
        .unwrap()
        .unwrap();
    let told: Vec<_> = record
        .timeline
        .iter()
        .filter_map(|entry| Some(format!("{} {}", entry.happening, entry.role?.as_str())))
        .filter(|entry| !entry.starts_with("media_connected"))
        .collect();
    assert_eq!(
        told,
        [
            "held dc_caller",
            "recording_started dc_callee",
            "muted dc_callee",
            "unheld dc_caller"
        ]
    );
    server.stop().await;
}

#[tokio::test]
async fn a_device_that_comes_back_is_shown_who_holds_and_records() {
    let server = Server::start().await;
    let (alice_key, bob_key) = (server.session_key("alice").await, server.session_key("bob").await);
    let (mut alice, mut bob) = (server.raw().await, server.raw().await);
    alice.hello(&alice_key, 1, 1, &[]).await;
    bob.hello(&bob_key, 2, 2, &[]).await;
    let call_id = uuid(7);
    alice.ask(&dial(2, &call_id, "bob")).await;
    // Of what is not there yet nothing is held or recorded, and the count begins at 0.
    let nonsense = json!({
        "audio_enabled": true, "video_enabled": false, "is_on_hold": true, "is_recording": true, "revision": 4_000_000_000_u32
    });
    let accepted = bob
        .ask(&json!({"type": "accept", "id": 3, "call_id": call_id, "media": nonsense}))
        .await;
    let begun = json!({"audio_enabled": true, "video_enabled": false, "revision": 0});
    assert_eq!(accepted["call"]["callee"]["media"], begun);
    for (socket, field) in [(&mut alice, "is_on_hold"), (&mut bob, "is_recording")] {
        let mut media = json!({"audio_enabled": true, "video_enabled": false, "revision": 1});
        media[field] = json!(true);
        let reply = socket
            .ask(&json!({"type": "set_media", "id": 4, "call_id": call_id, "media": media}))
            .await;
        assert_eq!(reply["type"], "reply");
    }
    bob.cut();
    let mut bob = server.raw().await;
    let welcome = bob.hello(&bob_key, 2, 2, &[&call_id]).await;
    let call = &welcome["calls"][0];
    assert_eq!(
        (
            &call["caller"]["media"]["is_on_hold"],
            &call["callee"]["media"]["is_recording"]
        ),
        (&json!(true), &json!(true))
    );
    server.stop().await;
}

#[tokio::test]
async fn a_device_that_was_never_told_of_a_ring_reads_it_and_takes_part() {
    let server = Server::start().await;
    let (alice, _) = (server.phone("alice").await, server.phone("carol").await);
    let (bob_key, carol_key) = (server.session_key("bob").await, server.session_key("carol").await);
    let (mut bob, mut carol) = (server.raw().await, server.raw().await);
    bob.hello(&bob_key, 2, 2, &[]).await;
    carol.hello(&carol_key, 3, 3, &[]).await;
    let call_id = dial_without_a_doorbell(&server).await;
    let read = json!({"type": "read", "id": 2, "call_id": call_id});
    let seen = bob.ask(&read).await;
    assert_eq!(
        (&seen["type"], &seen["call"]["state"]),
        (&json!("reply"), &json!("ringing")),
        "{seen}"
    );
    // It may speak to the caller like one that was rung.
    bob.say(&json!({"type": "signal", "call_id": call_id, "body": "{\"kind\":\"need\",\"seq\":1}"}))
        .await;
    let accept = json!({
        "type": "accept", "id": 3, "call_id": call_id,
        "media": {"audio_enabled": true, "video_enabled": false, "revision": 0}
    });
    let mut heard = Vec::new();
    bob.say(&accept).await;
    loop {
        let message = bob.hear().await;
        if message["id"] == 3 {
            assert_eq!(message["call"]["state"], "established");
            break;
        }
        heard.push(message);
    }
    assert!(heard.iter().all(|message| message["type"] != "refused"), "{heard:?}");
    let stranger = carol.ask(&read).await;
    assert_eq!(
        (&stranger["type"], &stranger["code"]),
        (&json!("refused"), &json!(1_400_102))
    );
    drop(alice);
    server.stop().await;
}

/// A call of alice to bob that no socket is told of, until somebody looks at the store.
async fn dial_without_a_doorbell(server: &Server) -> String {
    let store = server.node().store();
    let alice = store.user(server.app(), "alice").await.unwrap().unwrap();
    let session = store.sessions_of(alice.key).await.unwrap()[0].id;
    let call_id = uuid(9);
    let media = PartyMedia {
        audio_enabled: true,
        video_enabled: false,
        is_on_hold: false,
        is_recording: false,
        revision: 0,
    };
    let request = DialRequest {
        call_id: call_id.parse().unwrap(),
        device: DeviceId::from_bytes([9; 16]),
        is_video: false,
        settings: MediaSettings::from(media),
        custom_items: BTreeMap::new(),
        chat_channel_url: None,
        ringing_timeout: None,
        connection_timeout: None,
    };
    let now = server.node().clock().now();
    store.dial(session, "bob", request, now).await.unwrap();
    call_id
}

async fn connected(alice: &mut Phone, bob: &mut Phone) -> (Call, Call) {
    let call = alice.dial("bob").await;
    let ring = bob.expect("ringing").await;
    ring.accept(true, true).await.unwrap();
    connect(&call, &ring).await;
    for phone in [&mut *alice, &mut *bob] {
        loop {
            let (name, _) = phone.next().await;
            if name == "connected" {
                break;
            }
        }
    }
    (call, ring)
}
