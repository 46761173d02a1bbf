use super::*;

#[test]
fn a_receiver_that_never_answers_is_tried_for_a_day_and_the_last_time_at_its_end() {
    let created = Timestamp::from_millis(1_700_000_000_000);
    let mut now = created;
    let mut waited = Vec::new();
    while let Some(next) = again_at(u32::try_from(waited.len()).unwrap(), created, now) {
        assert!(next > now);
        waited.push(next.since(now).as_secs());
        now = next;
    }
    assert_eq!(now, created + TRIED_FOR);
    assert_eq!(waited[..4], [1, 5, 30, 120]);
    assert!((15..30).contains(&waited.len()), "{waited:?}");
}

#[test]
fn an_event_that_waited_long_behind_another_is_tried_once() {
    let created = Timestamp::from_millis(1_700_000_000_000);
    let late = created + TRIED_FOR;
    assert_eq!(again_at(0, created, late), None);
    assert!(again_at(0, created, created).is_some());
}
