//! What no client would say gets a documented answer, and changes nothing.

use offhook_store::UserPatch;
use std::time::Duration;

use offhook_client::CallLogQuery;
use offhook_core::application::AccessTokenPermission;
use offhook_proto::call::CallState;
use offhook_proto::socket::{MAX_FRAME_BYTES, MAX_HELLO_BYTES, MAX_KNOWN_CALLS};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::server::raw::{dial, hello, uuid};
use crate::server::{RawSocket, Server};

#[tokio::test]
async fn words_that_are_no_message_are_refused_and_the_socket_goes_on() {
    let server = Server::start().await;
    let mut page = connected(&server, "alice").await;
    let table = [
        ("", Value::Null),
        ("{", Value::Null),
        ("null", Value::Null),
        ("[]", Value::Null),
        ("\u{0}", Value::Null),
        (r#"{"type":"fireworks","id":7}"#, json!(7)),
        (r#"{"type":"read","id":8}"#, json!(8)),
        (r#"{"type":"read","id":9,"call_id":"rubbish"}"#, json!(9)),
        (
            r#"{"type":"read","type":"end","id":10,"call_id":"00000000-0000-4000-8000-000000000001"}"#,
            json!(10),
        ),
        (
            r#"{"type":"read","id":"eleven","call_id":"00000000-0000-4000-8000-000000000001"}"#,
            Value::Null,
        ),
    ];
    for (text, id) in table {
        page.say_text(text).await;
        let refused = page.hear().await;
        assert_eq!(
            (&refused["type"], &refused["id"]),
            (&json!("refused"), &id),
            "{text}: {refused}"
        );
        assert!(refused["code"].as_u64().unwrap() >= 400_100, "{refused}");
        assert!(!refused["message"].as_str().unwrap().is_empty());
    }
    page.send(Message::binary(vec![0, 159, 146, 150])).await.unwrap();
    assert_eq!(page.hear().await["type"], "refused", "a binary frame");
    is_served(&mut page).await;
    server.stop().await;
}

#[tokio::test]
async fn nothing_is_said_before_hello() {
    let server = Server::start().await;
    let first_words = [
        dial(1, &uuid(0xc0), "bob").to_string(),
        json!({"type": "read", "id": 1, "call_id": uuid(1)}).to_string(),
        "rubbish".to_owned(),
        String::new(),
    ];
    for words in first_words {
        let mut page = server.raw().await;
        page.say_text(&words).await;
        assert_eq!(page.hear().await["type"], "refused", "{words}");
        page.closes().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_hello_is_held_to_its_limits() {
    let server = Server::start().await;
    let key = server.session_key("alice").await;
    let many: Vec<_> = (0..=MAX_KNOWN_CALLS)
        .map(|number| uuid(u8::try_from(number).unwrap()))
        .collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let mut long = hello(&key, 1, 1, &[]);
    long["filler"] = json!("x".repeat(MAX_HELLO_BYTES));
    let mut foreign = hello(&key, 1, 1, &[]);
    foreign["protocol"] = json!(offhook_proto::PROTOCOL + 1);
    let table = [
        (hello(&key, 1, 1, &many), 400_203),
        (long, 400_110),
        (foreign, 1_400_901),
        (hello("rubbish", 1, 1, &[]), 400_303),
        (hello("", 1, 1, &[]), 400_303),
        (hello(&key.to_uppercase(), 1, 1, &[]), 400_303),
    ];
    for (message, code) in table {
        let mut page = server.raw().await;
        page.say(&message).await;
        let refused = page.hear().await;
        assert_eq!(
            (&refused["type"], &refused["code"]),
            (&json!("refused"), &json!(code)),
            "{refused}"
        );
        page.closes().await;
    }
    let mut page = server.raw().await;
    let most = many.get(1..).unwrap();
    assert_eq!(
        page.hello(&key, 1, 1, most).await["type"],
        "welcome",
        "the twin that is fine"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_socket_that_says_nothing_is_closed() {
    let server = Server::start().await;
    let mut silent = server.raw().await;
    let mut page = connected(&server, "alice").await;
    // From here on, time passes as soon as nothing else happens.
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    silent.closes().await;
    let waited = started.elapsed();
    assert!(
        waited >= Duration::from_secs(4) && waited < Duration::from_secs(10),
        "{waited:?}"
    );
    tokio::time::resume();
    is_served(&mut page).await;
    server.stop().await;
}

#[tokio::test]
async fn a_frame_beyond_the_limit_closes_the_socket_and_one_at_the_limit_is_read() {
    let server = Server::start().await;
    let mut page = connected(&server, "alice").await;
    let padded = |bytes: usize| {
        let text = json!({"type": "read", "id": 5, "call_id": uuid(1)}).to_string();
        format!("{text}{}", " ".repeat(bytes - text.len()))
    };
    page.say_text(&padded(MAX_FRAME_BYTES)).await;
    assert_eq!(page.hear().await["code"], 1_400_102);
    // The server may close before all of it is sent.
    _ = page.send(Message::text(padded(MAX_FRAME_BYTES + 1))).await;
    page.closes().await;
    server.stop().await;
}

#[tokio::test]
async fn a_flood_is_refused_and_then_cut_and_nobody_else_notices() {
    let server = Server::start().await;
    let mut other = connected(&server, "bob").await;
    let read = json!({"type": "read", "id": 5, "call_id": uuid(1)});
    for words in [
        Message::text(read.to_string()),
        Message::text("rubbish"),
        Message::binary(vec![0; 100]),
        Message::Ping(tungstenite::Bytes::new()),
    ] {
        let mut flooder = connected(&server, "alice").await;
        let mut refused = false;
        // The server cuts long before this ends.
        for _ in 0..5000 {
            if flooder.send(words.clone()).await.is_err() {
                break;
            }
        }
        while let Some(answer) = flooder.next().await {
            refused |= answer["code"] == 429_100;
        }
        assert!(refused, "it was told first: {words:?}");
    }
    is_served(&mut other).await;
    server.stop().await;
}

#[tokio::test]
async fn too_many_sockets_that_have_not_said_hello_are_not_let_in() {
    let server = Server::start_with(|config| offhook_server::config::Config {
        max_unauthenticated_sockets: 3,
        ..config
    })
    .await;
    let key = server.session_key("alice").await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(server.raw().await);
    }
    let refused = RawSocket::open(&server.address()).await.err().expect("let in");
    let tungstenite::Error::Http(answer) = refused else {
        panic!("{refused}");
    };
    assert_eq!(answer.status(), 429);
    let body: Value = serde_json::from_slice(answer.body().as_deref().unwrap()).unwrap();
    assert_eq!(body["code"], 400_500);
    // One that says who it is makes room.
    assert_eq!(waiting[0].hello(&key, 1, 1, &[]).await["type"], "welcome");
    waiting.push(server.raw().await);
    drop(waiting);
    server.stop().await;
}

#[tokio::test]
async fn another_users_call_and_another_applications_call_do_not_exist() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    bob.expect("ringing").await;
    let mut mallory = connected(&server, "mallory").await;
    let other_app = server.create_application(AccessTokenPermission::ReadWrite).await;
    // Of the same name, in another application.
    let namesake = server.phone_in(&other_app, "bob").await;
    let mut namesake_raw = server.raw().await;
    let key = crate::server::raw::session_key(&server.address(), &other_app, "bob").await;
    namesake_raw.hello(&key, 3, 3, &[]).await;
    for (index, socket) in [&mut mallory, &mut namesake_raw].into_iter().enumerate() {
        let call_id = call.id();
        let media = json!({"audio_enabled": true, "video_enabled": true, "revision": 9});
        let attempts = [
            json!({"type": "read", "id": 10, "call_id": call_id}),
            json!({"type": "accept", "id": 11, "call_id": call_id, "media": media}),
            json!({"type": "end", "id": 12, "call_id": call_id}),
            json!({"type": "ringing", "id": 13, "call_id": call_id}),
            json!({"type": "report", "id": 14, "call_id": call_id, "media": "connected"}),
            json!({"type": "set_media", "id": 15, "call_id": call_id, "media": media}),
        ];
        for attempt in attempts {
            assert_eq!(socket.ask(&attempt).await["code"], 1_400_102, "{index}: {attempt}");
        }
    }
    assert_eq!(call.read().await.unwrap().state, CallState::Ringing);
    assert!(namesake.client.ongoing_calls().is_empty());
    assert!(
        namesake
            .client
            .call_log(CallLogQuery::default())
            .await
            .unwrap()
            .calls
            .is_empty()
    );
    server.stop().await;
}

#[tokio::test]
async fn a_known_call_of_others_is_unknown_at_hello() {
    let server = Server::start().await;
    let (alice, _bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let key = server.session_key("mallory").await;
    let mut mallory = server.raw().await;
    let welcome = mallory.hello(&key, 4, 4, &[&call.id().to_string()]).await;
    assert_eq!(welcome["unknown_calls"], json!([call.id()]));
    assert_eq!(welcome["calls"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn a_dial_that_is_replayed_gives_the_same_call_and_another_sessions_is_refused() {
    let server = Server::start().await;
    let mut bob = server.phone("bob").await;
    let mut alice = connected(&server, "alice").await;
    let request = dial(2, &uuid(0xc0), "bob");
    let first = alice.ask(&request).await;
    let second = alice.ask(&request).await;
    assert_eq!(first["call"]["started_at"], second["call"]["started_at"]);
    assert_eq!(
        (&second["type"], &second["call"]["state"]),
        (&json!("reply"), &json!("ringing"))
    );
    let mut mallory = connected(&server, "mallory").await;
    let refused = mallory.ask(&request).await;
    assert_eq!(
        (&refused["type"], &refused["code"]),
        (&json!("refused"), &json!(400_202)),
        "{refused}"
    );
    bob.expect("ringing").await;
    assert_eq!(bob.client.ongoing_calls().len(), 1, "one call rings");
    server.stop().await;
}

#[tokio::test]
async fn strange_user_ids_and_items_are_carried_or_refused_but_never_mangled() {
    let server = Server::start().await;
    let mut alice = connected(&server, "alice").await;
    let strange = [
        "Ünïcødé",
        "日本語",
        "👩‍👩‍👧",
        "a b/c?d=e&f#g%00",
        "\u{202e}abc",
        "'; drop table call; --",
        "\"\\\n\t",
    ];
    for (index, user_id) in strange.into_iter().enumerate() {
        let id = u8::try_from(index).unwrap();
        let request = dial(100 + u32::from(id), &uuid(0x40 + id), user_id);
        assert_eq!(
            alice.ask(&request).await["code"],
            1_400_103,
            "{user_id:?} is nobody yet"
        );
    }
    let mut callee = server.phone("日本語 👩‍👩‍👧").await;
    let mut request = dial(200, &uuid(0x60), "日本語 👩‍👩‍👧");
    request["custom_items"] = json!({"ключ": "🎈\u{7}\n"});
    assert_eq!(alice.ask(&request).await["type"], "reply");
    let seen = callee.expect("ringing").await.snapshot();
    assert_eq!(seen.callee.user_id, "日本語 👩‍👩‍👧");
    assert_eq!(seen.custom_items["ключ"], "🎈\u{7}\n");
    for (id, items) in [
        (201, json!({"": "x"})),
        (202, json!({"a,b": "x"})),
        (203, json!({"k": "x".repeat(129)})),
    ] {
        let mut request = dial(id, &uuid(0x61), "日本語 👩‍👩‍👧");
        request["custom_items"] = items;
        assert_eq!(alice.ask(&request).await["code"], 400_111);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_hello_that_is_refused_changes_no_call() {
    let server = Server::start().await;
    let _callee = server.phone("bob").await;
    let key = server.session_key("alice").await;
    let mut page = server.raw().await;
    page.hello(&key, 1, 1, &[]).await;
    assert_eq!(page.ask(&dial(2, &uuid(0x70), "bob")).await["type"], "reply");
    page.cut();
    let store = server.node().store();
    let deactivated = UserPatch {
        is_active: Some(false),
        ..UserPatch::default()
    };
    store.update_user(server.app(), "alice", deactivated).await.unwrap();

    // The device that carries the call comes back without knowing it: it would have left.
    let mut page = server.raw().await;
    assert_eq!(page.hello(&key, 1, 2, &[]).await["code"], 400_300);
    let call = store.call(server.app(), uuid(0x70).parse().unwrap()).await.unwrap();
    assert!(!call.unwrap().is_ended());
    server.stop().await;
}

#[tokio::test]
async fn a_key_whose_session_was_deleted_opens_nothing() {
    let server = Server::start().await;
    let key = server.session_key("alice").await;
    let mut page = server.raw().await;
    page.hello(&key, 1, 1, &[]).await;
    let user = server
        .node()
        .store()
        .user(server.app(), "alice")
        .await
        .unwrap()
        .unwrap();
    for session in server.node().store().sessions_of(user.key).await.unwrap() {
        server.node().store().delete_session(session.id).await.unwrap();
    }
    server.node().sessions_changed(server.app(), user.key).await.unwrap();
    let closed = page.hear().await;
    assert_eq!(
        (&closed["type"], &closed["code"]),
        (&json!("session_closed"), &json!(400_303))
    );
    page.closes().await;
    let mut page = server.raw().await;
    assert_eq!(page.hello(&key, 1, 1, &[]).await["code"], 400_303);
    server.stop().await;
}

/// A socket of a user's device that has been welcomed.
async fn connected(server: &Server, user_id: &str) -> RawSocket {
    let key = server.session_key(user_id).await;
    let mut socket = server.raw().await;
    let welcome = socket.hello(&key, 1, 1, &[]).await;
    assert_eq!(welcome["type"], "welcome", "{welcome}");
    socket
}

async fn is_served(socket: &mut RawSocket) {
    let read = json!({"type": "read", "id": 99, "call_id": uuid(1)});
    assert_eq!(socket.ask(&read).await["code"], 1_400_102);
}
