use super::*;

#[test]
fn the_rate_is_that_since_the_last_look_but_not_of_a_moment() {
    let meter = LoadMeter::default();
    let start = Instant::now();
    let rate_at = |seconds| meter.read(start + Duration::from_secs(seconds)).bits_per_second;
    assert_eq!(rate_at(0), 0);
    meter.carried(1_000);
    assert_eq!(rate_at(1), 0);
    meter.carried(1_000);
    assert_eq!(rate_at(4), 4_000);
    meter.carried(1_000_000);
    assert_eq!(rate_at(5), 4_000);
    assert_eq!(rate_at(12), 1_000_000);
    assert_eq!(rate_at(14), 0);
    meter.has_allocations(3);
    assert_eq!(meter.read(start).allocations, 3);
}
