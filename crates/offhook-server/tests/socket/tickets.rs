//! Tickets of the relay: who gets one, and what for it may be named.

use offhook_store::ApplicationPatch;
use std::time::Duration;

use offhook_core::application::AccessTokenPermission;
use offhook_server::tickets::Lifetimes;
use serde_json::{Value, json};

use crate::server::raw::{dial, uuid};
use crate::server::{RawSocket, Server, raw};

const CALL: u8 = 0xca;

#[tokio::test]
async fn the_welcome_brings_a_ticket_with_stun_and_turn_over_both_transports() {
    let server = Server::start().await;
    let relay = server.node().relay().unwrap().addresses()[0];
    let (_, welcome) = welcomed(&server, "alice", 1).await;
    let configuration = &welcome["ice_configuration"];
    assert_eq!(configuration["ice_transport_policy"], "all");
    assert_eq!(
        configuration["ice_servers"][0],
        json!({"urls": [format!("stun:{relay}")]})
    );
    let turn = &configuration["ice_servers"][1];
    let urls = ["udp", "tcp"].map(|transport| format!("turn:{relay}?transport={transport}"));
    assert_eq!(turn["urls"], json!(urls));
    let (expiry, named) = turn["username"].as_str().unwrap().split_once(':').unwrap();
    assert_eq!(named, ticket(&welcome));
    let now = server.node().clock().now().as_millis() / 1000;
    let day = 24 * 60 * 60;
    assert!((now + day - 60..=now + day).contains(&expiry.parse::<u64>().unwrap()));
    let expires_in_ms = configuration["expires_in_ms"].as_u64().unwrap();
    assert!((day * 1000 - 60_000..=day * 1000).contains(&expires_in_ms));
    server.stop().await;
}

#[tokio::test]
async fn each_device_has_its_own_ticket_and_finds_it_again_on_its_next_socket() {
    let server = Server::start().await;
    let key = server.session_key("alice").await;
    let mut first = server.raw().await;
    let before = first.hello(&key, 1, 1, &[]).await;
    let mut other = server.raw().await;
    let others = other.hello(&key, 2, 2, &[]).await;
    first.cut();
    let mut again = server.raw().await;
    let after = again.hello(&key, 1, 1, &[]).await;
    assert_eq!(ticket(&before), ticket(&after));
    assert_ne!(ticket(&before), ticket(&others));
    // What tells the relay of which application they are.
    let tag = |welcome: &Value| ticket(welcome).split_once('.').unwrap().0.to_owned();
    assert_eq!(tag(&before), tag(&others));
    let elsewhere = server.create_application(AccessTokenPermission::ReadWrite).await;
    let key = raw::session_key(&server.address(), &elsewhere, "alice").await;
    let strangers = server.raw().await.hello(&key, 1, 1, &[]).await;
    assert_ne!(tag(&before), tag(&strangers));
    server.stop().await;
}

#[tokio::test]
async fn without_a_relay_there_is_neither_ticket_nor_expiry() {
    let server = Server::start_with(|mut config| {
        config.relay.listen.clear();
        config.stun_servers = vec!["stun:stun.example.org".to_owned()];
        config
    })
    .await;
    let (mut alice, welcome) = welcomed(&server, "alice", 1).await;
    let expected = json!({
        "ice_servers": [{"urls": ["stun:stun.example.org"]}],
        "ice_transport_policy": "all",
    });
    assert_eq!(welcome["ice_configuration"], expected);
    ring(&server, &mut alice).await;
    assert_eq!(named(&mut alice, CALL, "any").await, REFUSED);
    server.stop().await;
}

#[tokio::test]
async fn an_application_that_is_relay_only_says_so_at_once_to_those_who_are_there() {
    let server = Server::start().await;
    let (mut alice, welcome) = welcomed(&server, "alice", 1).await;
    assert_eq!(welcome["ice_configuration"]["ice_transport_policy"], "all");
    let store = server.node().store();
    store
        .update_application(
            server.app(),
            ApplicationPatch {
                is_relay_only: Some(true),
                ..ApplicationPatch::default()
            },
        )
        .await
        .unwrap();
    let user = store.user(server.app(), "alice").await.unwrap().unwrap();
    server.node().sessions_changed(server.app(), user.key).await.unwrap();
    let told = alice.hear().await;
    assert_eq!(told["type"], "ice_configuration");
    let configuration = &told["ice_configuration"];
    assert_eq!(configuration["ice_transport_policy"], "relay");
    assert_eq!(ticket(&told), ticket(&welcome));
    let servers = configuration["ice_servers"].as_array().unwrap();
    assert_eq!(servers.len(), 1, "no STUN: nobody wants to know the direct path");
    server.stop().await;
}

