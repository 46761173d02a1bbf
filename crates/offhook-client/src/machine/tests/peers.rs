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
    assert_eq!(peer_sent(&mut bench), ["need 2", "ack 1"]);
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
    assert_eq!(peer_sent(&mut bench).last().unwrap(), "ack 3");
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
