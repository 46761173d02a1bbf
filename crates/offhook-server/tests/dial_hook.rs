//! The dial hook, as an application's server answers it and as callers see it.

use std::time::Duration;

use offhook_server::{credential, dial_hook, secret};
use offhook_store::{ApplicationPatch, DialHook};
use serde_json::{Value, json};

use crate::receiver::{Receiver, Reply};
use crate::server::raw::{dial, uuid};
use crate::server::{RawSocket, Server};

/// Far above what an answer takes, so that a busy machine fails no test.
const LONG: Duration = Duration::from_secs(8);
const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_call_that_the_application_allows_rings_and_is_asked_about_once() {
    let mut receiver = Receiver::answering(|_, _| answer(200, r#"{"allow": true, "message": "ignored"}"#)).await;
    let server = server_asking(&receiver, LONG, false).await;
    let (mut alice, mut bob) = (device(&server, "alice", 1).await, device(&server, "bob", 2).await);
    let mut asked = dial(50, &uuid(9), "bob");
    asked["custom_items"] = json!({"ticket": "7"});
    assert_eq!(alice.ask(&asked).await["type"], "reply");
    assert_eq!(bob.hear().await["call"]["call_id"], uuid(9));
    let question = receiver.next().await;
    let body: Value = serde_json::from_slice(&question.body).unwrap();
    let expected = json!({
        "application_id": server.app_id, "call_id": uuid(9), "caller_id": "alice", "callee_id": "bob",
        "is_video_call": false, "custom_items": {"ticket": "7"},
    });
    assert_eq!(body, expected);
    let token = credential::api_token(server.node().store(), server.node().key(), server.app()).await;
    assert_eq!(
        question.headers["x-sendbird-signature"],
        mac(&token.unwrap(), &question.body)
    );
    assert!(question.headers.contains_key("x-offhook-signature"));

    // A dial that is repeated since its answer was lost is the call that is there.
    assert_eq!(alice.ask(&asked).await["type"], "reply");
    assert!(receiver.is_idle());
    server.stop().await;
}

#[tokio::test]
async fn a_call_that_the_application_denies_is_not_made_and_its_message_is_shown() {
    let receiver = Receiver::answering(|number, _| match number {
        0 => answer(200, r#"{"allow": false, "message": "Ben is\n on holiday."}"#),
        _ => answer(200, r#"{"allow": false}"#),
    })
    .await;
    let server = server_asking(&receiver, LONG, true).await;
    let mut alice = ringing(&server).await;
    for (number, message) in [
        (8, "Ben is on holiday."),
        (9, "The application does not allow this call."),
    ] {
        let refused = alice.ask(&dial(50, &uuid(number), "bob")).await;
        assert_eq!(
            (&refused["type"], &refused["code"]),
            (&json!("refused"), &json!(1_400_105))
        );
        assert_eq!(refused["message"], message);
        assert_eq!(
            server
                .node()
                .store()
                .call(server.app(), uuid(number).parse().unwrap())
                .await
                .unwrap(),
            None
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn where_there_is_no_answer_the_setting_counts() {
    let elsewhere = Receiver::start().await;
    let to = elsewhere.url("/");
    let receiver = Receiver::answering(move |number, _| match number % 5 {
        0 => answer(200, "allow"),
        1 => answer(200, r#"{"allow": "yes"}"#),
        2 => answer(500, r#"{"allow": true}"#),
        3 => Reply::Redirect(to.clone()),
        _ => answer(204, ""),
    })
    .await;
    let server = server_asking(&receiver, LONG, false).await;
    let mut alice = ringing(&server).await;
    for number in 0..5 {
        let refused = alice.ask(&dial(50, &uuid(number), "bob")).await;
        assert_eq!(refused["code"], 1_400_105, "{number}: {refused}");
    }
    set_hook(&server, &receiver, LONG, true).await;
    for number in 0..5 {
        let allowed = alice.ask(&dial(50, &uuid(number), "bob")).await;
        assert_eq!(allowed["type"], "reply", "{number}: {allowed}");
        alice
            .ask(&json!({"type": "end", "id": 60, "call_id": uuid(number)}))
            .await;
    }
    server
        .counted("offhook_dial_hooks_total{outcome=\"failed\"}", 10.0)
        .await;
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_hangs_is_waited_for_so_long_and_no_longer() {
    let receiver = Receiver::answering(|_, _| Reply::Silence).await;
    let server = server_asking(&receiver, SHORT, false).await;
    let mut alice = ringing(&server).await;
    assert_eq!(alice.ask(&dial(50, &uuid(8), "bob")).await["code"], 1_400_105);
    set_hook(&server, &receiver, SHORT, true).await;
    assert_eq!(alice.ask(&dial(50, &uuid(9), "bob")).await["type"], "reply");
    server.stop().await;
}

#[tokio::test]
async fn while_a_dial_waits_the_device_is_answered_and_few_wait_at_once() {
    let mut receiver = Receiver::answering(|_, _| Reply::Silence).await;
    let server = server_asking(&receiver, LONG, false).await;
    let mut alice = ringing(&server).await;
    for number in 0..4 {
        alice.say(&dial(50 + u32::from(number), &uuid(number), "bob")).await;
    }
    let refused = alice.ask(&dial(60, &uuid(5), "bob")).await;
    assert_eq!((&refused["id"], &refused["code"]), (&json!(60), &json!(429_100)));
    let read = alice.ask(&json!({"type": "read", "id": 61, "call_id": uuid(0)})).await;
    assert_eq!((&read["id"], &read["code"]), (&json!(61), &json!(1_400_102)));
    for _ in 0..4 {
        receiver.next().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_hook_of_another_application_is_not_asked() {
    let mut receiver = Receiver::answering(|_, _| answer(200, r#"{"allow": false}"#)).await;
    let server = server_asking(&receiver, LONG, false).await;
    let other = server
        .create_application(offhook_core::application::AccessTokenPermission::ReadWrite)
        .await;
    let address = server.address();
    let key = crate::server::raw::session_key(&address, &other, "carol").await;
    crate::server::raw::session_key(&address, &other, "bob").await;
    let mut carol = server.raw().await;
    carol.hello(&key, 7, 7, &[]).await;
    assert_eq!(carol.ask(&dial(50, &uuid(9), "bob")).await["type"], "reply");
    assert!(receiver.is_idle());
    server.stop().await;
}

async fn server_asking(receiver: &Receiver, timeout: Duration, is_allowed_on_failure: bool) -> Server {
    let server = Server::start_beside(&[receiver], |config| config).await;
    set_hook(&server, receiver, timeout, is_allowed_on_failure).await;
    server
}

async fn set_hook(server: &Server, receiver: &Receiver, timeout: Duration, is_allowed_on_failure: bool) {
    let node = server.node();
    let sealed = dial_hook::seal(node.outbound(), node.key(), server.app(), &receiver.url("/may"));
    let hook = DialHook {
        sealed: sealed.unwrap(),
        timeout,
        is_allowed_on_failure,
    };
    let patch = ApplicationPatch {
        dial_hook: Some(Some(hook)),
        ..ApplicationPatch::default()
    };
    node.store().update_application(server.app(), patch).await.unwrap();
}

async fn device(server: &Server, user_id: &str, number: u8) -> RawSocket {
    let key = server.session_key(user_id).await;
    let mut socket = server.raw().await;
    assert_eq!(socket.hello(&key, number, number, &[]).await["type"], "welcome");
    socket
}

async fn ringing(server: &Server) -> RawSocket {
    server.session_key("bob").await;
    device(server, "alice", 1).await
}

fn answer(status: u16, body: &str) -> Reply {
    Reply::Full(status, ("content-type", "application/json"), body.to_owned())
}

fn mac(key: &str, message: &[u8]) -> String {
    let tag = secret::authenticate(key.as_bytes(), message);
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