#[tokio::test]
async fn a_session_that_is_renewed_is_told_at_once_that_the_application_is_relay_only_now() {
    let server = Server::start().await;
    let (mut alice, welcome) = welcomed(&server, "alice", 1).await;
    // The socket's own first look is behind it.
    alice.ask(&json!({"type": "read", "id": 8, "call_id": uuid(1)})).await;
    let patch = ApplicationPatch {
        is_relay_only: Some(true),
        ..ApplicationPatch::default()
    };
    server
        .node()
        .store()
        .update_application(server.app(), patch)
        .await
        .unwrap();
    let new = server.session_token("alice").await;
    alice.say(&json!({"type": "renew", "id": 9, "access_token": new})).await;
    let told = alice.hear().await;
    assert_eq!(told["ice_configuration"]["ice_transport_policy"], "relay");
    assert_eq!(ticket(&told), ticket(&welcome));
    assert_eq!(alice.hear().await["type"], "renewed");
    server.stop().await;
}

#[tokio::test]
async fn a_ticket_that_is_named_is_followed_by_the_next() {
    let server = Server::start().await;
    let (mut alice, welcome) = welcomed(&server, "alice", 1).await;
    let first = ticket(&welcome);
    ring(&server, &mut alice).await;
    let next = named(&mut alice, CALL, &first).await;
    assert_ne!(next, first);
    assert_ne!(next, REFUSED);
    // Named again after a reconnect it is no news, and the next is still ahead.
    assert_eq!(named(&mut alice, CALL, &first).await, "");
    server.stop().await;
}

#[tokio::test]
async fn a_device_that_rings_names_a_ticket_before_it_accepts() {
    let server = Server::start().await;
    let (mut alice, _) = welcomed(&server, "alice", 1).await;
    let (mut bob, welcome) = welcomed(&server, "bob", 2).await;
    dialed(&mut alice, CALL).await;
    assert_eq!(bob.hear().await["type"], "call");
    let next = named(&mut bob, CALL, &ticket(&welcome)).await;
    assert_ne!(next, REFUSED);
    server.stop().await;
}

#[tokio::test]
async fn a_ticket_past_half_its_life_is_followed_by_the_next_and_may_still_be_named() {
    let lifetimes = Lifetimes {
        credential: Duration::from_secs(2),
        ..Lifetimes::default()
    };
    let server = Server::start_for(lifetimes, |config| config).await;
    let (mut alice, welcome) = welcomed(&server, "alice", 1).await;
    let told = alice.hear().await;
    assert_eq!(told["type"], "ice_configuration");
    assert_ne!(ticket(&told), ticket(&welcome));
    ring(&server, &mut alice).await;
    alice.say(&use_ticket(CALL, &ticket(&welcome))).await;
    let read = alice.ask(&read(CALL)).await;
    assert_eq!(read["type"], "reply");
    // Bound to this call, so for no other.
    dialed(&mut alice, 0xcb).await;
    assert_eq!(named(&mut alice, 0xcb, &ticket(&welcome)).await, REFUSED);
    server.stop().await;
}

#[tokio::test]
async fn nobody_else_may_name_a_ticket() {
    let server = Server::start().await;
    let (mut alice, welcome) = welcomed(&server, "alice", 1).await;
    let alices = ticket(&welcome);
    let (mut bob, _) = welcomed(&server, "bob", 2).await;
    dialed(&mut alice, CALL).await;
    assert_eq!(bob.hear().await["type"], "call");
    // The other party of the call itself.
    assert_eq!(named(&mut bob, CALL, &alices).await, REFUSED);
    // Another device of the same session, by a call of its own.
    let key = server.session_key("alice").await;
    let mut tablet = server.raw().await;
    tablet.hello(&key, 3, 3, &[]).await;
    dialed(&mut tablet, 0xcb).await;
    assert_eq!(named(&mut tablet, 0xcb, &alices).await, REFUSED);
    // Another tenant, with ids that are the same.
    let elsewhere = server.create_application(AccessTokenPermission::ReadWrite).await;
    for user in ["alice", "bob"] {
        raw::session_key(&server.address(), &elsewhere, user).await;
    }
    let key = raw::session_key(&server.address(), &elsewhere, "alice").await;
    let mut stranger = server.raw().await;
    stranger.hello(&key, 1, 1, &[]).await;
    dialed(&mut stranger, CALL).await;
    assert_eq!(named(&mut stranger, CALL, &alices).await, REFUSED);
    // Its owner may.
    assert_ne!(named(&mut alice, CALL, &alices).await, REFUSED);
    server.stop().await;
}

