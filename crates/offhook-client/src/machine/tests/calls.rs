use offhook_proto::call::CallEndResult;
use offhook_proto::socket::{MediaPath, MediaState};

use super::*;

#[test]
fn a_dial_says_whom_and_how_and_is_answered_by_the_call() {
    let mut bench = Bench::connected();
    let params = DialParams {
        ringing_timeout: Some(Duration::from_secs(30)),
        ..DialParams::audio("bob")
    };
    let (verb, dialled) = bench.machine.handle_dial(params, bench.now);
    let sent = bench.sent();
    let [
        ClientMessage::Dial {
            id,
            call_id,
            user_id,
            is_video_call,
            media,
            ringing_timeout_s,
            connection_timeout_s,
            ..
        },
    ] = &sent[..]
    else {
        panic!("{sent:?}");
    };
    assert_eq!((*call_id, user_id.as_str(), *is_video_call), (dialled, "bob", false));
    assert!(
        media.audio_enabled && !media.video_enabled,
        "an audio call ignores the camera"
    );
    assert_eq!((*ringing_timeout_s, *connection_timeout_s), (Some(30), None));
    let call = snapshot(dialled, 1, CallRole::Caller, CallState::Ringing);
    bench.say(ServerMessage::Reply {
        id: *id,
        call: call.clone(),
    });
    assert_eq!(bench.answer_to(verb), Ok(Answer::Call(Box::new(call))));
    assert_eq!(bench.machine.ongoing_calls().count(), 1);
    assert_eq!(bench.told(), Vec::<&str>::new(), "to dial is no news");
}

#[test]
fn nobody_dials_themselves_or_nobody() {
    let mut bench = Bench::connected();
    for (user_id, code) in [("alice", 1_800_101), ("", 1_800_300)] {
        let (verb, _) = bench.machine.handle_dial(DialParams::audio(user_id), bench.now);
        assert_eq!(bench.answer_to(verb).unwrap_err().code(), code);
    }
    assert_eq!(bench.machine.poll_action(), None);
}

#[test]
fn call_ids_are_drawn_anew() {
    let mut bench = Bench::connected();
    let (_, first) = bench.machine.handle_dial(DialParams::audio("bob"), bench.now);
    let (_, second) = bench.machine.handle_dial(DialParams::audio("bob"), bench.now);
    assert_ne!(first, second);
}

#[test]
fn a_ring_is_acknowledged_when_the_application_takes_it() {
    let mut bench = Bench::connected();
    bench.say_call(incoming(1, CallState::Ringing));
    assert_eq!(bench.sent(), [], "nobody has been told");
    assert_eq!(bench.told(), ["ringing"]);
    assert_eq!(names(&bench.sent()), ["ringing"]);
}

#[test]
fn a_ring_that_ended_before_it_was_taken_is_not_acknowledged() {
    let mut bench = Bench::connected();
    bench.say_call(incoming(1, CallState::Ringing));
    bench.say_call(incoming(2, CallState::Ended));
    assert_eq!(bench.told(), ["ringing", "ended"]);
    assert_eq!(bench.sent(), []);
}

#[test]
fn every_step_is_told_in_order_though_snapshots_skip_some() {
    let (mut bench, call_id) = Bench::calling(CallState::Ringing);
    let mut call = snapshot(call_id, 5, CallRole::Caller, CallState::Connected);
    call.is_dial_received = true;
    bench.say_call(call);
    assert_eq!(bench.told(), ["dial received", "established", "connected"]);
}

#[test]
fn old_and_repeated_snapshots_are_no_news() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    for version in [1, 2] {
        bench.say_call(snapshot(call_id, version, CallRole::Caller, CallState::Established));
        assert_eq!(bench.machine.call(call_id).unwrap().state, CallState::Connected);
    }
    bench.say_call(snapshot(call_id, 3, CallRole::Caller, CallState::Ended));
    bench.say_call(snapshot(call_id, 3, CallRole::Caller, CallState::Ended));
    assert_eq!(bench.told(), ["ended"]);
}

#[test]
fn late_news_of_an_ended_call_rings_nobody() {
    let mut bench = Bench::connected();
    bench.say_call(incoming(1, CallState::Ringing));
    bench.say_call(incoming(3, CallState::Ended));
    bench.told();
    bench.say_call(incoming(2, CallState::Ringing));
    assert_eq!(bench.told(), Vec::<&str>::new());
    assert_eq!(bench.machine.ongoing_calls().count(), 0);
}

