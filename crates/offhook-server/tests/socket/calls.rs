//! How a call goes, and every way in which it ends.

use std::time::Duration;

use offhook_client::{Call, CallLogQuery, DialParams};
use offhook_proto::call::{CallEndResult, CallRole, CallState};
use offhook_proto::socket::MediaState;
use offhook_store::ApplicationPatch;

use crate::server::phone::{connect, wait_for};
use crate::server::{Phone, Server};

#[tokio::test]
async fn a_call_goes_from_ring_to_completed_and_both_are_told_each_step() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    assert_eq!((call.state(), call.role()), (CallState::Ringing, CallRole::Caller));

    let incoming = bob.expect("ringing").await;
    assert_eq!(incoming.id(), call.id());
    assert_eq!(incoming.snapshot().caller.user_id, "alice");
    alice.expect("dial received").await;
    assert_eq!(call.duration().await.unwrap(), Duration::ZERO);

    incoming.accept(true, true).await.unwrap();
    alice.expect("established").await;
    bob.expect("established").await;
    connect(&call, &incoming).await;
    alice.expect("connected").await;
    bob.expect("connected").await;
    assert!(call.duration().await.unwrap() > Duration::ZERO);

    let ended = incoming.end().await.unwrap();
    assert_eq!(
        (ended.end_result, ended.ended_by),
        (Some(CallEndResult::Completed), Some(CallRole::Callee))
    );
    let seen = alice.expect("ended").await.snapshot();
    assert_eq!(
        (seen.end_result, seen.ended_by),
        (Some(CallEndResult::Completed), Some(CallRole::Callee))
    );
    assert_eq!(seen.duration_ms, ended.duration_ms);
    assert_eq!(call.duration().await.unwrap(), Duration::from_millis(ended.duration_ms));
    bob.expect("ended").await;
    server.stop().await;
}

#[tokio::test]
async fn every_device_of_the_callee_rings_and_the_other_devices_of_the_caller_hear_nothing() {
    let server = Server::start().await;
    let (alice, other) = (server.phone("alice").await, server.phone("alice").await);
    let mut bobs = [
        server.phone("bob").await,
        server.phone("bob").await,
        server.phone("bob").await,
    ];
    let call = alice.dial("bob").await;
    for bob in &mut bobs {
        assert_eq!(bob.expect("ringing").await.id(), call.id());
    }
    wait_for(&call, |call| call.is_dial_received).await;
    // All that was said to that device before this answer has arrived.
    let refused = other.client.dial(DialParams::audio("alice")).await.unwrap_err();
    assert_eq!(refused.code(), 1_800_101);
    assert_eq!(
        other.client.dial(DialParams::audio("nobody")).await.unwrap_err().code(),
        1_400_103
    );
    assert!(other.client.ongoing_calls().is_empty());
    server.stop().await;
}

#[tokio::test]
async fn of_devices_that_accept_at_once_one_wins_and_the_others_are_told() {
    let server = Server::start().await;
    let alice = server.phone("alice").await;
    let (mut one, mut other) = (server.phone("bob").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let (ring, other_ring) = (one.expect("ringing").await, other.expect("ringing").await);
    let (accepted, other_accepted) = tokio::join!(ring.accept(true, true), other_ring.accept(true, true));

    let is_first = accepted.is_ok();
    assert_ne!(is_first, other_accepted.is_ok(), "one of them");
    let refused = accepted.err().or(other_accepted.err()).unwrap();
    assert_eq!(refused.code(), 1_400_101);
    let (mut winner, mut loser) = if is_first { (one, other) } else { (other, one) };
    let over = loser.expect("ended").await.snapshot();
    assert_eq!(over.end_result, Some(CallEndResult::OtherDeviceAccepted));
    let call_of_winner = winner.expect("established").await;
    // It is over for that one only.
    assert_eq!(
        call_of_winner.end().await.unwrap().end_result,
        Some(CallEndResult::NotConnected)
    );
    assert_eq!(
        call.ended().await.unwrap().end_result,
        Some(CallEndResult::NotConnected)
    );
    server.stop().await;
}

#[tokio::test]
async fn an_accept_that_is_repeated_is_answered_alike() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    alice.dial("bob").await;
    let ring = bob.expect("ringing").await;
    let first = ring.accept(true, true).await.unwrap();
    let second = ring.accept(true, true).await.unwrap();
    assert_eq!(first.version, second.version);
    server.stop().await;
}

