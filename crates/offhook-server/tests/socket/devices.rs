//! Devices that come late, go, come back, are reloaded or doubled, and a server that stops under them.

use offhook_client::ConnectionState;
use offhook_proto::call::{CallEndResult, CallRole, CallState};
use serde_json::json;

use crate::server::Server;
use crate::server::phone::{connect, wait_for};
use crate::server::raw::{dial, uuid};

#[tokio::test]
async fn a_device_that_connects_while_its_user_is_rung_is_rung() {
    let server = Server::start().await;
    let (alice, _early) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let mut late = server.phone("bob").await;
    let ring = late.expect("ringing").await;
    assert_eq!(ring.id(), call.id());
    ring.accept(true, true).await.unwrap();
    wait_for(&call, |call| call.state == CallState::Established).await;
    server.stop().await;
}

#[tokio::test]
async fn a_reloaded_page_has_left_its_call_at_once() {
    let server = Server::start().await;
    let mut bob = server.phone("bob").await;
    let key = server.session_key("alice").await;
    let call_id = uuid(0xc0);
    let mut page = server.raw().await;
    assert_eq!(page.hello(&key, 1, 1, &[]).await["type"], "welcome");
    assert_eq!(page.ask(&dial(2, &call_id, "bob")).await["type"], "reply");
    let ring = bob.expect("ringing").await;
    ring.accept(true, true).await.unwrap();
    bob.expect("established").await;
    page.cut();

    let mut reloaded = server.raw().await;
    let welcome = reloaded.hello(&key, 1, 2, &[]).await;
    assert_eq!(welcome["calls"], json!([]), "{welcome}");
    let over = bob.expect("ended").await.snapshot();
    assert_eq!(
        (over.end_result, over.ended_by),
        (Some(CallEndResult::NotConnected), Some(CallRole::Caller))
    );
    server.stop().await;
}

#[tokio::test]
async fn a_page_that_comes_back_with_its_call_goes_on_with_it() {
    let server = Server::start().await;
    let mut bob = server.phone("bob").await;
    let key = server.session_key("alice").await;
    let call_id = uuid(0xc0);
    let mut page = server.raw().await;
    page.hello(&key, 1, 1, &[]).await;
    page.ask(&dial(2, &call_id, "bob")).await;
    let ring = bob.expect("ringing").await;
    ring.accept(true, true).await.unwrap();
    page.cut();

    let mut page = server.raw().await;
    let strange = uuid(0xee);
    let welcome = page.hello(&key, 1, 1, &[&call_id, &strange]).await;
    assert_eq!(welcome["calls"][0]["call_id"], json!(call_id), "{welcome}");
    assert_eq!(welcome["calls"][0]["state"], "established");
    assert_eq!(welcome["unknown_calls"], json!([strange]));
    assert_eq!(ring.read().await.unwrap().state, CallState::Established);
    server.stop().await;
}

#[tokio::test]
async fn a_page_that_comes_back_is_told_how_its_call_ended_meanwhile() {
    let server = Server::start().await;
    let mut bob = server.phone("bob").await;
    let key = server.session_key("alice").await;
    let call_id = uuid(0xc0);
    let mut page = server.raw().await;
    page.hello(&key, 1, 1, &[]).await;
    page.ask(&dial(2, &call_id, "bob")).await;
    page.cut();
    bob.expect("ringing").await.end().await.unwrap();

    let mut page = server.raw().await;
    let welcome = page.hello(&key, 1, 1, &[&call_id]).await;
    assert_eq!(welcome["calls"][0]["end_result"], "declined", "{welcome}");
    server.stop().await;
}

#[tokio::test]
async fn the_same_page_on_a_new_socket_takes_over_from_the_old_one() {
    let server = Server::start().await;
    let key = server.session_key("alice").await;
    let (mut old, mut new) = (server.raw().await, server.raw().await);
    old.hello(&key, 1, 1, &[]).await;
    assert_eq!(new.hello(&key, 1, 1, &[]).await["type"], "welcome");
    old.closes().await;
    let read = json!({"type": "read", "id": 9, "call_id": uuid(1)});
    assert_eq!(new.ask(&read).await["code"], 1_400_102, "the new one is served");
    server.stop().await;
}

#[tokio::test]
async fn a_second_tab_with_the_same_device_id_is_refused_while_the_first_is_there() {
    let server = Server::start().await;
    let key = server.session_key("alice").await;
    let (mut first, mut second) = (server.raw().await, server.raw().await);
    first.hello(&key, 1, 1, &[]).await;
    let refused = second.hello(&key, 1, 2, &[]).await;
    assert_eq!(
        (&refused["type"], &refused["id"], &refused["code"]),
        (&json!("refused"), &json!(1), &json!(1_400_900))
    );
    second.closes().await;
    let mut another = server.raw().await;
    assert_eq!(
        another.hello(&key, 2, 2, &[]).await["type"],
        "welcome",
        "with an id of its own it is a device"
    );
    let read = json!({"type": "read", "id": 9, "call_id": uuid(1)});
    assert_eq!(first.ask(&read).await["code"], 1_400_102, "the first is not disturbed");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_restarts_in_mid_call_loses_nothing() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let incoming = bob.expect("ringing").await;
    incoming.accept(true, true).await.unwrap();
    connect(&call, &incoming).await;
    alice.expect("dial received").await;
    alice.expect("established").await;
    alice.expect("connected").await;

    let server = server.restart().await;
    // The request waits for the socket, which comes back by itself.
    assert_eq!(call.read().await.unwrap().state, CallState::Connected);
    assert_eq!(alice.client.connection_state(), ConnectionState::Connected);
    call.end().await.unwrap();
    let over = incoming.ended().await.unwrap();
    assert_eq!(
        (over.end_result, over.ended_by),
        (Some(CallEndResult::Completed), Some(CallRole::Caller))
    );
    assert_eq!(
        over.call_id,
        alice.expect("ended").await.id(),
        "and this is the first that alice is told since"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_says_when_to_come_back() {
    let server = Server::start().await;
    let key = server.session_key("alice").await;
    let mut page = server.raw().await;
    page.hello(&key, 1, 1, &[]).await;
    let (drain, ()) = tokio::join!(
        async {
            let drain = page.hear().await;
            page.closes().await;
            drain
        },
        server.stop()
    );
    assert_eq!(drain["type"], "drain");
    assert!(drain["reconnect_after_ms"].as_u64().unwrap() <= 2_000, "{drain}");
}