#[test]
fn ended_calls_are_not_kept_for_ever() {
    let mut bench = Bench::connected();
    for number in 0..1000_u128 {
        let call_id = CallId::from_bytes(number.to_be_bytes());
        bench.say_call(snapshot(call_id, 1, CallRole::Callee, CallState::Ringing));
        bench.say_call(snapshot(call_id, 2, CallRole::Callee, CallState::Ended));
    }
    assert_eq!(bench.machine.known_calls().count(), 64);
}

#[test]
fn a_device_that_lost_the_race_is_told_that_it_is_over_here() {
    let mut bench = Bench::connected();
    bench.say_call(incoming(1, CallState::Ringing));
    let mut call = incoming(2, CallState::Ended);
    call.end_result = Some(CallEndResult::OtherDeviceAccepted);
    call.callee.media.video_enabled = false;
    bench.say_call(call);
    assert_eq!(bench.told(), ["ringing", "ended"]);
}

#[test]
fn accept_report_and_end_are_requests_of_the_call() {
    let mut bench = Bench::connected();
    bench.say_call(incoming(1, CallState::Ringing));
    bench.told();
    bench.sent();
    let call_id = incoming(1, CallState::Ringing).call_id;
    bench.machine.handle_accept(call_id, true, false, bench.now);
    let path = Some(MediaPath::Relayed);
    bench
        .machine
        .handle_report(call_id, MediaState::Connected, path, bench.now);
    bench.machine.handle_end(call_id, bench.now);
    let sent = bench.sent();
    assert_eq!(names(&sent), ["accept", "report", "end"]);
    let reported = matches!(&sent[1], ClientMessage::Report { path, .. } if *path == Some(MediaPath::Relayed));
    assert!(reported, "which way it takes");
}

