use super::*;

#[test]
fn a_receiver_that_never_answers_is_tried_for_a_day_and_the_last_time_at_its_end() {
    let start = Timestamp::from_millis(1_700_000_000_000);
    let (mut now, mut waited) = (start, Vec::new());
    while let Some(next) = again_at(u32::try_from(waited.len()).unwrap(), now) {
        assert!(next > now);
        waited.push(next.since(now));
        now = next;
    }
    assert_eq!(now, start + Duration::from_secs(24 * 3600));
    assert_eq!(
        waited[..4].iter().map(Duration::as_secs).collect::<Vec<_>>(),
        [1, 5, 30, 120]
    );
    assert!(waited.iter().all(|delay| *delay <= LONGEST), "{waited:?}");
}
