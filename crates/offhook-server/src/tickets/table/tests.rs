use std::collections::BTreeMap;
use std::time::Duration;

use offhook_core::call::{DialFacts, DialRequest, Input, MediaSettings, Profile, decide};

use super::*;

const ALICE: Holder = holder(1, 11);
const BOB: Holder = holder(2, 21);
/// Bob, on another device by another session.
const BOBS_WATCH: Holder = Holder {
    user: BOB.user,
    ..holder(3, 22)
};

#[test]
fn a_ticket_is_ahead_for_half_its_life_or_until_it_is_named() {
    let mut table = with(&[("a", ALICE)]);
    assert_eq!(ahead(&table, ALICE, hours(11)), Some("a"));
    assert_eq!(ahead(&table, ALICE, hours(12)), None);
    assert_eq!(bind(&mut table, "a", ALICE, 7), Ok(true));
    assert_eq!(ahead(&table, ALICE, hours(0)), None);
}

#[test]
fn a_ticket_may_be_named_again_for_its_call_and_for_no_other() {
    let mut table = with(&[("a", ALICE)]);
    assert_eq!(bind(&mut table, "a", ALICE, 7), Ok(true));
    assert_eq!(bind(&mut table, "a", ALICE, 7), Ok(false));
    assert_eq!(bind(&mut table, "a", ALICE, 8), Err(NotUsable));
}

#[test]
fn a_ticket_is_named_by_whom_it_was_handed_to_and_by_nobody_else() {
    let mut table = with(&[("a", ALICE)]);
    let others = [
        Holder {
            session: BOB.session,
            ..ALICE
        },
        Holder {
            device: BOB.device,
            ..ALICE
        },
        Holder {
            user: BOB.user,
            ..ALICE
        },
        Holder {
            app: AppKey(2),
            ..ALICE
        },
    ];
    for other in others {
        let named = bind(&mut table, "a", other, 7);
        assert_eq!(named, Err(NotUsable), "{other:?}");
    }
    assert_eq!(bind(&mut table, "b", ALICE, 7), Err(NotUsable));
    assert_eq!(bind(&mut table, "a", ALICE, 7), Ok(true));
}

#[test]
fn a_superseded_ticket_may_be_named_for_a_while_and_leaves_the_one_ahead_alone() {
    let mut table = with(&[("a", ALICE), ("b", ALICE)]);
    assert_eq!(ahead(&table, ALICE, hours(0)), Some("b"));
    assert_eq!(bind(&mut table, "a", ALICE, 7), Ok(false));
    assert_eq!(ahead(&table, ALICE, hours(0)), Some("b"));
    assert_eq!(swept(&mut table, minutes(6)), [""; 0]);
}

#[test]
fn what_was_superseded_and_not_named_is_revoked_after_six_minutes() {
    let mut table = with(&[("a", ALICE), ("b", ALICE)]);
    assert_eq!(swept(&mut table, minutes(5)), [""; 0]);
    assert_eq!(swept(&mut table, minutes(6)), ["a"]);
    assert_eq!(bind(&mut table, "a", ALICE, 7), Err(NotUsable));
    assert_eq!(ahead(&table, ALICE, minutes(6)), Some("b"));
}

#[test]
fn what_was_used_and_not_named_is_revoked_after_six_minutes() {
    let mut table = with(&[("a", ALICE), ("b", BOB)]);
    table.arrive(&ALICE);
    for (ticket, at) in [("a", minutes(1)), ("b", minutes(1)), ("a", minutes(5))] {
        table.add(ticket, Relayed::default(), at);
    }
    assert_eq!(bind(&mut table, "b", BOB, 7), Ok(true));
    assert_eq!(swept(&mut table, minutes(6)), [""; 0]);
    assert_eq!(swept(&mut table, minutes(7)), ["a"], "b was named");
    assert_eq!(ahead(&table, ALICE, minutes(7)), None);
}

#[test]
fn the_ticket_of_a_device_that_is_away_is_kept_for_six_minutes() {
    let mut table = with(&[("a", ALICE)]);
    table.arrive(&ALICE);
    assert_eq!(swept(&mut table, hours(30)), [""; 0], "it is there");
    table.depart(&ALICE, minutes(10));
    assert_eq!(swept(&mut table, minutes(15)), [""; 0]);
    table.arrive(&ALICE);
    assert_eq!(swept(&mut table, minutes(40)), [""; 0], "it is back");
    table.depart(&ALICE, minutes(50));
    assert_eq!(swept(&mut table, minutes(56)), ["a"]);
}

#[test]
fn a_socket_that_replaces_another_does_not_leave_with_it() {
    let mut table = with(&[("a", ALICE)]);
    table.arrive(&ALICE);
    table.arrive(&ALICE);
    table.depart(&ALICE, minutes(0));
    assert_eq!(swept(&mut table, minutes(6)), [""; 0]);
}