#[tokio::test]
async fn another_session_on_the_same_device_may_not_name_it_either() {
    let server = Server::start().await;
    let (alice, welcome) = welcomed(&server, "alice", 1).await;
    server.session_key("bob").await;
    alice.cut();
    let key = server.session_key("alice").await;
    let mut again = server.raw().await;
    let own = again.hello(&key, 1, 1, &[]).await;
    dialed(&mut again, CALL).await;
    assert_eq!(named(&mut again, CALL, &ticket(&welcome)).await, REFUSED);
    assert_ne!(named(&mut again, CALL, &ticket(&own)).await, REFUSED);
    server.stop().await;
}

#[tokio::test]
async fn a_ticket_serves_one_call_which_lives_and_in_which_its_device_has_a_part() {
    let server = Server::start().await;
    let (mut alice, welcome) = welcomed(&server, "alice", 1).await;
    let (mut carol, _) = welcomed(&server, "carol", 3).await;
    let first = ticket(&welcome);
    ring(&server, &mut alice).await;
    dialed(&mut carol, 0xcc).await;
    for call in [0xcc, 0xee] {
        assert_eq!(named(&mut alice, call, &first).await, REFUSED, "not hers, or none");
    }
    let next = named(&mut alice, CALL, &first).await;
    dialed(&mut alice, 0xcb).await;
    assert_eq!(named(&mut alice, 0xcb, &first).await, REFUSED, "another call");
    assert_eq!(named(&mut alice, CALL, &first).await, "", "its own");
    let ended = alice
        .ask(&json!({"type": "end", "id": 90, "call_id": uuid(CALL)}))
        .await;
    assert_eq!(ended["call"]["state"], "ended");
    assert_eq!(named(&mut alice, CALL, &first).await, REFUSED, "an ended call");
    assert_eq!(named(&mut alice, CALL, &next).await, REFUSED, "an ended call");
    assert_ne!(
        named(&mut alice, 0xcb, &next).await,
        REFUSED,
        "it was not spoilt by that"
    );
    server.stop().await;
}

/// What [`named`] says of a ticket that was refused.
const REFUSED: &str = "refused";

/// A device of a user, and the welcome it got.
async fn welcomed(server: &Server, user_id: &str, device: u8) -> (RawSocket, Value) {
    let key = server.session_key(user_id).await;
    let mut socket = server.raw().await;
    let welcome = socket.hello(&key, device, device, &[]).await;
    assert_eq!(welcome["type"], "welcome");
    (socket, welcome)
}

/// Dials Bob, who exists.
async fn ring(server: &Server, caller: &mut RawSocket) {
    server.session_key("bob").await;
    dialed(caller, CALL).await;
}

async fn dialed(caller: &mut RawSocket, call: u8) {
    let reply = caller.ask(&dial(u32::from(call), &uuid(call), "bob")).await;
    assert_eq!(reply["type"], "reply", "{reply}");
}

/// Names a ticket for a call: the next ticket, nothing where none follows, or [`REFUSED`].
async fn named(socket: &mut RawSocket, call: u8, ticket: &str) -> String {
    socket.say(&use_ticket(call, ticket)).await;
    // Requests are carried out in order: whatever comes of the ticket comes before this is refused.
    socket.say(&read(0xff)).await;
    let mut outcome = String::new();
    loop {
        let message = socket.hear().await;
        match (message["type"].as_str().unwrap(), message["code"].as_u64()) {
            ("ice_configuration", _) => outcome = self::ticket(&message),
            ("refused", Some(1_400_902)) => outcome = REFUSED.to_owned(),
            ("refused", Some(1_400_102)) => return outcome,
            ("call", _) => {}
            _ => panic!("{message}"),
        }
    }
}

fn use_ticket(call: u8, ticket: &str) -> Value {
    json!({"type": "use_ticket", "call_id": uuid(call), "ticket": ticket})
}

fn read(call: u8) -> Value {
    json!({"type": "read", "id": 99, "call_id": uuid(call)})
}

fn ticket(message: &Value) -> String {
    message["ice_configuration"]["ticket"].as_str().unwrap().to_owned()
}
