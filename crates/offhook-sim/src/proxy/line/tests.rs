use super::*;

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_packet_leaves_after_the_delay_and_not_before() {
    let mut line = DelayLine::new(conditions(50, 0), 8);
    assert_eq!(line.poll_timeout(), None);
    assert_eq!(line.handle_packet('a', 7 * MS), Fate::Kept);
    assert_eq!(line.poll_timeout(), Some(57 * MS));
    assert_eq!(line.poll_packet(56 * MS), None);
    assert_eq!(line.poll_packet(57 * MS), Some('a'));
    assert_eq!(line.poll_packet(99 * MS), None);
}

#[test]
fn packets_of_one_moment_leave_in_the_order_in_which_they_came() {
    let mut line = DelayLine::new(conditions(50, 0), 8);
    for packet in "abc".chars() {
        line.handle_packet(packet, MS);
    }
    assert_eq!(drain(&mut line), [(51, 'a'), (51, 'b'), (51, 'c')]);
}

#[test]
fn jitter_spreads_packets_over_all_of_its_range_and_lets_none_overtake() {
    let left = spread(Conditions {
        is_reordering: false,
        ..conditions(50, 30)
    });
    assert!(
        left.windows(2)
            .all(|pair| matches!(pair, [(_, first), (_, second)] if first < second))
    );
    let delays = delays(&left);
    assert!(delays.iter().all(|delay| (50..=80).contains(delay)), "{delays:?}");
    // In order, a packet waits for the late one before it, so the range's beginning is rare; its end is not.
    assert!(
        delays.iter().any(|delay| *delay >= 78) && delays.iter().any(|delay| *delay < 65),
        "{delays:?}"
    );
}

#[test]
fn jitter_that_may_reorder_does_and_keeps_to_its_range() {
    let left = spread(Conditions {
        is_reordering: true,
        ..conditions(50, 30)
    });
    assert!(
        left.windows(2)
            .any(|pair| matches!(pair, [(_, first), (_, second)] if first > second))
    );
    let delays = delays(&left);
    assert!(delays.iter().all(|delay| (50..=80).contains(delay)), "{delays:?}");
    assert!(
        delays.iter().any(|delay| *delay <= 52) && delays.iter().any(|delay| *delay >= 78),
        "{delays:?}"
    );
}

#[test]
fn one_packet_in_ten_is_lost_and_the_seed_says_which() {
    let fates = |seed| {
        let mut line = DelayLine::new(
            Conditions {
                loss_per_mille: 100,
                seed,
                ..conditions(0, 0)
            },
            10_000,
        );
        (0..10_000)
            .map(|packet| line.handle_packet(packet, Duration::ZERO))
            .collect::<Vec<_>>()
    };
    let first = fates(1);
    let lost = first.iter().filter(|fate| **fate == Fate::Lost).count();
    assert!((900..=1_100).contains(&lost), "{lost}");
    assert_eq!(first, fates(1));
    assert_ne!(first, fates(2));
}

#[test]
fn a_full_line_takes_nothing_until_something_has_left() {
    let mut line = DelayLine::new(conditions(50, 0), 2);
    assert_eq!(line.handle_packet('a', Duration::ZERO), Fate::Kept);
    assert_eq!(line.handle_packet('b', Duration::ZERO), Fate::Kept);
    assert!(line.is_full());
    assert_eq!(line.handle_packet('c', Duration::ZERO), Fate::Overflowed);
    assert_eq!(line.poll_packet(50 * MS), Some('a'));
    assert_eq!(line.handle_packet('d', 50 * MS), Fate::Kept);
    assert_eq!(drain(&mut line), [(50, 'b'), (100, 'd')]);
}

fn conditions(delay_ms: u64, jitter_ms: u64) -> Conditions {
    Conditions {
        delay: Duration::from_millis(delay_ms),
        jitter: Duration::from_millis(jitter_ms),
        ..Conditions::default()
    }
}

/// A packet every 10 ms for ten seconds: when each left, in ms, and when it had come.
fn spread(conditions: Conditions) -> Vec<(u64, u64)> {
    let mut line = DelayLine::new(conditions, 10_000);
    for at in (0..10_000).step_by(10) {
        line.handle_packet(at, Duration::from_millis(at));
    }
    drain(&mut line)
}

fn delays(left: &[(u64, u64)]) -> Vec<u64> {
    left.iter().map(|(at, came)| at - came).collect()
}

/// Empties a line: when each packet was due, in ms, and the packet.
fn drain<P>(line: &mut DelayLine<P>) -> Vec<(u64, P)> {
    let mut left = Vec::new();
    while let Some(due) = line.poll_timeout() {
        if let Some(packet) = line.poll_packet(due) {
            left.push((u64::try_from(due.as_millis()).unwrap(), packet));
        }
    }
    left
}
