//! What becomes of sockets and calls when their session ends.

use offhook_client::{CallLogQuery, ConnectionState, DialParams};
use offhook_core::application::AccessTokenPermission;
use offhook_proto::call::{CallEndResult, CallRole, CallState};
use offhook_server::bus::Doorbell;
use offhook_store::ApplicationPatch;
use offhook_store::UserPatch;

use crate::server::Server;
use crate::server::phone::wait_for;

#[tokio::test]
async fn a_revoked_session_token_closes_the_sockets_that_came_from_it_and_ends_their_calls() {
    let server = Server::start().await;
    let token = server.session_token("bob").await;
    let mut alice = server.phone("alice").await;
    let mut bob = server.device(&server.app_id);
    bob.client.authenticate("bob", Some(&token)).await.unwrap();
    bob.client.connect().await.unwrap();
    alice.dial("bob").await;
    bob.expect("ringing").await.accept(true, true).await.unwrap();
    alice.expect("dial received").await;
    alice.expect("established").await;

    let store = server.node().store();
    let user = store.revoke_session_tokens(server.app(), "bob").await.unwrap();
    server.node().sessions_changed(server.app(), user.key).await.unwrap();
    assert_eq!(bob.session_closed().await, 400_309);
    let over = alice.expect("ended").await.snapshot();
    assert_eq!(
        (over.end_result, over.ended_by),
        (Some(CallEndResult::NotConnected), Some(CallRole::Callee))
    );
    assert_eq!(bob.client.connection_state(), ConnectionState::Disconnected);
    // The key is worth nothing any more, nor is the token.
    assert_eq!(bob.client.connect().await.unwrap_err().code(), 1_800_303);
    assert_eq!(
        bob.client.authenticate("bob", Some(&token)).await.unwrap_err().code(),
        400_309
    );
    server.stop().await;
}

#[tokio::test]
async fn a_revocation_ends_the_call_of_a_device_that_is_away() {
    let server = Server::start().await;
    let mut alice = server.phone("alice").await;
    let token = server.session_token("bob").await;
    let mut bob = server.device(&server.app_id);
    bob.client.authenticate("bob", Some(&token)).await.unwrap();
    bob.client.connect().await.unwrap();
    alice.dial("bob").await;
    bob.expect("ringing").await.accept(true, true).await.unwrap();
    alice.expect("dial received").await;
    alice.expect("established").await;
    drop(bob);

    let store = server.node().store();
    let user = store.revoke_session_tokens(server.app(), "bob").await.unwrap();
    server.node().sessions_changed(server.app(), user.key).await.unwrap();
    assert_eq!(alice.expect("ended").await.snapshot().ended_by, Some(CallRole::Callee));
    server.stop().await;
}

#[tokio::test]
async fn a_revocation_leaves_other_users_alone() {
    let server = Server::start().await;
    let (token, other_token) = (server.session_token("bob").await, server.session_token("carol").await);
    let (mut bob, carol) = (server.device(&server.app_id), server.device(&server.app_id));
    bob.client.authenticate("bob", Some(&token)).await.unwrap();
    carol.client.authenticate("carol", Some(&other_token)).await.unwrap();
    bob.client.connect().await.unwrap();
    carol.client.connect().await.unwrap();
    let user = server
        .node()
        .store()
        .revoke_session_tokens(server.app(), "bob")
        .await
        .unwrap();
    server.node().sessions_changed(server.app(), user.key).await.unwrap();
    bob.session_closed().await;
    assert_eq!(carol.client.connection_state(), ConnectionState::Connected);
    carol.client.call_log(CallLogQuery::default()).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_session_token_is_renewed_over_the_socket_without_a_dropped_call() {
    let server = Server::start().await;
    let token = server.session_token("bob").await;
    let (alice, mut bob) = (server.phone("alice").await, server.device(&server.app_id));
    bob.client.authenticate("bob", Some(&token)).await.unwrap();
    bob.client.connect().await.unwrap();
    let call = alice.dial("bob").await;
    let ring = bob.expect("ringing").await;
    ring.accept(true, true).await.unwrap();
    bob.expect("established").await;
    assert_eq!(bob.client.renew("rubbish").await.unwrap_err().code(), 400_302);
    let others = server.session_token("alice").await;
    assert_eq!(
        bob.client.renew(&others).await.unwrap_err().code(),
        400_302,
        "of another user"
    );
    let new = server.session_token("bob").await;
    bob.client.renew(&new).await.unwrap();
    assert_eq!(call.read().await.unwrap().state, CallState::Established);
    server.stop().await;
}

#[tokio::test]
async fn signing_out_ends_the_calls_and_deletes_the_session() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    bob.expect("ringing").await;
    alice.client.deauthenticate().await.unwrap();
    assert_eq!(alice.expect("ended").await.end_result(), Some(CallEndResult::Canceled));
    let over = bob.expect("ended").await.snapshot();
    assert_eq!(
        (over.end_result, over.ended_by),
        (Some(CallEndResult::Canceled), Some(CallRole::Caller))
    );
    assert_eq!(alice.client.connect().await.unwrap_err().code(), 1_800_303);
    assert_eq!(call.end().await.unwrap_err().code(), 1_800_303, "the call is forgotten");
    server.stop().await;
}

