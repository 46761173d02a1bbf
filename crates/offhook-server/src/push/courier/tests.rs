use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[test]
fn waits_grow_and_end_where_telling_is_worth_nothing_any_more() {
    let day = NOW + Duration::from_secs(24 * 3600);
    let wait = |attempts, asked, expires_at, chance| {
        let at = next_attempt(NOW, attempts, expires_at, asked, chance);
        at.map(|at| at.since(NOW).as_secs_f64())
    };
    assert_eq!(wait(0, None, day, 0), Some(1.0));
    assert_eq!(wait(3, None, day, 0), Some(8.0));
    assert_eq!(wait(3, None, day, u16::MAX), Some(12.0));
    assert_eq!(wait(60, None, day, 0), Some(3600.0));
    assert_eq!(wait(0, Some(Duration::from_secs(120)), day, 0), Some(120.0));
    let ring_ends = NOW + Duration::from_secs(60);
    assert_eq!(wait(0, Some(Duration::from_secs(120)), ring_ends, 0), None);
    assert_eq!(wait(6, None, ring_ends, 0), None);
}

#[test]
fn one_host_cannot_take_the_places_of_all() {
    let mut places = HashMap::new();
    let slow: Vec<_> = (0..5).map(|_| place(&mut places, "slow", 3)).collect();
    assert_eq!(slow.iter().flatten().count(), 3);
    assert!(place(&mut places, "quick", 3).is_some());
    drop(slow);
    assert!(place(&mut places, "slow", 3).is_some());
}