#[test]
fn the_ticket_of_a_live_call_is_named_at_once_and_on_every_new_socket() {
    let (mut bench, call_id) = Bench::calling(CallState::Ringing);
    let named = ClientMessage::UseTicket {
        call_id,
        ticket: "t1".to_owned(),
    };
    bench.machine.handle_use_ticket(call_id, "t1".to_owned());
    assert_eq!(bench.sent(), std::slice::from_ref(&named));

    bench.lose_socket();
    bench.pass(Duration::from_secs(1));
    let known = bench.machine.call(call_id).unwrap().clone();
    bench.welcome(vec![known], vec![]);
    assert!(bench.sent().contains(&named));

    bench.lose_socket();
    bench.machine.handle_use_ticket(call_id, "t2".to_owned());
    bench.pass(Duration::from_secs(1));
    bench.welcome(
        vec![snapshot(call_id, 2, CallRole::Caller, CallState::Established)],
        vec![],
    );
    let sent = bench.sent();
    let tickets: Vec<_> = sent
        .iter()
        .filter_map(|message| match message {
            ClientMessage::UseTicket { ticket, .. } => Some(ticket.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(tickets, ["t2"], "the latest");
}

#[test]
fn no_ticket_is_named_for_a_call_that_has_ended() {
    let (mut bench, call_id) = Bench::calling(CallState::Ended);
    bench.machine.handle_use_ticket(call_id, "t1".to_owned());
    assert_eq!(bench.sent(), []);
}

#[test]
fn to_end_an_ended_call_asks_nobody() {
    let (mut bench, call_id) = Bench::calling(CallState::Ended);
    let verb = bench.machine.handle_end(call_id, bench.now);
    assert!(matches!(bench.answer_to(verb), Ok(Answer::Call(call)) if call.state == CallState::Ended));
    assert_eq!(bench.sent(), []);
}

#[test]
fn each_switch_of_media_counts_one_more() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    bench.machine.handle_set_media(call_id, false, true, bench.now);
    bench.machine.handle_set_media(call_id, true, true, bench.now);
    let revisions: Vec<_> = bench
        .sent()
        .into_iter()
        .map(|message| match message {
            ClientMessage::SetMedia { media, .. } => (media.revision, media.audio_enabled),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(revisions, [(1, false), (2, true)]);
    // What the server knew before does not switch it back.
    bench.say_call(snapshot(call_id, 3, CallRole::Caller, CallState::Connected));
    assert_eq!(bench.machine.call(call_id).unwrap().caller.media.revision, 2);
}

#[test]
fn the_other_sides_media_is_told_once_and_old_counts_are_ignored() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    let media = |revision, audio_enabled| PartyMedia {
        audio_enabled,
        video_enabled: true,
        is_on_hold: false,
        is_recording: false,
        revision,
    };
    for (revision, audio_enabled) in [(2, false), (2, false), (1, true)] {
        let media = media(revision, audio_enabled);
        bench.say(ServerMessage::PartyMedia {
            call_id,
            role: CallRole::Callee,
            media,
        });
    }
    assert_eq!(bench.told(), ["party media"]);
    let seen = bench.machine.call(call_id).unwrap().callee.media;
    assert_eq!((seen.revision, seen.audio_enabled), (2, false));
}

#[test]
fn what_was_missed_while_away_is_caught_up_in_the_welcome() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    bench.lose_socket();
    bench.machine.handle_online(bench.now);
    let mut ended = snapshot(call_id, 4, CallRole::Caller, CallState::Ended);
    ended.end_result = Some(CallEndResult::Completed);
    bench.welcome(vec![ended, incoming(1, CallState::Ringing)], vec![]);
    assert_eq!(bench.told(), ["state", "state", "ended", "ringing"]);
}

#[test]
fn a_call_that_the_server_does_not_know_is_over() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    bench.lose_socket();
    bench.machine.handle_online(bench.now);
    bench.welcome(vec![], vec![call_id]);
    assert_eq!(bench.told(), ["state", "state", "ended"]);
    assert_eq!(
        bench.machine.call(call_id).unwrap().end_result,
        None,
        "only the server knew how"
    );
}

#[test]
fn a_hello_names_no_more_calls_than_it_may_carried_ones_first_and_asks_for_the_rest() {
    let (mut bench, carried) = Bench::calling(CallState::Connected);
    let mut rung = Vec::new();
    // All of these sort before the carried one by number.
    for number in 0..40_u128 {
        let call_id = CallId::from_bytes(number.to_be_bytes());
        bench.say_call(snapshot(call_id, 1, CallRole::Callee, CallState::Ringing));
        rung.push(snapshot(call_id, 1, CallRole::Callee, CallState::Ringing));
    }
    bench.lose_socket();
    bench.machine.handle_online(bench.now);
    rung.push(snapshot(carried, 2, CallRole::Caller, CallState::Connected));
    // The last of those that the hello had no room for has ended meanwhile.
    let ended = rung.remove(39).call_id;
    let hello = bench.welcome(rung, vec![]);
    let ClientMessage::Hello { known_calls, .. } = hello else {
        panic!("{hello:?}");
    };
    assert_eq!(known_calls.len(), 32);
    assert_eq!(known_calls[0], carried);
    let read: Vec<_> = bench
        .requests()
        .into_iter()
        .filter_map(|message| match message {
            ClientMessage::Read { id, call_id } => Some((id, call_id)),
            _ => None,
        })
        .collect();
    assert_eq!(read.iter().map(|(_, call_id)| *call_id).collect::<Vec<_>>(), [ended]);
    bench.told();
    bench.say(ServerMessage::Refused {
        id: Some(read[0].0),
        code: 1_400_102,
        message: "none".to_owned(),
    });
    assert_eq!(bench.told(), ["ended"]);
}

#[test]
fn duration_runs_from_accept_to_the_end() {
    let (mut bench, call_id) = Bench::calling(CallState::Ringing);
    bench.pass(Duration::from_secs(5));
    assert_eq!(bench.machine.call_duration(call_id, bench.now), Some(Duration::ZERO));
    bench.say_call(snapshot(call_id, 2, CallRole::Caller, CallState::Established));
    bench.pass(Duration::from_secs(5));
    assert_eq!(
        bench.machine.call_duration(call_id, bench.now),
        Some(Duration::from_secs(5))
    );
    let mut ended = snapshot(call_id, 3, CallRole::Caller, CallState::Ended);
    ended.duration_ms = 5100;
    bench.say_call(ended);
    bench.pass(Duration::from_secs(5));
    assert_eq!(
        bench.machine.call_duration(call_id, bench.now),
        Some(Duration::from_millis(5100))
    );
}

#[test]
fn a_call_that_ends_with_the_session_has_lasted_until_then() {
    let (mut bench, call_id) = Bench::calling(CallState::Established);
    bench.pass(Duration::from_secs(5));
    bench.machine.handle_deauthenticate(bench.now);
    let ended = bench.machine.poll_event(bench.now);
    assert!(
        matches!(&ended, Some(Event::Ended(call)) if call.call_id == call_id && call.duration_ms == 5_000),
        "{ended:?}"
    );
}

#[test]
fn more_requests_than_can_be_held_are_refused_at_once() {
    let mut bench = Bench::connected();
    for _ in 0..256 {
        bench.machine.handle_read(CallId::from_bytes([1; 16]), bench.now);
    }
    assert!(!bench.has_answers());
    let verb = bench.machine.handle_read(CallId::from_bytes([1; 16]), bench.now);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_207);
}