#[tokio::test]
async fn a_decline_on_one_device_ends_it_on_all() {
    let server = Server::start().await;
    let mut alice = server.phone("alice").await;
    let (mut one, mut other) = (server.phone("bob").await, server.phone("bob").await);
    alice.dial("bob").await;
    let ring = one.expect("ringing").await;
    other.expect("ringing").await;
    ring.end().await.unwrap();
    alice.expect("dial received").await;
    for phone in [&mut alice, &mut one, &mut other] {
        let call = phone.expect("ended").await.snapshot();
        assert_eq!(
            (call.end_result, call.ended_by),
            (Some(CallEndResult::Declined), Some(CallRole::Callee))
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn a_caller_who_gives_up_cancels() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    bob.expect("ringing").await;
    call.end().await.unwrap();
    let over = bob.expect("ended").await.snapshot();
    assert_eq!(
        (over.end_result, over.ended_by),
        (Some(CallEndResult::Canceled), Some(CallRole::Caller))
    );
    let too_late = bob
        .client
        .call(call.id())
        .unwrap()
        .accept(true, true)
        .await
        .unwrap_err();
    assert_eq!(too_late.code(), 1_400_101);
    server.stop().await;
}

#[tokio::test]
async fn a_dial_that_nobody_waits_for_any_more_is_canceled() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    {
        let dial = alice.client.dial(DialParams::audio("bob"));
        tokio::pin!(dial);
        // Polled once, so that it is on its way, and dropped.
        tokio::select! {
            biased;
            _ = &mut dial => panic!("answered before it could have been"),
            () = std::future::ready(()) => {}
        }
    }
    bob.expect("ringing").await;
    let over = bob.expect("ended").await.snapshot();
    assert_eq!(over.end_result, Some(CallEndResult::Canceled));
    server.stop().await;
}

#[tokio::test]
async fn a_ring_that_nobody_answers_ends_at_the_time_the_caller_chose() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let params = DialParams {
        ringing_timeout: Some(Duration::from_secs(30)),
        ..DialParams::audio("bob")
    };
    let call = alice.client.dial(params).await.unwrap();
    assert!((29_000..=30_000).contains(&call.snapshot().rings_for_ms.unwrap()));
    bob.expect("ringing").await;
    alice.expect("dial received").await;
    server.expire(call.id(), Duration::from_secs(29)).await;
    assert_eq!(call.read().await.unwrap().state, CallState::Ringing);
    server.expire(call.id(), Duration::from_secs(31)).await;
    for phone in [&mut alice, &mut bob] {
        let over = phone.expect("ended").await.snapshot();
        assert_eq!((over.end_result, over.ended_by), (Some(CallEndResult::NoAnswer), None));
    }
    server.stop().await;
}

#[tokio::test]
async fn an_application_rings_no_longer_than_it_is_set_to() {
    let server = Server::start().await;
    let patch = ApplicationPatch {
        max_ringing: Some(Duration::from_secs(20)),
        ..ApplicationPatch::default()
    };
    server
        .node()
        .store()
        .update_application(server.app(), patch)
        .await
        .unwrap();
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    for (asked, held) in [(None, 20_000), (Some(90), 20_000), (Some(10), 10_000)] {
        let params = DialParams {
            ringing_timeout: asked.map(Duration::from_secs),
            ..DialParams::audio("bob")
        };
        let call = alice.client.dial(params).await.unwrap();
        let ring = bob.expect("ringing").await;
        let rings_for_ms = ring.snapshot().rings_for_ms.unwrap();
        assert!(
            (held - 1_000..=held).contains(&rings_for_ms),
            "{asked:?}: {rings_for_ms}"
        );
        server.expire(call.id(), Duration::from_millis(held)).await;
        let ended = bob.expect("ended").await.snapshot();
        assert_eq!(ended.end_result, Some(CallEndResult::NoAnswer));
    }
    server.stop().await;
}

