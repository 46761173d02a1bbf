use offhook_core::time::Timestamp;

use super::*;

#[test]
fn who_answers_quickly_is_sent_more_at_once_and_who_fails_less() {
    let mut in_flight = InFlight::default();
    let due = || (0..20).map(|number| event(number, "1/a/0")).collect();
    assert_eq!(in_flight.choose(due()), numbers(0..3));
    for number in 0..3 {
        in_flight.remove(EventNumber::from_bits(number), Pace::Quick);
    }
    let due = || (3..20).map(|number| event(number, "1/a/0")).collect();
    assert_eq!(in_flight.choose(due()), numbers(3..9), "six at once");
    assert_eq!(in_flight.choose(due()), [], "what is under way is not sent twice");
    for number in 3..9 {
        in_flight.remove(EventNumber::from_bits(number), Pace::Failed);
    }
    assert_eq!(in_flight.choose(due()).len(), 1);
}

#[test]
fn a_lane_that_is_full_leaves_room_for_others() {
    let mut in_flight = InFlight::default();
    let mut due: Vec<_> = (0..9).map(|number| event(number, "1/dead/0")).collect();
    due.push(event(9, "1/alive/0"));
    let chosen = in_flight.choose(due);
    assert_eq!(chosen.len(), 4);
    assert!(chosen.contains(&EventNumber::from_bits(9)));
}

#[test]
fn where_there_is_little_room_the_receiver_with_least_under_way_goes_first() {
    let mut in_flight = InFlight::default();
    let lanes = |receiver: &str, count: i64, first: i64| -> Vec<_> {
        (0..count)
            .map(|lane| event(first + lane, &format!("1/{receiver}/{lane}")))
            .collect()
    };
    let dead = lanes("dead", i64::try_from(MAX_IN_FLIGHT).unwrap() - 1, 0);
    assert_eq!(in_flight.choose(dead).len(), MAX_IN_FLIGHT - 1);
    let mut due = lanes("dead", 10, 600);
    due.extend(lanes("alive", 1, 700));
    assert_eq!(in_flight.choose(due), numbers(700..701));
    assert!(!in_flight.has_room());
    in_flight.forget(EventNumber::from_bits(700));
    // Nobody who was not chosen holds a place.
    assert_eq!(in_flight.choose(lanes("dead", 1, 600)), numbers(600..601));
}

fn event(number: i64, lane: &str) -> DueEvent {
    DueEvent {
        number: EventNumber::from_bits(number),
        lane: lane.to_owned(),
        due_at: Timestamp::from_millis(u64::try_from(number).unwrap()),
    }
}

fn numbers(range: std::ops::Range<i64>) -> Vec<EventNumber> {
    range.map(EventNumber::from_bits).collect()
}