#[test]
fn all_tickets_of_a_call_are_revoked_when_it_ends_and_no_others() {
    let mut table = with(&[("a", ALICE), ("b", BOB), ("other", ALICE), ("ahead", ALICE)]);
    bind(&mut table, "a", ALICE, 7).unwrap();
    bind(&mut table, "b", BOB, 7).unwrap();
    bind(&mut table, "other", ALICE, 8).unwrap();
    let call = accepted();
    assert_eq!(names(table.follow(&call)), [""; 0], "it goes on");
    let ended = step(&call, Input::Expel { user: ALICE.user });
    assert_eq!(names(table.follow(&ended)), ["a", "b"]);
    assert_eq!(names(table.follow(&ended)), [""; 0], "once");
    assert_eq!(bind(&mut table, "a", ALICE, 7), Err(NotUsable));
    let stranger = Call {
        app: AppKey(2),
        id: call_id(8),
        ..ended
    };
    assert_eq!(names(table.follow(&stranger)), [""; 0], "another application's");
}

#[test]
fn the_ticket_of_a_device_that_rang_is_revoked_when_another_accepts() {
    let mut table = with(&[("a", ALICE), ("b", BOB), ("watch", BOBS_WATCH)]);
    bind(&mut table, "a", ALICE, 7).unwrap();
    bind(&mut table, "b", BOB, 7).unwrap();
    bind(&mut table, "watch", BOBS_WATCH, 7).unwrap();
    assert_eq!(names(table.follow(&ringing())), [""; 0]);
    assert_eq!(names(table.follow(&accepted())), ["watch"]);
}

#[test]
fn all_tickets_of_a_session_are_revoked_when_it_ends_and_no_others() {
    let mut table = with(&[("a", ALICE), ("ahead", ALICE), ("b", BOB)]);
    bind(&mut table, "a", ALICE, 7).unwrap();
    assert_eq!(table.sessions_of(ALICE.user), [ALICE.session]);
    assert_eq!(names(table.end_session(ALICE.session)), ["a", "ahead"]);
    assert_eq!(ahead(&table, ALICE, hours(0)), None);
    assert_eq!(ahead(&table, BOB, hours(0)), Some("b"));
    assert_eq!(table.sessions_of(ALICE.user), []);
}

#[test]
fn what_a_ticket_carried_before_it_was_named_is_the_calls_too() {
    let mut table = with(&[("a", ALICE)]);
    table.add("a", bytes(10), minutes(0));
    assert_eq!(table.unnoted(), [], "nobody knows for what");
    bind(&mut table, "a", ALICE, 7).unwrap();
    table.add("a", bytes(5), minutes(1));
    let [usage] = table.unnoted()[..] else {
        panic!("one ticket")
    };
    assert_eq!(
        (usage.call_id, usage.role, usage.relayed),
        (call_id(7), Role::Caller, bytes(15))
    );
}

#[test]
fn what_is_on_disk_is_not_noted_again_and_what_came_meanwhile_is() {
    let mut table = with(&[("a", ALICE)]);
    bind(&mut table, "a", ALICE, 7).unwrap();
    table.add("a", bytes(10), minutes(0));
    let noted = table.unnoted();
    table.add("a", bytes(1), minutes(0));
    table.settle(&noted, &[]);
    assert_eq!(table.unnoted()[0].relayed, bytes(11), "more came");
    table.settle(&table.unnoted(), &[]);
    assert_eq!(table.unnoted(), []);
}

#[test]
fn a_revoked_ticket_is_kept_until_all_it_carried_is_on_disk() {
    let mut table = with(&[("a", ALICE), ("ahead", ALICE)]);
    bind(&mut table, "a", ALICE, 7).unwrap();
    table.end_session(ALICE.session);
    let revoked = table.revoked();
    table.add("a", bytes(10), minutes(0));
    // The store failed.
    table.settle(&[], &revoked);
    assert_eq!(table.len(), 1);
    let unnoted = table.unnoted();
    assert_eq!(unnoted.len(), 1);
    table.settle(&unnoted, &revoked);
    assert_eq!(table.len(), 0);
}

#[test]
fn a_ticket_that_is_not_known_is_counted_for_nobody() {
    let mut table = with(&[("a", ALICE)]);
    table.add("stranger", bytes(10), minutes(0));
    assert_eq!((table.unnoted(), table.len()), (vec![], 1));
}

#[test]
fn a_session_that_comes_as_ever_another_device_fills_nothing() {
    let mut table = with(&[]);
    let mut revoked = 0;
    for number in 0..200 {
        let holder = Holder {
            device: DeviceId::from_bytes([number; 16]),
            ..ALICE
        };
        table.arrive(&holder);
        revoked += table.hand(holder, number.to_string().into(), 0, at(0)).len();
        table.depart(&holder, at(0));
    }
    assert_eq!(200 - revoked, MAX_UNNAMED);
    assert_eq!(table.devices.len(), MAX_UNNAMED);
}

