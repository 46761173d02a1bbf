use super::*;

#[test]
fn the_first_message_is_a_hello_with_the_key_and_what_is_known() {
    let mut bench = Bench::signed_in();
    bench.machine.handle_connect(bench.now);
    let hello = bench.open();
    let ClientMessage::Hello {
        protocol,
        session_key,
        device_id,
        known_calls,
        ..
    } = hello
    else {
        panic!("{hello:?}");
    };
    assert_eq!(
        (protocol, session_key.as_str()),
        (offhook_proto::PROTOCOL, "key of alice")
    );
    assert_eq!(device_id, bench.machine.device());
    assert!(known_calls.is_empty());
}

#[test]
fn the_last_ice_configuration_counts_and_is_kept_while_the_socket_is_away() {
    let configuration = |ticket: &str| IceConfiguration {
        ticket: Some(ticket.to_owned()),
        ..IceConfiguration::none()
    };
    let mut bench = Bench::connected();
    assert_eq!(
        *bench.machine.ice_configuration(),
        IceConfiguration::none(),
        "of the welcome"
    );
    for ticket in ["t1", "t2"] {
        let ice_configuration = configuration(ticket);
        bench.say(ServerMessage::IceConfiguration { ice_configuration });
    }
    assert_eq!(*bench.machine.ice_configuration(), configuration("t2"));
    bench.lose_socket();
    assert_eq!(*bench.machine.ice_configuration(), configuration("t2"));
    bench.machine.handle_deauthenticate(bench.now);
    assert_eq!(*bench.machine.ice_configuration(), IceConfiguration::none());
}

#[test]
fn to_connect_waits_for_a_sign_in_that_is_under_way() {
    let mut bench = Bench::new();
    bench.machine.handle_authenticate("alice", None, bench.now);
    let verb = bench.machine.handle_connect(bench.now);
    bench.answer_sign_in("alice", None);
    bench.welcome(vec![], vec![]);
    assert_eq!(bench.answer_to(verb), Ok(Answer::Connected));
    assert_eq!(
        bench.events(),
        [ConnectionState::Connecting, ConnectionState::Connected].map(Event::ConnectionStateChanged)
    );
}

#[test]
fn to_connect_fails_with_the_sign_in_that_it_waited_for() {
    let mut bench = Bench::new();
    bench.machine.handle_authenticate("alice", None, bench.now);
    let verb = bench.machine.handle_connect(bench.now);
    let request = bench.http();
    bench.answer_http(request.verb, 400, r#"{"error":true,"code":400302,"message":"no"}"#);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_303);
}

#[test]
fn to_connect_again_is_answered_at_once_and_opens_nothing() {
    let mut bench = Bench::connected();
    let verb = bench.machine.handle_connect(bench.now);
    assert_eq!(bench.answer_to(verb), Ok(Answer::Connected));
    assert_eq!(bench.machine.poll_action(), None);
}

#[test]
fn a_first_socket_that_cannot_be_opened_is_an_error_and_not_tried_again() {
    let mut bench = Bench::signed_in();
    let verb = bench.machine.handle_connect(bench.now);
    let Some(Action::OpenSocket(id)) = bench.action() else {
        panic!("no socket is asked for");
    };
    bench.machine.handle_socket_closed(id, "refused", bench.now);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_202);
    bench.pass(Duration::from_secs(60));
    assert_eq!(bench.action(), None);
}

#[test]
fn a_first_socket_that_says_nothing_is_given_up() {
    let mut bench = Bench::signed_in();
    let verb = bench.machine.handle_connect(bench.now);
    bench.open();
    bench.pass(REQUEST_TIMEOUT);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_202);
}

