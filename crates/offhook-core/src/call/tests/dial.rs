//! Who may dial whom, and what comes of it.

use std::time::Duration;

use super::story::{ALICE, BOB, LAPTOP, PHONE, TABLET, facts, profile, request, second};
use crate::call::{
    Call, DialFacts, DialRefusal, MAX_DIALS_PER_MINUTE, MAX_DIALS_TO_ONE_PER_MINUTE, MAX_LIVE_CALLS, MAX_RINGING_CALLS,
    Stage,
};
use crate::custom_items::InvalidCustomItems;

#[test]
fn each_refusal_has_its_cause() {
    type Row = (&'static str, fn(&mut DialFacts), DialRefusal);
    let table: [Row; 8] = [
        (
            "read only",
            |facts| facts.is_caller_read_only = true,
            DialRefusal::NoPermission,
        ),
        ("nobody", |facts| facts.callee = None, DialRefusal::CalleeDoesNotExist),
        (
            "themselves",
            |facts| facts.callee = Some((ALICE, profile("alice"))),
            DialRefusal::DialMyself,
        ),
        (
            "a stranger to calls",
            |facts| facts.has_callee_signed_in = false,
            DialRefusal::CalleeNeverAuthenticated,
        ),
        (
            "often",
            |facts| facts.recent_dials = MAX_DIALS_PER_MINUTE,
            DialRefusal::TooMany,
        ),
        (
            "one often",
            |facts| facts.recent_dials_to_callee = MAX_DIALS_TO_ONE_PER_MINUTE,
            DialRefusal::TooMany,
        ),
        ("many", |facts| facts.live_calls = MAX_LIVE_CALLS, DialRefusal::TooMany),
        (
            "rung by many",
            |facts| facts.calls_ringing_callee = MAX_RINGING_CALLS,
            DialRefusal::TooMany,
        ),
    ];
    for (name, change, refusal) in table {
        let mut facts = facts();
        change(&mut facts);
        assert_eq!(Call::dial(request(), facts, second(0)), Err(refusal), "{name}");
    }
}

#[test]
fn the_last_dial_within_the_limits_is_allowed() {
    let facts = DialFacts {
        recent_dials: MAX_DIALS_PER_MINUTE - 1,
        recent_dials_to_callee: MAX_DIALS_TO_ONE_PER_MINUTE - 1,
        live_calls: MAX_LIVE_CALLS - 1,
        calls_ringing_callee: MAX_RINGING_CALLS - 1,
        ..facts()
    };
    let call = Call::dial(request(), facts, second(0)).unwrap();
    assert_eq!((call.version, call.caller.user, call.callee.user), (1, ALICE, BOB));
}

#[test]
fn custom_items_are_bounded() {
    let items = |key: &str, value: &str, count: usize| {
        (0..count)
            .map(|index| (format!("{key}{index}"), value.to_owned()))
            .collect()
    };
    for (custom_items, expected) in [
        (items("k", "v", 10), Ok(())),
        (items("k", &"é".repeat(128), 1), Ok(())),
        (items(&"é".repeat(127), "", 1), Ok(())),
        (items("k", "v", 11), Err(InvalidCustomItems::TooMany(11))),
        (items("a,b", "v", 1), Err(InvalidCustomItems::Key)),
        (items(&"k".repeat(128), "v", 1), Err(InvalidCustomItems::Key)),
        (items("k", &"v".repeat(129), 1), Err(InvalidCustomItems::Value)),
    ] {
        let request = crate::call::DialRequest {
            custom_items,
            ..request()
        };
        let dialed = Call::dial(request, facts(), second(0)).map(|_| ());
        assert_eq!(dialed, expected.map_err(DialRefusal::CustomItems));
    }
}

#[test]
fn the_channel_of_a_chat_is_kept_within_bounds() {
    for (url, is_kept) in [
        ("sendbird_group_channel_7", true),
        (&"é".repeat(255), true),
        ("", false),
        (&"é".repeat(256), false),
        ("a\nb", false),
    ] {
        let request = crate::call::DialRequest {
            chat_channel_url: Some(url.to_owned()),
            ..request()
        };
        let dialed = Call::dial(request, facts(), second(0)).map(|call| call.chat_channel_url);
        let expected = if is_kept {
            Ok(Some(url.to_owned()))
        } else {
            Err(DialRefusal::ChatChannel)
        };
        assert_eq!(dialed, expected);
    }
}

#[test]
fn timeouts_are_held_within_bounds() {
    for (asked, held) in [
        (None, 60),
        (Some(0), 5),
        (Some(5), 5),
        (Some(120), 120),
        (Some(301), 300),
    ] {
        let asked = asked.map(Duration::from_secs);
        let request = crate::call::DialRequest {
            ringing_timeout: asked,
            connection_timeout: asked,
            ..request()
        };
        let call = Call::dial(request, facts(), second(0)).unwrap();
        assert_eq!(call.connection_timeout, Duration::from_secs(held));
        let Stage::Ringing { until, .. } = call.stage else {
            panic!("a new call rings");
        };
        assert_eq!(until, second(held));
        assert_eq!(call.deadline(), Some(second(held)));
    }
}

#[test]
fn an_application_shortens_what_a_dial_asks_but_never_below_the_least() {
    for (asked, longest, held) in [
        (None, 30, 30),
        (None, 90, 60),
        (Some(120), 30, 30),
        (Some(20), 30, 20),
        (Some(120), 1, 5),
        (Some(1), 30, 5),
        (Some(400), 900, 300),
    ] {
        let asked = asked.map(Duration::from_secs);
        let request = crate::call::DialRequest {
            ringing_timeout: asked,
            connection_timeout: asked,
            ..request()
        };
        let ringing = DialFacts {
            max_ringing: Duration::from_secs(longest),
            ..facts()
        };
        let connecting = DialFacts {
            max_connecting: Duration::from_secs(longest),
            ..facts()
        };
        let unshortened = Call::dial(request.clone(), facts(), second(0)).unwrap();
        let call = Call::dial(request.clone(), ringing, second(0)).unwrap();
        assert_eq!(call.deadline(), Some(second(held)), "{asked:?} {longest}");
        assert_eq!(call.connection_timeout, unshortened.connection_timeout);
        let call = Call::dial(request, connecting, second(0)).unwrap();
        assert_eq!(
            call.connection_timeout,
            Duration::from_secs(held),
            "{asked:?} {longest}"
        );
        assert_eq!(call.deadline(), unshortened.deadline());
    }
}

#[test]
fn only_the_same_device_repeats_a_dial() {
    let call = Call::dial(request(), facts(), second(0)).unwrap();
    assert!(call.is_dialed_by(ALICE, LAPTOP));
    assert!(!call.is_dialed_by(ALICE, TABLET));
    assert!(!call.is_dialed_by(BOB, PHONE));
}

#[test]
fn a_caller_who_vanishes_while_it_rings_long_cancels() {
    use crate::call::{EndResult, Input, Role, decide};
    let request = crate::call::DialRequest {
        ringing_timeout: Some(Duration::from_secs(300)),
        ..request()
    };
    let call = Call::dial(request, facts(), second(0)).unwrap();
    let vanish = Input::Vanish {
        user: ALICE,
        device: LAPTOP,
        last_seen: second(9),
    };
    let call = decide(&call, vanish, second(10)).unwrap().call;
    assert_eq!(call.deadline(), Some(second(70)));
    let call = decide(&call, Input::Expire, second(75)).unwrap().call;
    let ending = call.ending().unwrap();
    assert_eq!(
        (ending.result, ending.by, ending.at),
        (EndResult::Canceled, Some(Role::Caller), second(70))
    );
}
