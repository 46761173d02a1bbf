use offhook_proto::peer::PeerMessage;

use super::*;

const BOB: DeviceId = DeviceId::from_bytes([66; 16]);

#[test]
fn messages_are_numbered_from_one_and_sent_at_once() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    signal(&mut bench, call_id, offer(0));
    signal(&mut bench, call_id, Signal::Restart { connection: 0 });
    assert_eq!(peer_sent(&mut bench), ["offer 1", "restart 2"]);
}

#[test]
fn what_is_not_acknowledged_goes_out_again_after_a_reconnect() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    for generation in 0..3 {
        signal(&mut bench, call_id, offer(generation));
    }
    hear(&mut bench, call_id, &PeerMessage::Ack { seq: 1 });
    peer_sent(&mut bench);
    bench.lose_socket();
    bench.machine.handle_online(bench.now);
    bench.welcome(
        vec![snapshot(call_id, 2, CallRole::Caller, CallState::Established)],
        vec![],
    );
    assert_eq!(peer_sent(&mut bench), ["offer 2", "offer 3", "need 1"]);
}

#[test]
fn what_is_not_acknowledged_goes_out_again_less_and_less_often() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    signal(&mut bench, call_id, offer(0));
    peer_sent(&mut bench);
    for seconds in [2, 4, 8, 16, 16] {
        bench.say(ServerMessage::Ping {});
        bench.pass(Duration::from_millis(seconds * 1000 - 1));
        assert_eq!(peer_sent(&mut bench), Vec::<String>::new());
        bench.pass(Duration::from_millis(1));
        assert_eq!(peer_sent(&mut bench), ["offer 1"], "{seconds}");
    }
    hear(&mut bench, call_id, &PeerMessage::Ack { seq: 1 });
    bench.pass(Duration::from_secs(20));
    assert_eq!(peer_sent(&mut bench), Vec::<String>::new());
}

#[test]
fn while_it_rings_nobodys_acknowledgement_counts_and_who_joins_late_gets_everything() {
    let (mut bench, call_id) = Bench::calling(CallState::Ringing);
    signal(&mut bench, call_id, offer(0));
    peer_sent(&mut bench);
    hear(&mut bench, call_id, &PeerMessage::Ack { seq: 1 });
    hear(&mut bench, call_id, &PeerMessage::Need { seq: 1 });
    assert_eq!(peer_sent(&mut bench), ["offer 1"]);
    bench.pass(Duration::from_secs(20));
    assert_eq!(
        peer_sent(&mut bench),
        Vec::<String>::new(),
        "nobody is there to acknowledge"
    );
}

#[test]
fn while_it_rings_nobodys_answer_counts_and_after_accept_it_is_asked_for_at_once() {
    let (mut bench, call_id) = Bench::calling(CallState::Ringing);
    signal(&mut bench, call_id, offer(0));
    peer_sent(&mut bench);
    let answer = PeerMessage::Answer {
        seq: 1,
        generation: 0,
        sdp: "sdp".to_owned(),
    };
    hear(&mut bench, call_id, &answer);
    assert_eq!(bench.told(), Vec::<&str>::new());
    assert_eq!(peer_sent(&mut bench), Vec::<String>::new());
    bench.say_call(snapshot(call_id, 2, CallRole::Caller, CallState::Established));
    assert_eq!(bench.told(), ["established"]);
    assert_eq!(peer_sent(&mut bench), ["offer 1", "need 1"]);
    hear(&mut bench, call_id, &answer);
    assert_eq!(bench.told(), ["peer"]);
    assert_eq!(peer_sent(&mut bench), ["ack 1"]);
}

#[test]
fn a_callee_whose_answer_came_too_early_gives_it_again_as_soon_as_it_is_asked() {
    let mut bench = Bench::connected();
    let call = incoming(1, CallState::Ringing);
    let call_id = call.call_id;
    bench.say_call(call);
    bench.say_call(incoming(2, CallState::Established));
    let answer = Signal::Answer {
        generation: 0,
        sdp: "sdp".to_owned(),
    };
    signal(&mut bench, call_id, answer);
    assert_eq!(peer_sent(&mut bench), ["need 1", "answer 1"]);
    hear(&mut bench, call_id, &PeerMessage::Need { seq: 1 });
    assert_eq!(peer_sent(&mut bench), ["answer 1"]);
}