#[test]
fn of_more_than_a_few_tickets_of_a_device_for_a_call_the_oldest_is_revoked() {
    let mut table = with(&[]);
    table.hand(BOB, "b".into(), 0, at(0));
    bind(&mut table, "b", BOB, 7).unwrap();
    for number in 0..20_usize {
        let now = at(8 * number as u64);
        table.hand(ALICE, number.to_string().into(), 0, now);
        let bound = table
            .bind(&number.to_string(), &ALICE, call_id(7), Role::Caller, now)
            .unwrap();
        let oldest = number.checked_sub(MAX_FOR_A_CALL).map(|oldest| oldest.to_string());
        assert_eq!((bound.was_ahead, names(bound.revoked)), (true, Vec::from_iter(oldest)));
    }
    assert_eq!(
        table.calls.get(&(ALICE.app, call_id(7))).map(Vec::len),
        Some(MAX_FOR_A_CALL + 1)
    );
}

#[test]
fn who_names_tickets_without_a_pause_has_a_few_and_no_more() {
    let mut table = with(&[]);
    for number in 0..20 {
        table.hand(ALICE, number.to_string().into(), 0, at(1));
        let bound = table.bind(&number.to_string(), &ALICE, call_id(7), Role::Caller, at(1));
        assert_eq!(bound.is_ok(), number < MAX_FOR_A_CALL);
    }
    let mut again = |now| table.bind("19", &ALICE, call_id(7), Role::Caller, now);
    assert_eq!(again(at(30)), Err(NotUsable));
    assert_eq!(
        again(at(31)).map(|bound| names(bound.revoked)),
        Ok(vec!["0".to_owned()])
    );
}

/// Names a ticket for a call of Alice's; says whether it was the one ahead.
fn bind(table: &mut Table, ticket: &str, holder: Holder, call: u8) -> Result<bool, NotUsable> {
    let role = if holder.user == ALICE.user {
        Role::Caller
    } else {
        Role::Callee
    };
    let bound = table.bind(ticket, &holder, call_id(call), role, at(0))?;
    assert_eq!(names(bound.revoked), [""; 0]);
    Ok(bound.was_ahead)
}

/// A table in which these were handed out at the start, in this order.
fn with(tickets: &[(&str, Holder)]) -> Table {
    let mut table = Table::new(Lifetimes::default());
    for (number, (ticket, holder)) in tickets.iter().enumerate() {
        table.hand(*holder, (*ticket).into(), i64::try_from(number).unwrap(), at(0));
    }
    table
}

fn ahead(table: &Table, holder: Holder, now: Timestamp) -> Option<&str> {
    table.ahead(&holder, now).map(|handed| &*handed.ticket)
}

fn swept(table: &mut Table, now: Timestamp) -> Vec<String> {
    names(table.sweep(now))
}

fn names(tickets: Vec<Arc<str>>) -> Vec<String> {
    let mut names: Vec<_> = tickets.iter().map(ToString::to_string).collect();
    names.sort();
    names
}

const fn holder(user: u8, device: u8) -> Holder {
    Holder {
        app: AppKey(1),
        user: UserKey::from_bytes([user; 16]),
        session: SessionId::from_bytes([user; 16]),
        device: DeviceId::from_bytes([device; 16]),
    }
}

const fn call_id(number: u8) -> CallId {
    CallId::from_bytes([number; 16])
}

const fn bytes(number: u64) -> Relayed {
    Relayed {
        to_peer_bytes: number,
        to_peer_packets: 0,
        to_client_bytes: 0,
        to_client_packets: 0,
    }
}

/// Alice calls Bob: call 7.
fn ringing() -> Call {
    let profile = |user_id: &str| Profile {
        user_id: user_id.to_owned(),
        nickname: String::new(),
        profile_url: String::new(),
        metadata: BTreeMap::new(),
    };
    let request = DialRequest {
        call_id: call_id(7),
        device: ALICE.device,
        is_video: false,
        settings: SOUND,
        custom_items: BTreeMap::new(),
        chat_channel_url: None,
        ringing_timeout: None,
        connection_timeout: None,
    };
    let facts = DialFacts {
        app: ALICE.app,
        caller: (ALICE.user, profile("alice")),
        is_caller_read_only: false,
        callee: Some((BOB.user, profile("bob"))),
        has_callee_signed_in: true,
        recent_dials: 0,
        recent_dials_to_callee: 0,
        live_calls: 0,
        calls_ringing_callee: 0,
        max_ringing: Duration::from_secs(300),
        max_connecting: Duration::from_secs(300),
    };
    Call::dial(request, facts, at(0)).unwrap()
}

/// Bob has accepted it, not on his watch.
fn accepted() -> Call {
    let input = Input::Accept {
        user: BOB.user,
        device: BOB.device,
        settings: SOUND,
    };
    step(&ringing(), input)
}

fn step(call: &Call, input: Input) -> Call {
    decide(call, input, at(1)).unwrap().call
}

const SOUND: MediaSettings = MediaSettings {
    is_audio_enabled: true,
    is_video_enabled: false,
    is_on_hold: false,
    is_recording: false,
    revision: 0,
};

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + seconds * 1000)
}

fn minutes(minutes: u64) -> Timestamp {
    at(minutes * 60)
}

fn hours(hours: u64) -> Timestamp {
    at(hours * 3600)
}