#[tokio::test]
async fn signing_out_on_one_device_that_rings_does_not_decline_for_the_others() {
    let server = Server::start().await;
    let (alice, mut one, mut other) = (
        server.phone("alice").await,
        server.phone("bob").await,
        server.phone("bob").await,
    );
    let call = alice.dial("bob").await;
    one.expect("ringing").await;
    let ring = other.expect("ringing").await;
    one.client.deauthenticate().await.unwrap();
    ring.accept(true, true).await.unwrap();
    wait_for(&call, |call| call.state == CallState::Established).await;
    server.stop().await;
}

#[tokio::test]
async fn a_second_sign_in_that_fails_leaves_the_first_and_one_that_succeeds_replaces_it() {
    let server = Server::start().await;
    let strict = server.create_application(AccessTokenPermission::Deny).await;
    let phone = server.phone("alice").await;
    let wrong = phone.client.authenticate("alice", Some("wrong")).await.unwrap_err();
    assert_eq!(wrong.code(), 400_302);
    assert_eq!(phone.client.connection_state(), ConnectionState::Connected);
    phone.client.call_log(CallLogQuery::default()).await.unwrap();

    phone.client.authenticate("carol", None).await.unwrap();
    phone.client.connect().await.unwrap();
    let mut bob = server.phone("bob").await;
    phone.dial("bob").await;
    assert_eq!(bob.expect("ringing").await.snapshot().caller.user_id, "carol");

    let nobody = server
        .device(&strict)
        .client
        .authenticate("alice", None)
        .await
        .unwrap_err();
    assert_eq!(nobody.code(), 400_301);
    let unknown = server
        .device("no-such-app")
        .client
        .authenticate("alice", None)
        .await
        .unwrap_err();
    assert_eq!(unknown.code(), 400_304);
    server.stop().await;
}

#[tokio::test]
async fn of_many_sessions_of_a_user_the_oldest_is_closed() {
    let server = Server::start().await;
    let mut oldest = server.phone("alice").await;
    for _ in 0..20 {
        server.session_key("alice").await;
    }
    assert_eq!(oldest.session_closed().await, 400_303);
    server.stop().await;
}

#[tokio::test]
async fn when_a_session_token_runs_out_live_calls_go_on_nothing_new_begins_and_the_last_end_closes() {
    let server = Server::start().await;
    let token = server.session_token("bob").await;
    let (alice, mut bob) = (server.phone("alice").await, server.device(&server.app_id));
    bob.client.authenticate("bob", Some(&token)).await.unwrap();
    bob.client.connect().await.unwrap();
    let call = alice.dial("bob").await;
    let ring = bob.expect("ringing").await;
    ring.accept(true, true).await.unwrap();
    bob.expect("established").await;

    server.expire_session_tokens("bob").await;
    // Another sign-in of the same user does not sweep what a call still needs.
    let another = server.session_token("bob").await;
    let second = server.device(&server.app_id);
    second.client.authenticate("bob", Some(&another)).await.unwrap();
    ring.set_media(false, false).await.unwrap();
    let refused = bob.client.dial(DialParams::audio("alice")).await.unwrap_err();
    assert_eq!(refused.code(), 400_309);
    assert_eq!(call.read().await.unwrap().state, CallState::Established);

    call.end().await.unwrap();
    bob.expect("ended").await;
    assert_eq!(bob.session_closed().await, 400_309);
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_has_run_out_opens_nothing() {
    let server = Server::start().await;
    let token = server.session_token("bob").await;
    let bob = server.device(&server.app_id);
    bob.client.authenticate("bob", Some(&token)).await.unwrap();
    server.expire_session_tokens("bob").await;
    assert_eq!(bob.client.connect().await.unwrap_err().code(), 400_309);
    server.stop().await;
}

#[tokio::test]
async fn a_session_that_is_over_is_handed_no_ticket_any_more() {
    let server = Server::start().await;
    let store = server.node().store();
    let key = server.session_key("bob").await;
    let bob = store.user(server.app(), "bob").await.unwrap().unwrap();
    // A ticket is due, since the application's setting is another: while the session holds, the device gets it.
    for (is_relay_only, is_active, expected) in [(true, true, "ice_configuration"), (false, false, "session_closed")] {
        let mut socket = server.raw().await;
        assert_eq!(socket.hello(&key, 1, 1, &[]).await["type"], "welcome");
        // The first look of a socket at its session is behind it.
        let nothing = serde_json::json!({"type": "read", "id": 9, "call_id": crate::server::raw::uuid(1)});
        socket.ask(&nothing).await;
        store
            .update_application(
                server.app(),
                ApplicationPatch {
                    is_relay_only: Some(is_relay_only),
                    ..ApplicationPatch::default()
                },
            )
            .await
            .unwrap();
        let patch = UserPatch {
            is_active: Some(is_active),
            ..UserPatch::default()
        };
        store.update_user(server.app(), "bob", patch).await.unwrap();
        server.node().bus().ring(bob.key, Doorbell::Sessions);
        assert_eq!(socket.hear().await["type"], expected);
        socket.cut();
    }
    server.stop().await;
}
