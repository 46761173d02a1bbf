//! Messages from device to device.

use offhook_client::Signal;
use offhook_proto::peer::PeerCandidate;
use serde_json::json;

use crate::server::Server;
use crate::server::raw::{dial, uuid};

#[tokio::test]
async fn an_offer_reaches_every_device_that_rings_and_the_answer_the_caller() {
    let server = Server::start().await;
    let mut alice = server.phone("alice").await;
    let (mut one, mut other) = (server.phone("bob").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let ring = one.expect("ringing").await;
    other.expect("ringing").await;
    alice.expect("dial received").await;
    call.signal(offer("for all")).await.unwrap();
    assert_eq!(one.heard().await, offer("for all"));
    assert_eq!(other.heard().await, offer("for all"));

    // One that joins late asks for it.
    let mut late = server.phone("bob").await;
    late.expect("ringing").await;
    assert_eq!(late.heard().await, offer("for all"));

    ring.accept(true, true).await.unwrap();
    one.expect("established").await;
    alice.expect("established").await;
    let answer = Signal::Answer {
        generation: 0,
        sdp: "an answer".to_owned(),
    };
    ring.signal(answer.clone()).await.unwrap();
    assert_eq!(alice.heard().await, answer);

    let candidates = Signal::Candidates {
        generation: 0,
        candidates: vec![PeerCandidate {
            candidate: "candidate:1".to_owned(),
            sdp_mid: Some("0".to_owned()),
            sdp_m_line_index: Some(0),
        }],
    };
    call.signal(candidates.clone()).await.unwrap();
    assert_eq!(one.heard().await, candidates);
    // Those who lost hear nothing of it: the next they are told is the end, which came before.
    other.expect("ended").await;
    late.expect("ended").await;
    server.stop().await;
}

#[tokio::test]
async fn what_was_sent_while_the_peer_was_away_reaches_it_when_it_is_back_once_and_in_order() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let ring = bob.expect("ringing").await;
    ring.accept(true, true).await.unwrap();
    bob.expect("established").await;
    for number in 0..20 {
        call.signal(offer(&number.to_string())).await.unwrap();
    }
    let server = server.restart().await;
    for number in 20..40 {
        call.signal(offer(&number.to_string())).await.unwrap();
    }
    for number in 0..40 {
        assert_eq!(bob.heard().await, offer(&number.to_string()));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_stranger_and_a_device_that_lost_may_not_speak_in_a_call() {
    let server = Server::start().await;
    let (alice, mut bob, mut other_bob) = (
        server.phone("alice").await,
        server.phone("bob").await,
        server.phone("bob").await,
    );
    let call = alice.dial("bob").await;
    let ring = bob.expect("ringing").await;
    let lost = other_bob.expect("ringing").await;
    ring.accept(true, true).await.unwrap();
    other_bob.expect("ended").await;
    assert_eq!(
        lost.signal(Signal::Restart { connection: 0 }).await.unwrap_err().code(),
        1_800_300,
        "the client knows"
    );

    let mut stranger = server.raw().await;
    let key = server.session_key("mallory").await;
    stranger.hello(&key, 7, 7, &[]).await;
    let signal = json!({"type": "signal", "call_id": call.id(), "body": "{\"kind\":\"need\",\"seq\":1}"});
    stranger.say(&signal).await;
    let refused = stranger.hear().await;
    assert_eq!(
        (&refused["type"], &refused["code"]),
        (&json!("refused"), &json!(1_400_102)),
        "{refused}"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_and_one_at_the_limit_passes_unread() {
    let server = Server::start().await;
    let _bob = server.phone("bob").await;
    let (key, callee_key) = (server.session_key("alice").await, server.session_key("bob").await);
    let (mut alice, mut bob) = (server.raw().await, server.raw().await);
    alice.hello(&key, 1, 1, &[]).await;
    bob.hello(&callee_key, 2, 2, &[]).await;
    let call_id = uuid(0xc0);
    alice.ask(&dial(2, &call_id, "bob")).await;
    assert_eq!(bob.hear().await["type"], "call");
    let signal = |length: usize| json!({"type": "signal", "call_id": call_id, "body": "x".repeat(length)});
    let limit = offhook_proto::socket::MAX_SIGNAL_BYTES;
    alice.say(&signal(limit + 1)).await;
    alice.say(&signal(limit)).await;
    loop {
        let message = alice.hear().await;
        if message["type"] == "refused" {
            assert_eq!(message["code"], 400_110);
            break;
        }
    }
    loop {
        let message = bob.hear().await;
        if message["type"] == "signal" {
            assert_eq!(message["body"].as_str().unwrap().len(), limit);
            assert_eq!(message["from_device"], json!(uuid(1)));
            break;
        }
    }
    server.stop().await;
}

fn offer(sdp: &str) -> Signal {
    Signal::Offer {
        generation: 0,
        connection: 0,
        sdp: sdp.to_owned(),
    }
}