#[test]
fn a_lost_socket_is_tried_again_within_a_second_and_then_within_two() {
    let mut bench = Bench::connected();
    bench.lose_socket();
    assert_eq!(bench.machine.connection_state(), ConnectionState::Reconnecting);
    let mut waited = Vec::new();
    for _ in 0..4 {
        let started = bench.now;
        bench.pass(bench.machine.poll_timeout().unwrap() - bench.now);
        waited.push(bench.now - started);
        let Some(Action::OpenSocket(id)) = bench.action() else {
            panic!("no socket is asked for");
        };
        bench.machine.handle_socket_closed(id, "refused", bench.now);
    }
    assert!(waited[0] <= Duration::from_secs(1), "{waited:?}");
    assert!(waited.is_sorted(), "{waited:?}");
    assert!(waited.iter().all(|wait| *wait <= Duration::from_secs(2)), "{waited:?}");
    assert!(waited[3] >= Duration::from_secs(1), "{waited:?}");
}

#[test]
fn a_network_that_is_back_ends_the_wait() {
    let mut bench = Bench::connected();
    bench.lose_socket();
    assert_eq!(
        bench.machine.poll_action(),
        Some(Action::CloseSocket(bench.socket.unwrap()))
    );
    assert_eq!(bench.machine.poll_action(), None);
    bench.machine.handle_online(bench.now);
    bench.welcome(vec![], vec![]);
    assert_eq!(bench.machine.connection_state(), ConnectionState::Connected);
}

#[test]
fn silence_beyond_what_was_said_is_a_lost_socket_and_any_sign_of_life_puts_it_off() {
    let mut bench = Bench::connected();
    bench.pass(Duration::from_secs(29));
    bench.machine.handle_socket_alive(bench.socket.unwrap(), bench.now);
    bench.pass(Duration::from_secs(29));
    bench.say(ServerMessage::Ping {});
    bench.pass(Duration::from_secs(29));
    assert_eq!(bench.machine.connection_state(), ConnectionState::Connected);
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.machine.connection_state(), ConnectionState::Reconnecting);
}

#[test]
fn requests_without_an_answer_go_out_again_in_order_with_their_numbers() {
    let mut bench = Bench::connected();
    let (dial, call_id) = bench.machine.handle_dial(DialParams::audio("bob"), bench.now);
    let end = bench.machine.handle_end(call_id, bench.now);
    let before = bench.sent();
    assert_eq!(names(&before), ["dial", "end"]);
    bench.lose_socket();
    bench.machine.handle_online(bench.now);
    let hello = bench.welcome(vec![], vec![call_id]);
    let ClientMessage::Hello { known_calls, .. } = hello else {
        panic!("{hello:?}");
    };
    assert_eq!(
        known_calls,
        [call_id],
        "a dial that may have been carried out is not left"
    );
    assert_eq!(bench.requests(), before);
    let call = snapshot(call_id, 1, CallRole::Caller, CallState::Ringing);
    bench.say(ServerMessage::Reply {
        id: before[0].id().unwrap(),
        call,
    });
    let call = snapshot(call_id, 2, CallRole::Caller, CallState::Ended);
    bench.say(ServerMessage::Reply {
        id: before[1].id().unwrap(),
        call,
    });
    let answers: Vec<_> = std::iter::from_fn(|| bench.machine.poll_answer())
        .map(|(verb, _)| verb)
        .collect();
    assert!(answers.contains(&dial) && answers.contains(&end));
}

#[test]
fn a_request_that_waits_too_long_says_what_it_waited_for() {
    let call_id = CallId::from_bytes([1; 16]);
    // The server does not answer.
    let mut bench = Bench::connected();
    let verb = bench.machine.handle_read(call_id, bench.now);
    bench.pass(REQUEST_TIMEOUT);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_203);
    // The socket went while it was under way, and does not come back.
    let mut bench = Bench::connected();
    let verb = bench.machine.handle_read(call_id, bench.now);
    bench.lose_socket();
    bench.pass(REQUEST_TIMEOUT);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_204);
    // It was asked without a socket.
    let mut bench = Bench::connected();
    bench.lose_socket();
    let verb = bench.machine.handle_read(call_id, bench.now);
    bench.pass(REQUEST_TIMEOUT);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_201);
    // Nobody wants one.
    let mut bench = Bench::signed_in();
    let verb = bench.machine.handle_read(call_id, bench.now);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_201);
}