#[test]
fn accept_makes_both_sides_catch_up() {
    let (mut bench, call_id) = Bench::calling(CallState::Ringing);
    signal(&mut bench, call_id, offer(0));
    peer_sent(&mut bench);
    bench.say_call(snapshot(call_id, 2, CallRole::Caller, CallState::Established));
    assert_eq!(peer_sent(&mut bench), ["offer 1", "need 1"]);
}

#[test]
fn each_number_is_applied_once_and_in_order_and_acknowledged() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    let answer = |seq| PeerMessage::Answer {
        seq,
        generation: 0,
        sdp: format!("sdp {seq}"),
    };
    hear(&mut bench, call_id, &answer(1));
    assert_eq!(peer_sent(&mut bench), ["ack 1"]);
    hear(&mut bench, call_id, &answer(3));
    assert_eq!(peer_sent(&mut bench), ["need 2"]);
    hear(&mut bench, call_id, &answer(1));
    hear(&mut bench, call_id, &answer(2));
    hear(&mut bench, call_id, &answer(3));
    let heard: Vec<_> = bench
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Peer {
                signal: Signal::Answer { sdp, .. },
                from_device,
                ..
            } if from_device == BOB => sdp,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(heard, ["sdp 1", "sdp 2", "sdp 3"]);
    bench.pass(Duration::from_secs(1));
    assert_eq!(peer_sent(&mut bench), ["ack 3"]);
}

#[test]
fn a_burst_is_acknowledged_twice() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    for seq in 1..=100 {
        hear(&mut bench, call_id, &restart(seq));
    }
    assert_eq!(peer_sent(&mut bench), ["ack 1"]);
    bench.pass(Duration::from_millis(200));
    assert_eq!(peer_sent(&mut bench), ["ack 100"]);
    bench.pass(Duration::from_secs(20));
    assert_eq!(peer_sent(&mut bench), Vec::<String>::new());
    // It came again, so the acknowledgement was lost.
    hear(&mut bench, call_id, &restart(7));
    assert_eq!(peer_sent(&mut bench), ["ack 100"]);
}

#[test]
fn what_is_missing_is_asked_for_once_and_again_after_a_while() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    for seq in 2..=101 {
        hear(&mut bench, call_id, &restart(seq));
    }
    assert_eq!(peer_sent(&mut bench), ["need 1"]);
    bench.pass(Duration::from_secs(2));
    hear(&mut bench, call_id, &restart(3));
    hear(&mut bench, call_id, &restart(4));
    assert_eq!(peer_sent(&mut bench), ["need 1"]);
    // Another number is missing: nobody need wait for two seconds to ask for it.
    bench.pass(Duration::from_millis(200));
    hear(&mut bench, call_id, &restart(1));
    hear(&mut bench, call_id, &restart(101));
    assert_eq!(peer_sent(&mut bench), ["ack 65", "need 66"]);
}

#[test]
fn whatever_is_missing_is_asked_for_five_times_a_second_at_most() {
    for state in [CallState::Ringing, CallState::Established] {
        let mut bench = Bench::connected();
        bench.say_call(incoming(1, state));
        bench.events();
        peer_sent(&mut bench);
        let call_id = incoming(1, state).call_id;
        let mut needs = 0;
        for pair in 0..500 {
            hear(&mut bench, call_id, &restart(2 * pair + 2));
            hear(&mut bench, call_id, &restart(2 * pair + 1));
            bench.pass(Duration::from_millis(20));
            let sent = peer_sent(&mut bench);
            needs += sent.iter().filter(|message| message.starts_with("need")).count();
        }
        assert!((1..=50).contains(&needs), "{needs} in ten seconds");
    }
}

#[test]
fn a_message_that_is_longer_than_any_may_be_is_not_even_kept() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    let offer = |length: usize| PeerMessage::Offer {
        seq: 1,
        generation: 0,
        connection: 0,
        sdp: "v".repeat(length),
    };
    hear(&mut bench, call_id, &offer(48 * 1024));
    assert_eq!(bench.told(), Vec::<&str>::new());
    hear(&mut bench, call_id, &offer(47 * 1024));
    assert_eq!(bench.told(), ["peer"]);
}

