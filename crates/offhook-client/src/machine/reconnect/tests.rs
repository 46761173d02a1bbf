use super::*;

fn waits(dice: u64) -> Vec<u128> {
    let mut reconnect = Reconnect::default();
    (0..4).map(|_| reconnect.next_wait(dice).as_millis()).collect()
}

#[test]
fn tries_start_within_a_second_and_back_off_to_two() {
    assert_eq!(waits(0), [0, 500, 1000, 1000]);
    assert_eq!(waits(1000), [1000, 1500, 2000, 2000]);
}

#[test]
fn no_dice_makes_a_wait_longer_than_two_seconds() {
    for dice in [1, 999, 1001, 123_456_789, u64::MAX] {
        assert!(
            waits(dice).iter().all(|wait| *wait <= 2000),
            "{dice}: {:?}",
            waits(dice)
        );
    }
}

#[test]
fn an_open_socket_starts_the_waits_anew() {
    let mut reconnect = Reconnect::default();
    _ = reconnect.next_wait(0);
    _ = reconnect.next_wait(0);
    reconnect.reset();
    assert_eq!(reconnect.next_wait(0), Duration::ZERO);
}