#[test]
fn a_refused_request_carries_the_code_of_the_server() {
    let mut bench = Bench::connected();
    let (verb, _) = bench.machine.handle_dial(DialParams::audio("nobody"), bench.now);
    let id = bench.sent()[0].id();
    bench.say(ServerMessage::Refused {
        id,
        code: 1_400_103,
        message: "none".to_owned(),
    });
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_400_103);
}

#[test]
fn a_draining_server_is_left_at_the_time_it_gave_and_calls_go_on() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    let old = bench.socket.unwrap();
    bench.say(ServerMessage::Drain {
        reconnect_after_ms: 700,
    });
    bench.pass(Duration::from_millis(699));
    assert_eq!(bench.machine.poll_action(), None);
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.machine.poll_action(), Some(Action::CloseSocket(old)));
    bench.welcome(
        vec![snapshot(call_id, 2, CallRole::Caller, CallState::Connected)],
        vec![],
    );
    assert!(!bench.told().contains(&"ended"));
    assert_eq!(bench.machine.connection_state(), ConnectionState::Connected);
}

#[test]
fn a_draining_server_that_closes_first_is_come_back_to_at_its_time() {
    let mut bench = Bench::connected();
    bench.say(ServerMessage::Drain {
        reconnect_after_ms: 5000,
    });
    bench.lose_socket();
    assert_eq!(bench.machine.poll_timeout(), Some(bench.now + Duration::from_secs(5)));
}

#[test]
fn what_a_server_asks_for_is_bounded() {
    let mut bench = Bench::connected();
    bench.say(ServerMessage::Drain {
        reconnect_after_ms: u32::MAX,
    });
    bench.lose_socket();
    assert_eq!(bench.machine.poll_timeout(), Some(bench.now + Duration::from_secs(60)));
    for (silence_ms, expected) in [(0, 5), (u32::MAX, 300)] {
        let mut bench = Bench::signed_in();
        bench.machine.handle_connect(bench.now);
        let hello = bench.open();
        bench.say(ServerMessage::Welcome {
            id: hello.id().unwrap(),
            protocol: 1,
            calls: vec![],
            unknown_calls: vec![],
            silence_ms,
            ice_configuration: IceConfiguration::none(),
        });
        assert_eq!(
            bench.machine.poll_timeout(),
            Some(bench.now + Duration::from_secs(expected))
        );
    }
}

#[test]
fn a_dial_that_is_given_up_is_taken_back() {
    let mut bench = Bench::connected();
    let (dial, call_id) = bench.machine.handle_dial(DialParams::audio("bob"), bench.now);
    assert_eq!(names(&bench.sent()), ["dial"]);
    bench.pass(REQUEST_TIMEOUT);
    assert_eq!(bench.answer_to(dial).unwrap_err().code(), 1_800_203);
    let sent = bench.sent();
    assert!(
        matches!(sent.as_slice(), [ClientMessage::End { call_id: ended, .. }] if *ended == call_id),
        "{sent:?}"
    );
}

#[test]
fn a_device_in_use_draws_another_id_but_not_for_ever() {
    let mut bench = Bench::signed_in();
    let verb = bench.machine.handle_connect(bench.now);
    let mut devices = Vec::new();
    for _ in 0..4 {
        let hello = bench.open();
        let ClientMessage::Hello { id, device_id, .. } = hello else {
            panic!("{hello:?}");
        };
        devices.push(device_id);
        bench.say(ServerMessage::Refused {
            id: Some(id),
            code: 1_400_900,
            message: "in use".to_owned(),
        });
    }
    devices.dedup();
    assert_eq!(devices.len(), 4, "each time another");
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_400_900);
    assert_eq!(bench.action(), None);
}

