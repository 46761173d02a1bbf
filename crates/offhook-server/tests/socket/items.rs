//! Custom items after the dial.

use std::collections::BTreeMap;

use offhook_core::application::AccessTokenPermission;
use offhook_proto::call::{CallEndResult, CallState};
use serde_json::{Value, json};

use crate::server::phone::wait_for;
use crate::server::raw::{dial, uuid};
use crate::server::{RawSocket, Server};

#[tokio::test]
async fn a_change_reaches_every_device_of_the_call_and_is_answered_with_what_it_did() {
    let server = Server::start().await;
    let (alice, alices_other) = (server.phone("alice").await, server.phone("alice").await);
    let (mut bob, mut bobs_other) = (server.phone("bob").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let (ring, other_ring) = (bob.expect("ringing").await, bobs_other.expect("ringing").await);
    let changed = alice
        .client
        .update_custom_items(call.id(), items("seat=4 row=a"))
        .await
        .unwrap();
    assert_eq!(changed.custom_items, items("seat=4 row=a"));
    assert_eq!(changed.affected_keys, ["row", "seat"]);
    for ring in [&ring, &other_ring] {
        wait_for(ring, |call| call.custom_items == items("seat=4 row=a")).await;
    }
    ring.accept(true, true).await.unwrap();
    bobs_other.expect("items changed").await;
    bobs_other.expect("ended").await;

    // The one that only rang, and the caller's other one that never had a part.
    for phone in [&bobs_other, &alices_other] {
        let row = wait_for_row(&call).await;
        let new = format!("row={row}x");
        let changed = phone.client.update_custom_items(call.id(), items(&new)).await.unwrap();
        assert_eq!(changed.affected_keys, ["row"]);
        for call in [&call, &ring] {
            wait_for(call, |call| call.custom_items == items(&format!("seat=4 {new}"))).await;
        }
    }
    let changed = bob
        .client
        .delete_custom_items(call.id(), Some(vec!["row".into(), "none".into()]))
        .await;
    assert_eq!(changed.unwrap().affected_keys, ["row"]);
    wait_for(&call, |call| call.custom_items == items("seat=4")).await;
    alices_other.client.delete_custom_items(call.id(), None).await.unwrap();
    wait_for(&call, |call| call.custom_items.is_empty()).await;
    wait_for(&ring, |call| call.custom_items.is_empty()).await;
    assert!(
        alices_other.client.ongoing_calls().is_empty(),
        "a device without a part gets none"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_change_after_the_end_is_read_and_logged_and_changes_nothing_else() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    bob.expect("ringing").await.end().await.unwrap();
    bob.expect("ended").await;
    let ended = call.ended().await.unwrap();
    bob.client
        .update_custom_items(call.id(), items("rating=5"))
        .await
        .unwrap();
    let seen = wait_for(&call, |call| call.custom_items == items("rating=5")).await;
    assert_eq!(
        (seen.state, seen.end_result),
        (CallState::Ended, Some(CallEndResult::Declined))
    );
    assert_eq!((seen.ended_at, seen.duration_ms), (ended.ended_at, ended.duration_ms));
    assert_eq!(call.read().await.unwrap().custom_items, items("rating=5"));
    for phone in [&alice, &bob] {
        let log = phone.client.call_log(Default::default()).await.unwrap();
        assert_eq!(log.calls[0].custom_items, items("rating=5"));
        assert_eq!(log.calls[0].ended_at, ended.ended_at.unwrap());
    }
    server.stop().await;
}

#[tokio::test]
async fn a_change_is_bounded_repeatable_and_of_the_parties_alone() {
    let server = Server::start().await;
    let (alice, mut bob, carol) = (
        server.phone("alice").await,
        server.phone("bob").await,
        server.phone("carol").await,
    );
    let elsewhere = server.create_application(AccessTokenPermission::ReadWrite).await;
    let namesake = server.phone_in(&elsewhere, "bob").await;
    let call = alice.dial("bob").await;
    bob.expect("ringing").await;
    let many: BTreeMap<_, _> = (0..10).map(|number| (number.to_string(), String::new())).collect();
    alice.client.update_custom_items(call.id(), many).await.unwrap();
    let version = call.read().await.unwrap().version;
    for (refused, code) in [("new=1", 1), ("0=1 new=1", 2), ("a,b=1", 3)] {
        let error = bob
            .client
            .update_custom_items(call.id(), items(refused))
            .await
            .unwrap_err();
        assert_eq!(error.code(), 400_111, "{code}");
        assert!(error.to_string().contains("custom item"), "{error}");
    }
    let repeated = bob.client.update_custom_items(call.id(), items("0= 1=")).await.unwrap();
    assert_eq!((repeated.affected_keys, repeated.custom_items.len()), (vec![], 10));
    for stranger in [&carol, &namesake] {
        let set = stranger.client.update_custom_items(call.id(), items("0=mine")).await;
        let deleted = stranger.client.delete_custom_items(call.id(), None).await;
        for error in [set.unwrap_err(), deleted.unwrap_err()] {
            assert_eq!(error.code(), 1_400_102);
        }
    }
    assert_eq!(
        call.read().await.unwrap().version,
        version,
        "nothing of it changed anything"
    );
    server.stop().await;
}

#[tokio::test]
async fn the_acting_device_is_answered_first_and_then_told_the_newest() {
    let server = Server::start().await;
    let (alice_key, bob_key) = (server.session_key("alice").await, server.session_key("bob").await);
    let (mut alice, mut bob) = (server.raw().await, server.raw().await);
    alice.hello(&alice_key, 1, 1, &[]).await;
    bob.hello(&bob_key, 2, 2, &[]).await;
    let call_id = uuid(7);
    alice.ask(&dial(2, &call_id, "bob")).await;
    assert_eq!(bob.hear().await["call"]["state"], "ringing");
    for turn in 0..20_u32 {
        // Both at once: what the other changed may be under way to this one.
        alice.say(&update(turn + 10, &call_id, "a", turn)).await;
        bob.say(&update(turn + 10, &call_id, "b", turn)).await;
        for socket in [&mut alice, &mut bob] {
            let answered = hear_answer(socket, turn + 10).await;
            let told = socket.hear().await;
            assert_eq!(told["type"], "call", "the snapshot is right behind the answer");
            assert_eq!(told["call"]["custom_items"], answered["custom_items"]);
        }
    }
    server.stop().await;
}

/// The answer to a request; of snapshots before it, none knows what was asked for.
async fn hear_answer(socket: &mut RawSocket, id: u32) -> Value {
    loop {
        let heard = socket.hear().await;
        if heard["id"] == id {
            assert_eq!(heard["type"], "custom_items");
            return heard;
        }
        assert_eq!(heard["type"], "call");
    }
}

fn update(id: u32, call_id: &str, key: &str, value: u32) -> Value {
    json!({"type": "update_custom_items", "id": id, "call_id": call_id, "custom_items": {key: value.to_string()}})
}

async fn wait_for_row(call: &offhook_client::Call) -> String {
    let call = wait_for(call, |call| call.custom_items.contains_key("row")).await;
    call.custom_items["row"].clone()
}

/// Items written as `key=value`.
fn items(words: &str) -> BTreeMap<String, String> {
    let item = |word: &str| {
        word.split_once('=')
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
    };
    words.split(' ').filter_map(item).collect()
}
