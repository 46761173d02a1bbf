use offhook_proto::call::CallEndResult;

use super::*;

#[test]
fn verbs_before_sign_in_are_answered_by_1800303() {
    let mut bench = Bench::new();
    let now = bench.now;
    let verbs = [
        bench.machine.handle_connect(now),
        bench.machine.handle_dial(DialParams::audio("bob"), now).0,
        bench.machine.handle_read(CallId::from_bytes([1; 16]), now),
        bench.machine.handle_session_token("token", now),
        bench.machine.handle_call_log(&CallLogQuery::default(), now),
    ];
    for verb in verbs {
        let (answered, answer) = bench.machine.poll_answer().unwrap();
        assert_eq!(answered, verb);
        assert_eq!(answer.unwrap_err().code(), 1_800_303);
    }
    assert_eq!(bench.machine.poll_action(), None);
}

#[test]
fn a_sign_in_sends_the_token_and_an_empty_one_means_none() {
    for (token, body) in [
        (
            Some("t"),
            r#"{"app_id":"first-app","user_id":"alice","access_token":"t"}"#,
        ),
        (Some(""), r#"{"app_id":"first-app","user_id":"alice"}"#),
        (None, r#"{"app_id":"first-app","user_id":"alice"}"#),
    ] {
        let mut bench = Bench::new();
        bench.machine.handle_authenticate("alice", token, bench.now);
        let request = bench.http();
        assert_eq!(request.body.as_deref(), Some(body));
        assert!(
            !format!("{request:?}").contains("alice"),
            "nothing of the body is shown"
        );
    }
}

#[test]
fn each_failure_of_a_sign_in_has_its_code() {
    let refusal = r#"{"error":true,"code":400302,"message":"no"}"#;
    let table = [
        (HttpOutcome::Failed("no route".to_owned()), 1_800_200),
        (answer(400, refusal), 400_302),
        (answer(502, "<html>"), 1_800_200),
        (answer(200, "{}"), 1_800_208),
    ];
    for (outcome, code) in table {
        let mut bench = Bench::new();
        let verb = bench.machine.handle_authenticate("alice", None, bench.now);
        bench.machine.handle_http(verb, outcome, bench.now);
        assert_eq!(bench.answer_to(verb).unwrap_err().code(), code);
        assert!(bench.machine.user().is_none());
    }
}

#[test]
fn a_sign_in_without_an_answer_is_given_up_and_a_late_answer_changes_nothing() {
    let mut bench = Bench::new();
    let verb = bench.machine.handle_authenticate("alice", None, bench.now);
    bench.pass(REQUEST_TIMEOUT - Duration::from_millis(1));
    assert!(!bench.has_answers());
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 1_800_203);
    bench.answer_sign_in("alice", None);
    assert!(bench.machine.user().is_none());
    assert!(!bench.has_answers());
    assert_eq!(deleted(&mut bench), "key of alice", "nobody knows of that session");
}

#[test]
fn who_signs_out_while_signing_in_is_not_signed_in_later() {
    let mut bench = Bench::new();
    let sign_in = bench.machine.handle_authenticate("alice", None, bench.now);
    let connect = bench.machine.handle_connect(bench.now);
    let sign_out = bench.machine.handle_deauthenticate(bench.now);
    let answers: Vec<_> = std::iter::from_fn(|| bench.machine.poll_answer()).collect();
    let refused = Err(Error::NotAuthenticated);
    assert_eq!(
        answers,
        [
            (sign_in, refused.clone()),
            (sign_out, Ok(Answer::Deauthenticated)),
            (connect, refused)
        ]
    );
    bench.answer_sign_in("alice", None);
    assert!(bench.machine.user().is_none());
    assert_eq!(bench.machine.connection_state(), ConnectionState::Disconnected);
    assert_eq!(deleted(&mut bench), "key of alice");
    assert!(!bench.has_answers());
}

/// The key of the session that is to be deleted.
fn deleted(bench: &mut Bench) -> String {
    let request = bench.http();
    assert_eq!(
        (request.method, request.path.as_str()),
        (Method::Delete, "/client/v1/session")
    );
    bench.answer_http(request.verb, 204, "");
    bench.machine.poll_answer();
    request.bearer.unwrap()
}

#[test]
fn a_second_sign_in_that_fails_leaves_the_first_session() {
    let mut bench = Bench::connected();
    let verb = bench.machine.handle_authenticate("carol", Some("wrong"), bench.now);
    let request = bench.http();
    bench.answer_http(request.verb, 400, r#"{"error":true,"code":400302,"message":"no"}"#);
    assert_eq!(bench.answer_to(verb).unwrap_err().code(), 400_302);
    assert_eq!(bench.machine.user().unwrap().user_id, "alice");
    assert_eq!(bench.machine.connection_state(), ConnectionState::Connected);
}

#[test]
fn a_second_user_takes_over_the_socket_and_the_first_session_is_deleted() {
    let (mut bench, _) = Bench::calling(CallState::Connected);
    let device = bench.machine.device();
    bench.machine.handle_authenticate("carol", None, bench.now);
    bench.answer_sign_in("carol", None);
    let actions: Vec<_> = std::iter::from_fn(|| bench.machine.poll_action()).collect();
    let [
        Action::Send(_, end),
        Action::CloseSocket(_),
        Action::Http(delete),
        Action::OpenSocket(socket),
    ] = &actions[..]
    else {
        panic!("{actions:?}");
    };
    assert!(end.contains(r#""type":"end""#));
    assert_eq!(
        (delete.method, delete.bearer.as_deref()),
        (Method::Delete, Some("key of alice"))
    );
    bench.socket = Some(*socket);
    bench.machine.handle_socket_opened(*socket);
    let hello = bench.sent();
    let [
        ClientMessage::Hello {
            session_key,
            device_id,
            known_calls,
            ..
        },
    ] = &hello[..]
    else {
        panic!("{hello:?}");
    };
    assert_eq!(session_key, "key of carol");
    assert_ne!(*device_id, device, "a device belongs to one user");
    assert!(known_calls.is_empty(), "calls of another user are none of hers");
    assert_eq!(bench.told(), ["ended", "state", "state"]);
}

#[test]
fn a_new_session_of_the_same_user_keeps_the_calls() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    bench.machine.handle_authenticate("alice", None, bench.now);
    bench.answer_sign_in("alice", None);
    let call = snapshot(call_id, 2, CallRole::Caller, CallState::Connected);
    let hello = bench.welcome(vec![call], vec![]);
    let ClientMessage::Hello { known_calls, .. } = hello else {
        panic!("{hello:?}");
    };
    assert_eq!(known_calls, [call_id]);
    assert_eq!(bench.machine.ongoing_calls().count(), 1);
    assert!(!bench.told().contains(&"ended"));
}

#[test]
fn signing_out_ends_what_this_device_carries_and_forgets_everything() {
    let (mut bench, call_id) = Bench::calling(CallState::Connected);
    bench.say_call(incoming(1, CallState::Ringing));
    assert_eq!(bench.told(), ["ringing"]);
    bench.sent();

    let verb = bench.machine.handle_deauthenticate(bench.now);
    let actions: Vec<_> = std::iter::from_fn(|| bench.machine.poll_action()).collect();
    let [Action::Send(_, end), Action::CloseSocket(_), Action::Http(delete)] = &actions[..] else {
        panic!("{actions:?}");
    };
    // To end the call that rings would decline it on the user's other devices.
    assert!(end.contains(&call_id.to_string()), "{end}");
    let ended: Vec<_> = bench
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Ended(call) => Some((call.call_id, call.end_result)),
            _ => None,
        })
        .collect();
    assert_eq!(ended.len(), 2, "each live call ends once");
    assert!(ended.contains(&(call_id, Some(CallEndResult::Completed))));
    assert_eq!(bench.machine.user(), None);
    assert_eq!(bench.machine.known_calls().count(), 0);
    assert_eq!(bench.machine.connection_state(), ConnectionState::Disconnected);

    bench.answer_http(delete.verb, 200, "{}");
    assert_eq!(bench.answer_to(verb), Ok(Answer::Deauthenticated));
    bench.pass(Duration::from_secs(60));
    assert_eq!(bench.machine.poll_action(), None, "nobody comes back");
}

#[test]
fn signing_out_while_signed_out_is_harmless() {
    let mut bench = Bench::new();
    let verb = bench.machine.handle_deauthenticate(bench.now);
    assert_eq!(bench.answer_to(verb), Ok(Answer::Deauthenticated));
    assert_eq!(bench.machine.poll_action(), None);
}

#[test]
fn a_new_token_is_asked_for_a_minute_before_the_end_and_again_for_the_next() {
    let mut bench = Bench::new();
    bench
        .machine
        .handle_authenticate("alice", Some("session token"), bench.now);
    bench.answer_sign_in("alice", Some(3_600_000));
    bench.machine.handle_connect(bench.now);
    bench.welcome(vec![], vec![]);
    bench.told();
    keep_alive(&mut bench, Duration::from_secs(3539));
    assert_eq!(bench.told(), Vec::<&str>::new());
    keep_alive(&mut bench, Duration::from_secs(1));
    assert_eq!(bench.told(), ["token required"]);

    let verb = bench.machine.handle_session_token("new", bench.now);
    let sent = bench.sent();
    let [ClientMessage::Renew { id, access_token }] = &sent[..] else {
        panic!("{sent:?}");
    };
    assert_eq!(access_token, "new");
    bench.say(ServerMessage::Renewed {
        id: *id,
        token_expires_in_ms: 100_000,
    });
    assert_eq!(bench.answer_to(verb), Ok(Answer::Renewed));
    assert_eq!(bench.told(), ["token refreshed"]);
    keep_alive(&mut bench, Duration::from_secs(49));
    assert_eq!(bench.told(), Vec::<&str>::new());
    // Of a short life, half.
    keep_alive(&mut bench, Duration::from_secs(1));
    assert_eq!(bench.told(), ["token required"]);
}

#[test]
fn a_closed_session_ends_its_calls_and_is_not_come_back_with() {
    let (mut bench, _) = Bench::calling(CallState::Connected);
    let read = bench.machine.handle_read(CallId::from_bytes([1; 16]), bench.now);
    bench.say(ServerMessage::SessionClosed {
        code: 400_309,
        message: "over".to_owned(),
    });
    assert_eq!(bench.answer_to(read).unwrap_err().code(), 400_309);
    assert_eq!(bench.told(), ["ended", "state", "session closed"]);
    while bench.machine.poll_action().is_some() {}
    bench.lose_socket();
    bench.pass(Duration::from_secs(60));
    assert_eq!(bench.machine.poll_action(), None);
    assert_eq!(bench.machine.user(), None);
}

#[test]
fn the_call_log_is_asked_for_with_what_was_chosen() {
    let mut bench = Bench::signed_in();
    let query = CallLogQuery {
        limit: Some(5),
        next: Some("a b&c".to_owned()),
        role: Some(CallRole::Caller),
        end_results: vec![CallEndResult::Completed, CallEndResult::NoAnswer],
        started_from: Some(1),
        started_to: Some(2),
    };
    let verb = bench.machine.handle_call_log(&query, bench.now);
    let request = bench.http();
    assert_eq!(
        request.path,
        "/client/v1/direct_calls?limit=5&next=a%20b%26c&role=dc_caller&end_results=completed,no_answer&started_from=1&started_to=2"
    );
    assert_eq!(request.bearer.as_deref(), Some("key of alice"));
    bench.answer_http(request.verb, 200, r#"{"calls":[]}"#);
    assert!(matches!(bench.answer_to(verb), Ok(Answer::CallLog(page)) if page.calls.is_empty() && page.next.is_none()));

    bench.machine.handle_call_log(&CallLogQuery::default(), bench.now);
    assert_eq!(bench.http().path, "/client/v1/direct_calls");
}

fn answer(status: u16, body: &str) -> HttpOutcome {
    HttpOutcome::Answer {
        status,
        body: body.as_bytes().to_vec(),
    }
}

/// Lets time pass on a socket that pings.
fn keep_alive(bench: &mut Bench, time: Duration) {
    let end = bench.now + time;
    while bench.now < end {
        bench.say(ServerMessage::Ping {});
        bench.pass(Duration::from_secs(10).min(end - bench.now));
    }
}