#[test]
fn a_refused_key_closes_the_session_and_a_refused_protocol_the_socket_only() {
    for (code, is_signed_in) in [(400_303, false), (400_309, false), (400_300, false), (1_400_901, true)] {
        let mut bench = Bench::signed_in();
        let verb = bench.machine.handle_connect(bench.now);
        let id = bench.open().id();
        bench.say(ServerMessage::Refused {
            id,
            code,
            message: "no".to_owned(),
        });
        assert_eq!(bench.answer_to(verb).unwrap_err().code(), code);
        assert_eq!(bench.machine.user().is_some(), is_signed_in, "{code}");
        bench.pass(Duration::from_secs(60));
        assert_eq!(bench.action(), None, "{code}: not tried again");
    }
}

#[test]
fn a_hello_that_came_too_late_is_said_again_and_the_session_stays() {
    let mut bench = Bench::connected();
    bench.lose_socket();
    bench.machine.handle_online(bench.now);
    bench.open();
    bench.say(ServerMessage::Refused {
        id: None,
        code: 400_303,
        message: "too late".to_owned(),
    });
    assert_eq!(bench.machine.connection_state(), ConnectionState::Reconnecting);
    bench.pass(Duration::from_secs(2));
    bench.welcome(vec![], vec![]);
    assert_eq!(bench.machine.connection_state(), ConnectionState::Connected);
}

#[test]
fn news_of_an_earlier_socket_and_words_of_a_newer_server_change_nothing() {
    let mut bench = Bench::connected();
    let old = bench.socket.unwrap();
    bench.lose_socket();
    bench.machine.handle_online(bench.now);
    bench.welcome(vec![], vec![]);
    bench.told();
    let text = serde_json::to_string(&ServerMessage::Call {
        call: incoming(1, CallState::Ringing),
    })
    .unwrap();
    bench.machine.handle_socket_frame(old, &text, bench.now);
    bench.machine.handle_socket_closed(old, "late", bench.now);
    let new = bench.socket.unwrap();
    for text in ["", "{", "null", r#"{"type":"fireworks"}"#, r#"{"type":"welcome"}"#] {
        bench.machine.handle_socket_frame(new, text, bench.now);
    }
    assert_eq!(bench.told(), Vec::<&str>::new());
    assert_eq!(bench.machine.connection_state(), ConnectionState::Connected);
    bench.machine.handle_socket_frame(new, &text, bench.now);
    assert_eq!(bench.told(), ["ringing"], "the same on the present socket rings");
}

#[test]
fn frames_are_not_shown_by_debug() {
    let mut bench = Bench::signed_in();
    bench.machine.handle_connect(bench.now);
    let Some(Action::OpenSocket(id)) = bench.action() else {
        panic!("no socket is asked for");
    };
    bench.machine.handle_socket_opened(id);
    let shown = format!("{:?}", bench.machine.poll_action());
    assert!(shown.contains("send") && !shown.contains("key of alice"), "{shown}");
}

#[test]
fn every_seed_of_the_fuzz_target_is_outlived() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/server_frames");
    let mut seeds: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    seeds.sort();
    assert!(seeds.len() > 10, "the seeds are there");
    for seed in seeds {
        let mut bench = Bench::connected();
        for line in std::fs::read_to_string(&seed).unwrap().lines() {
            bench
                .machine
                .handle_socket_frame(bench.socket.unwrap(), line, bench.now);
            bench.events();
            bench.pass(Duration::from_millis(100));
        }
        // It is of use still: whoever was signed out can sign in.
        while bench.machine.poll_action().is_some() {}
        bench.machine.handle_authenticate("alice", None, bench.now);
        bench.answer_sign_in("alice", None);
        assert!(bench.machine.user().is_some(), "{}", seed.display());
    }
}