#[test]
fn however_many_calls_there_are_they_leave_room_for_requests() {
    let mut bench = Bench::connected();
    bench.lose_socket();
    bench.machine.handle_online(bench.now);
    let call = |number| CallSnapshot {
        call_id: CallId::from_bytes([number; 16]),
        ..incoming(1, CallState::Ringing)
    };
    bench.welcome((0..250).map(call).collect(), vec![]);
    assert_eq!(
        peer_sent(&mut bench).len(),
        200,
        "of three hundred that the server takes"
    );
}

#[test]
fn who_asks_without_end_is_answered_now_and_then() {
    for state in [CallState::Ringing, CallState::Established] {
        let (mut bench, call_id) = Bench::calling(state);
        for generation in 0..3 {
            signal(&mut bench, call_id, offer(generation));
        }
        peer_sent(&mut bench);
        for seq in (1..=3).cycle().take(100) {
            hear(&mut bench, call_id, &PeerMessage::Need { seq });
        }
        assert_eq!(peer_sent(&mut bench), ["offer 1", "offer 2", "offer 3"]);
        // Three times a thirty-second of two seconds.
        bench.pass(Duration::from_millis(187));
        assert_eq!(peer_sent(&mut bench), Vec::<String>::new());
        bench.pass(Duration::from_millis(1));
        assert_eq!(peer_sent(&mut bench), ["offer 1", "offer 2", "offer 3"], "{state:?}");
        bench.pass(Duration::from_secs(1));
        assert_eq!(peer_sent(&mut bench), Vec::<String>::new());
    }
}

#[test]
fn what_is_sent_again_is_no_flood_either() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    for generation in 0..100 {
        signal(&mut bench, call_id, offer(generation));
    }
    peer_sent(&mut bench);
    hear(&mut bench, call_id, &PeerMessage::Need { seq: 1 });
    assert_eq!(peer_sent(&mut bench).len(), 32);
    bench.pass(Duration::from_secs(2));
    assert_eq!(peer_sent(&mut bench).len(), 32);
    hear(&mut bench, call_id, &PeerMessage::Ack { seq: 32 });
    bench.pass(Duration::from_secs(2));
    let again = peer_sent(&mut bench);
    assert_eq!((again.len(), again.first().unwrap().as_str()), (32, "offer 33"));
}

#[test]
fn after_a_reconnect_a_part_is_said_again_and_not_all_at_once() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    for generation in 0..100 {
        signal(&mut bench, call_id, offer(generation));
    }
    peer_sent(&mut bench);
    bench.lose_socket();
    bench.pass(Duration::from_secs(2));
    bench.welcome(
        vec![snapshot(call_id, 3, CallRole::Caller, CallState::Established)],
        vec![],
    );
    let again = peer_sent(&mut bench);
    let offers = again.iter().filter(|said| said.starts_with("offer")).count();
    assert_eq!((offers, again.first().unwrap().as_str()), (32, "offer 1"));
}

#[test]
fn a_device_that_only_rings_says_nothing_but_what_it_lacks() {
    let mut bench = Bench::signed_in();
    bench.machine.handle_connect(bench.now);
    let call = incoming(1, CallState::Ringing);
    let call_id = call.call_id;
    // It joins late: the call rings already.
    bench.welcome(vec![call], vec![]);
    assert_eq!(peer_sent(&mut bench), ["need 1"]);
    hear(
        &mut bench,
        call_id,
        &PeerMessage::Offer {
            seq: 1,
            generation: 0,
            connection: 0,
            sdp: "sdp".to_owned(),
        },
    );
    hear(
        &mut bench,
        call_id,
        &PeerMessage::Offer {
            seq: 3,
            generation: 1,
            connection: 0,
            sdp: "sdp".to_owned(),
        },
    );
    assert_eq!(peer_sent(&mut bench), ["need 2"]);
    assert!(bench.told().contains(&"peer"), "the offer is handed out all the same");
    let verb = bench
        .machine
        .handle_signal(call_id, Signal::Restart { connection: 0 }, bench.now);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_300);
    assert_eq!(peer_sent(&mut bench), Vec::<String>::new());

    bench.say_call(incoming(2, CallState::Established));
    assert_eq!(peer_sent(&mut bench), ["ack 1", "need 2"]);
    signal(&mut bench, call_id, Signal::Restart { connection: 0 });
    assert_eq!(peer_sent(&mut bench), ["restart 1"]);
}

