//! Doorbells are what makes news quick; where one is lost, the store is looked at after a while.

use std::time::Duration;

use offhook_client::DialParams;
use offhook_core::application::AccessTokenPermission;
use offhook_core::call::{Input, Link, Role, Stage};
use offhook_core::id::CallId;
use offhook_proto::call::CallEndResult;
use offhook_server::bus::Doorbell;
use offhook_store::{Actor, ApplicationPatch};
use serde_json::json;

use crate::server::phone::connect;
use crate::server::{PATIENCE, Server, raw};

#[tokio::test]
async fn news_is_told_sooner_than_the_store_is_looked_at() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    bob.expect("ringing").await.accept(true, true).await.unwrap();
    bob.expect("established").await;
    let exchanges = async {
        for number in 0..20 {
            let is_on = number % 2 == 0;
            call.set_media(is_on, false).await.unwrap();
            let seen = bob.expect("party media").await.snapshot();
            assert_eq!(seen.caller.media.audio_enabled, is_on);
        }
    };
    // Looked for once a second, they would take twice as long.
    let in_time = tokio::time::timeout(Duration::from_secs(10), exchanges).await;
    in_time.expect("the doorbell rings");
    server.stop().await;
}

#[tokio::test]
async fn a_change_whose_doorbell_is_lost_is_told_all_the_same() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    bob.expect("ringing").await;
    alice.expect("dial received").await;
    let later = server.node().clock().now() + Duration::from_secs(3600);
    let store = server.node().store();
    let expired = store.apply(server.app(), call.id(), Actor::System, Input::Expire, later);
    assert!(expired.await.unwrap().is_change());
    for phone in [&mut alice, &mut bob] {
        assert_eq!(phone.expect("ended").await.end_result(), Some(CallEndResult::NoAnswer));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_change_that_was_told_of_is_not_told_of_again() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    bob.expect("ringing").await;
    alice.expect("dial received").await;
    let told = server.node().store().call(server.app(), call.id()).await.unwrap();
    let mut doorbells = server.node().bus().subscribe(told.unwrap().callee.user);
    // Twice in that time the store is looked at.
    let rung = tokio::time::timeout(Duration::from_millis(2500), doorbells.next()).await;
    assert!(rung.is_err(), "{rung:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_revocation_whose_doorbell_is_lost_closes_the_socket_all_the_same() {
    let server = Server::start().await;
    let token = server.session_token("bob").await;
    let mut bob = server.device(&server.app_id);
    bob.client.authenticate("bob", Some(&token)).await.unwrap();
    bob.client.connect().await.unwrap();
    // Every socket looks once as it begins: the second answer comes after that.
    for _ in 0..2 {
        let refused = bob.client.dial(DialParams::audio("nobody")).await.unwrap_err();
        assert_eq!(refused.code(), 1_400_103);
    }
    let store = server.node().store();
    store.revoke_session_tokens(server.app(), "bob").await.unwrap();
    assert_eq!(bob.session_closed_at_last().await, 400_309);
    server.stop().await;
}

#[tokio::test]
async fn an_application_that_is_new_and_takes_the_relay_only_is_noticed_all_the_same() {
    let server = Server::start().await;
    let store = server.node().store();
    let app_id = server.create_application(AccessTokenPermission::ReadWrite).await;
    let key = raw::session_key(&server.address(), &app_id, "alice").await;
    let mut alice = server.raw().await;
    let welcome = alice.hello(&key, 1, 1, &[]).await;
    assert_eq!(welcome["ice_configuration"]["ice_transport_policy"], "all");
    // The socket's own first look is behind it.
    alice
        .ask(&json!({"type": "read", "id": 9, "call_id": raw::uuid(1)}))
        .await;
    let application = store
        .application_by_id(&app_id.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let patch = ApplicationPatch {
        is_relay_only: Some(true),
        ..ApplicationPatch::default()
    };
    store.update_application(application.key, patch).await.unwrap();
    let told = alice.hear().await;
    assert_eq!(told["ice_configuration"]["ice_transport_policy"], "relay");
    server.stop().await;
}

#[tokio::test]
async fn after_an_outage_the_devices_that_are_still_there_say_so() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let incoming = bob.expect("ringing").await;
    incoming.accept(true, true).await.unwrap();
    connect(&call, &incoming).await;
    let now = server.node().clock().now();
    server.node().store().resume_all(now, now).await.unwrap();
    assert_eq!(are_present(&server, call.id()).await, [false, false]);

    server.node().bus().ring_all(&Doorbell::Resumed);
    let both_say_so = async {
        while are_present(&server, call.id()).await != [true, true] {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, both_say_so).await;
    in_time.expect("both are here");
    server.stop().await;
}

/// Whether the caller and the callee are in reach, as far as the store knows.
async fn are_present(server: &Server, call_id: CallId) -> [bool; 2] {
    let call = server.node().store().call(server.app(), call_id).await.unwrap();
    let Stage::Talking(talk) = call.unwrap().stage else {
        panic!("the call is not established");
    };
    [Role::Caller, Role::Callee].map(|role| talk.leg(role).link == Link::Present)
}