#[tokio::test]
async fn timeouts_beyond_reason_are_held_within_bounds() {
    let server = Server::start().await;
    let (alice, _bob) = (server.phone("alice").await, server.phone("bob").await);
    for (asked, given) in [(0, 5_000), (3600, 300_000)] {
        let params = DialParams {
            ringing_timeout: Some(Duration::from_secs(asked)),
            ..DialParams::audio("bob")
        };
        let call = alice.client.dial(params).await.unwrap();
        let rings_for_ms = call.snapshot().rings_for_ms.unwrap();
        assert!(
            (given - 1000..=given).contains(&rings_for_ms),
            "{asked}: {rings_for_ms}"
        );
        call.end().await.unwrap();
    }
    server.stop().await;
}

#[tokio::test]
async fn media_that_does_not_connect_in_time_ends_the_call_as_timed_out() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let params = DialParams {
        connection_timeout: Some(Duration::from_secs(5)),
        ..DialParams::audio("bob")
    };
    let call = alice.client.dial(params).await.unwrap();
    bob.expect("ringing").await.accept(true, true).await.unwrap();
    server.expire(call.id(), Duration::from_secs(6)).await;
    alice.expect("dial received").await;
    alice.expect("established").await;
    bob.expect("established").await;
    for phone in [&mut alice, &mut bob] {
        let over = phone.expect("ended").await.snapshot();
        assert_eq!((over.end_result, over.ended_by), (Some(CallEndResult::TimedOut), None));
    }
    server.stop().await;
}

#[tokio::test]
async fn one_report_counts_for_both_after_a_while() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let (call, _) = established(&mut alice, &mut bob).await;
    call.report(MediaState::Connected, None).await.unwrap();
    server.expire(call.id(), Duration::from_secs(9)).await;
    assert_eq!(call.read().await.unwrap().state, CallState::Established);
    server.expire(call.id(), Duration::from_secs(11)).await;
    alice.expect("connected").await;
    bob.expect("connected").await;
    server.stop().await;
}