#[test]
fn a_hold_that_could_not_be_said_holds_and_is_said_when_the_server_is_back() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    bench.lose_socket();
    let verb = bench.machine.handle_hold(call_id, true, bench.now);
    bench.pass(REQUEST_TIMEOUT);
    assert!(bench.answer_to(verb).is_err());
    assert!(bench.machine.call(call_id).unwrap().caller.media.is_on_hold);
    bench.welcome(
        vec![snapshot(call_id, 3, CallRole::Caller, CallState::Connected)],
        vec![],
    );
    let said = bench.sent().into_iter().find_map(|message| match message {
        ClientMessage::SetMedia { media, .. } => Some((media.revision, media.is_on_hold)),
        _ => None,
    });
    assert_eq!(said, Some((1, true)));
}

#[test]
fn a_hold_that_cannot_even_be_asked_for_changes_nothing() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    for _ in 0..256 {
        bench.machine.handle_read(CallId::from_bytes([1; 16]), bench.now);
    }
    let verb = bench.machine.handle_hold(call_id, true, bench.now);
    assert!(bench.answer_to(verb).is_err());
    let own = bench.machine.call(call_id).unwrap().caller.media;
    assert_eq!((own.revision, own.is_on_hold), (0, false));
}

#[test]
fn a_hold_and_a_recording_stay_through_a_mute() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    bench.machine.handle_hold(call_id, true, bench.now);
    bench.machine.handle_recording(call_id, true, bench.now);
    bench.machine.handle_set_media(call_id, false, true, bench.now);
    bench.machine.handle_hold(call_id, false, bench.now);
    let said = bench.sent().into_iter().map(|message| match message {
        ClientMessage::SetMedia { media, .. } => media,
        other => panic!("{other:?}"),
    });
    let said: Vec<_> = said
        .map(|media| {
            (
                media.revision,
                media.audio_enabled,
                media.is_on_hold,
                media.is_recording,
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (1, true, true, false),
            (2, true, true, true),
            (3, false, true, true),
            (4, false, false, true)
        ]
    );
}

#[test]
fn a_hold_of_the_other_side_is_told_though_it_came_with_a_snapshot() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    let mut held = snapshot(call_id, 3, CallRole::Caller, CallState::Connected);
    held.callee.media.is_on_hold = true;
    held.callee.media.revision = 1;
    bench.say_call(held.clone());
    assert_eq!(bench.told(), ["party media"]);
    held.version = 4;
    held.callee.media.revision = 2;
    bench.say_call(held);
    assert_eq!(bench.told(), Vec::<&str>::new(), "nothing changed but the count");
}

#[test]
fn custom_items_of_others_are_told_and_ones_own_are_answered() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    let items: std::collections::BTreeMap<_, _> = [("a".to_owned(), "1".to_owned())].into();
    let verb = bench.machine.handle_update_items(call_id, items.clone(), bench.now);
    let sent = bench.sent();
    let [ClientMessage::UpdateCustomItems { id, custom_items, .. }] = &sent[..] else {
        panic!("{sent:?}");
    };
    assert_eq!(*custom_items, items);
    let changed = ChangedItems {
        custom_items: items.clone(),
        affected_keys: vec!["a".to_owned()],
    };
    bench.say(ServerMessage::CustomItems {
        id: *id,
        custom_items: changed.custom_items.clone(),
        affected_keys: changed.affected_keys.clone(),
    });
    assert_eq!(bench.answer_to(verb), Ok(Answer::ItemsChanged(changed)));
    let mut call = snapshot(call_id, 3, CallRole::Caller, CallState::Connected);
    call.custom_items = items;
    bench.say_call(call.clone());
    assert_eq!(bench.told(), Vec::<&str>::new(), "its own change is no news");
    (call.version, call.state) = (4, CallState::Ended);
    bench.say_call(call.clone());
    (call.version, call.custom_items) = (5, Default::default());
    bench.say_call(call);
    assert_eq!(bench.told(), ["ended", "items changed"], "it ends once");
}