#[test]
fn a_device_that_rings_acknowledges_nothing_after_a_reconnect_either() {
    let mut bench = Bench::connected();
    let call = incoming(1, CallState::Ringing);
    bench.say_call(call.clone());
    let offer = PeerMessage::Offer {
        seq: 1,
        generation: 0,
        connection: 0,
        sdp: "sdp".to_owned(),
    };
    hear(&mut bench, call.call_id, &offer);
    bench.lose_socket();
    bench.machine.handle_online(bench.now);
    bench.welcome(vec![call], vec![]);
    assert_eq!(peer_sent(&mut bench), ["need 2"]);
}

#[test]
fn a_peer_that_never_acknowledges_or_sends_gaps_fills_no_memory() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    for _ in 0..256 {
        signal(&mut bench, call_id, Signal::Restart { connection: 0 });
    }
    let verb = bench
        .machine
        .handle_signal(call_id, Signal::Restart { connection: 0 }, bench.now);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_207);
    for seq in (2..1000).rev() {
        hear(&mut bench, call_id, &PeerMessage::Restart { seq, connection: 0 });
    }
    bench.told();
    hear(&mut bench, call_id, &PeerMessage::Restart { seq: 1, connection: 0 });
    // Those that were dropped come again: the peer keeps them.
    assert_eq!(bench.told(), ["peer"]);
    hear(&mut bench, call_id, &PeerMessage::Restart { seq: 0, connection: 0 });
    hear(
        &mut bench,
        call_id,
        &PeerMessage::Restart {
            seq: u32::MAX,
            connection: 0,
        },
    );
    assert_eq!(bench.told(), Vec::<&str>::new());
}

#[test]
fn strange_peer_messages_and_ones_of_unknown_calls_are_ignored() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    let bodies = ["", "{}", r#"{"kind":"dance","seq":1}"#, r#"{"kind":"ack"}"#];
    for body in bodies {
        bench.say(ServerMessage::Signal {
            call_id,
            from_device: BOB,
            body: body.to_owned(),
        });
    }
    hear(
        &mut bench,
        CallId::from_bytes([9; 16]),
        &PeerMessage::Restart { seq: 1, connection: 0 },
    );
    assert_eq!(bench.told(), Vec::<&str>::new());
    assert_eq!(bench.sent(), []);
}

#[test]
fn a_message_longer_than_the_wire_carries_is_refused() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    let sdp = "x".repeat(48 * 1024);
    let verb = bench.machine.handle_signal(
        call_id,
        Signal::Offer {
            generation: 0,
            connection: 0,
            sdp,
        },
        bench.now,
    );
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_300);
    signal(&mut bench, call_id, offer(0));
    assert_eq!(peer_sent(&mut bench), ["offer 1"], "it took no number");
}

fn offer(generation: u32) -> Signal {
    Signal::Offer {
        generation,
        connection: 0,
        sdp: "sdp".to_owned(),
    }
}

fn restart(seq: u32) -> PeerMessage {
    PeerMessage::Restart { seq, connection: 0 }
}

fn signal(bench: &mut Bench, call_id: CallId, signal: Signal) {
    let verb = bench.machine.handle_signal(call_id, signal, bench.now);
    assert_eq!(bench.answer_to(verb), Ok(Answer::Signalled));
}

fn hear(bench: &mut Bench, call_id: CallId, message: &PeerMessage) {
    bench.say(ServerMessage::Signal {
        call_id,
        from_device: BOB,
        body: serde_json::to_string(message).unwrap(),
    });
}

/// The peer messages sent since the last look, by kind and number.
fn peer_sent(bench: &mut Bench) -> Vec<String> {
    bench
        .sent()
        .into_iter()
        .filter_map(|message| match message {
            ClientMessage::Signal { body, .. } => Some(serde_json::from_str::<PeerMessage>(&body).unwrap()),
            _ => None,
        })
        .map(|message| format!("{message:?}"))
        .collect()
}