#[tokio::test]
async fn media_that_stops_and_does_not_come_back_ends_the_call_as_lost() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let (call, incoming) = established(&mut alice, &mut bob).await;
    connect(&call, &incoming).await;
    alice.expect("connected").await;
    bob.expect("connected").await;
    // It stops, and comes back in time: nothing happens.
    call.report(MediaState::Lost, None).await.unwrap();
    call.report(MediaState::Connected, None).await.unwrap();
    server.expire(call.id(), Duration::from_secs(61)).await;
    assert_eq!(call.read().await.unwrap().state, CallState::Connected);
    incoming.report(MediaState::Lost, None).await.unwrap();
    server.expire(call.id(), Duration::from_secs(200)).await;
    for phone in [&mut alice, &mut bob] {
        let over = phone.expect("ended").await.snapshot();
        assert_eq!(
            (over.end_result, over.ended_by),
            (Some(CallEndResult::ConnectionLost), None)
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn two_who_dial_each_other_have_two_calls() {
    let server = Server::start().await;
    let (alice, bob) = (server.phone("alice").await, server.phone("bob").await);
    let dials = tokio::join!(
        alice.client.dial(DialParams::audio("bob")),
        bob.client.dial(DialParams::audio("alice"))
    );
    let (to_bob, to_alice) = (dials.0.unwrap(), dials.1.unwrap());
    assert_ne!(to_bob.id(), to_alice.id());
    wait_until_known(&alice, to_alice.id()).await;
    wait_until_known(&bob, to_bob.id()).await;
    assert_eq!(alice.client.ongoing_calls().len(), 2);
    assert_eq!(bob.client.ongoing_calls().len(), 2);
    to_bob.end().await.unwrap();
    assert_eq!(
        to_alice.read().await.unwrap().state,
        CallState::Ringing,
        "the other goes on"
    );
    server.stop().await;
}

#[tokio::test]
async fn what_a_party_sends_is_told_to_the_other_side_and_its_count_decides() {
    let server = Server::start().await;
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.client.dial(DialParams::video("bob")).await.unwrap();
    let incoming = bob.expect("ringing").await;
    assert!(incoming.snapshot().caller.media.video_enabled);
    incoming.accept(true, true).await.unwrap();
    bob.expect("established").await;
    let version = call.set_media(false, true).await.unwrap().version;
    let seen = bob.expect("party media").await.snapshot();
    assert!(!seen.caller.media.audio_enabled && seen.caller.media.video_enabled);
    assert_eq!(seen.version, version, "mute does not raise the version");
    call.set_media(false, false).await.unwrap();
    let seen = bob.expect("party media").await.snapshot();
    assert!(!seen.caller.media.video_enabled);
    server.stop().await;
}

#[tokio::test]
async fn refusals_of_a_dial_have_their_codes() {
    let server = Server::start().await;
    let alice = server.phone("alice").await;
    let refusal = async |params: DialParams| alice.client.dial(params).await.unwrap_err().code();
    assert_eq!(refusal(DialParams::audio("nobody")).await, 1_400_103);
    assert_eq!(refusal(DialParams::audio("alice")).await, 1_800_101);
    let many = (0..11).map(|number| (number.to_string(), String::new())).collect();
    let params = DialParams {
        custom_items: many,
        ..DialParams::audio("bob")
    };
    assert_eq!(refusal(params).await, 400_111);
    assert!(alice.client.ongoing_calls().is_empty());
    server.stop().await;
}

#[tokio::test]
async fn nobody_is_rung_a_hundred_times_a_minute() {
    let server = Server::start().await;
    let (alice, _bob, _carol) = (
        server.phone("alice").await,
        server.phone("bob").await,
        server.phone("carol").await,
    );
    for _ in 0..10 {
        alice.dial("bob").await.end().await.unwrap();
    }
    let refused = alice.client.dial(DialParams::audio("bob")).await.unwrap_err();
    assert_eq!(refused.code(), 429_100);
    // Others may still be rung.
    alice.dial("carol").await;
    server.stop().await;
}

#[tokio::test]
async fn the_call_log_shows_ended_calls_to_both_newest_first_by_pages() {
    let server = Server::start().await;
    let (alice, bob) = (server.phone("alice").await, server.phone("bob").await);
    let carol = server.phone("carol").await;
    let first = alice.dial("bob").await;
    first.end().await.unwrap();
    let second = bob.dial("alice").await;
    second.end().await.unwrap();
    let live = alice.dial("bob").await;

    let query = CallLogQuery {
        limit: Some(1),
        ..CallLogQuery::default()
    };
    let page = alice.client.call_log(query.clone()).await.unwrap();
    assert_eq!(page.calls.len(), 1);
    assert_eq!(
        (page.calls[0].call_id, page.calls[0].user_role),
        (second.id(), CallRole::Callee)
    );
    let next = CallLogQuery {
        next: page.next,
        ..query
    };
    let page = alice.client.call_log(next).await.unwrap();
    assert_eq!(
        (page.calls[0].call_id, page.calls[0].user_role),
        (first.id(), CallRole::Caller)
    );
    assert_eq!((page.calls[0].end_result, page.next), (CallEndResult::Canceled, None));

    let as_caller = CallLogQuery {
        role: Some(CallRole::Caller),
        end_results: vec![CallEndResult::Canceled],
        ..CallLogQuery::default()
    };
    let page = bob.client.call_log(as_caller).await.unwrap();
    assert_eq!(
        page.calls.iter().map(|call| call.call_id).collect::<Vec<_>>(),
        [second.id()]
    );
    assert!(
        carol
            .client
            .call_log(CallLogQuery::default())
            .await
            .unwrap()
            .calls
            .is_empty()
    );
    assert_eq!(
        live.read().await.unwrap().state,
        CallState::Ringing,
        "a live call is not in the log"
    );
    server.stop().await;
}

/// A call that bob has accepted; all of its events are taken.
async fn established(alice: &mut Phone, bob: &mut Phone) -> (Call, Call) {
    let call = alice.dial("bob").await;
    let incoming = bob.expect("ringing").await;
    alice.expect("dial received").await;
    incoming.accept(true, true).await.unwrap();
    alice.expect("established").await;
    bob.expect("established").await;
    (call, incoming)
}

async fn wait_until_known(phone: &Phone, call_id: offhook_proto::id::CallId) {
    while phone.client.call(call_id).is_none() {
        tokio::task::yield_now().await;
    }
}
