use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::time::millis;

const ROUNDINGS: [Rounding; 3] = [Rounding::None, Rounding::Second, Rounding::Minute];
/// 2026-11-26.
const TODAY: Day = Day::from_number(20_783);

#[test]
fn days_are_written_and_read_as_the_calendar_has_them() {
    for (number, text) in [
        (0, "1970-01-01"),
        (58, "1970-02-28"),
        (59, "1970-03-01"),
        (11_016, "2000-02-29"),
        (20_783, "2026-11-26"),
        (47_541, "2100-03-01"),
    ] {
        assert_eq!(Day::from_number(number).to_string(), text);
        assert_eq!(text.parse(), Ok(Day::from_number(number)));
    }
    for text in [
        "2026-02-30",
        "2100-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-1-1",
        "26-11-26",
        "2026-11-26 ",
        "2026-11-26-1",
        "+026-11-26",
        "1969-12-31",
        "",
    ] {
        assert_eq!(text.parse::<Day>(), Err(InvalidDay), "{text:?}");
    }
    assert_eq!(TODAY.first_of_month().to_string(), "2026-11-01");
}

#[test]
fn a_call_over_midnight_is_split_there_and_what_rounding_adds_is_booked_on_its_last_day() {
    // 30.5 s before midnight, 10 s after.
    let call = usage(TODAY.end() - Duration::from_millis(30_500), 40_500);
    let portions: Vec<_> = call.portions().collect();
    let expected = [
        Portion {
            day: TODAY,
            is_first: true,
            call_ms: 30_500,
            added_by_second_ms: 0,
            added_by_minute_ms: 0,
        },
        Portion {
            day: TODAY.next(),
            is_first: false,
            call_ms: 10_000,
            added_by_second_ms: 500,
            added_by_minute_ms: 19_500,
        },
    ];
    assert_eq!(portions, expected);
}

#[test]
fn a_call_that_ends_at_midnight_has_nothing_of_the_next_day_and_one_of_no_length_is_counted() {
    let until_midnight = usage(TODAY.end() - Duration::from_secs(5), 5_000);
    assert_eq!(days(&until_midnight), [TODAY]);
    let from_midnight = usage(TODAY.start(), 1);
    assert_eq!(days(&from_midnight), [TODAY]);
    let of_no_length = usage(TODAY.start(), 0);
    let portions: Vec<_> = of_no_length.portions().collect();
    assert_eq!(portions.len(), 1);
    assert!(portions[0].is_first && portions[0].rounded_ms(Rounding::Minute) == 0);
}

#[test]
fn a_clock_that_is_set_by_years_in_mid_call_does_not_make_a_portion_a_day() {
    let call = usage(Day::from_number(0).start(), TODAY.start().as_millis());
    let portions: Vec<_> = call.portions().collect();
    assert_eq!(portions.len(), MAX_PORTIONS as usize);
    assert_eq!(sum(&call, Rounding::None), TODAY.start().as_millis());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        rng_seed: RngSeed::Fixed(5),
        failure_persistence: None,
        ..ProptestConfig::default() })]

    #[test]
    fn the_days_of_a_call_add_up_to_the_call_rounded_once(start in 0_u64..3_000_000_000_000, length in lengths()) {
        let call = usage(Timestamp::from_millis(start), length);
        for rounding in ROUNDINGS {
            prop_assert_eq!(sum(&call, rounding), millis(rounding.round(call.call_duration())));
        }
        prop_assert_eq!(call.portions().filter(|portion| portion.is_first).count(), 1);
    }

    #[test]
    fn days_follow_each_other_and_none_holds_more_than_it_has(start in 0_u64..3_000_000_000_000, length in lengths()) {
        let portions: Vec<_> = usage(Timestamp::from_millis(start), length).portions().collect();
        prop_assert_eq!(portions[0].day, Day::of(Timestamp::from_millis(start)));
        for pair in portions.windows(2) {
            prop_assert_eq!(pair[1].day, pair[0].day.next());
        }
        for portion in &portions {
            prop_assert!(portion.call_ms <= 86_400_000);
            // Nothing is counted on a day on which nothing was said, but a call of no length on its own.
            prop_assert!(portion.call_ms > 0 || length == 0);
        }
    }

    #[test]
    fn rounding_only_adds_and_less_than_its_unit(length in 0_u64..10_000_000_000) {
        let length = Duration::from_millis(length);
        for (rounding, unit) in [(Rounding::None, 1), (Rounding::Second, 1_000), (Rounding::Minute, 60_000)] {
            let rounded = rounding.round(length);
            prop_assert!(rounded >= length && rounded < length + Duration::from_millis(unit));
            prop_assert_eq!(millis(rounded) % unit, 0);
            prop_assert_eq!(rounding.round(rounded), rounded);
        }
    }

    #[test]
    fn every_day_is_read_as_it_is_written(number in 0_u32..2_932_896) {
        let day = Day::from_number(number);
        prop_assert_eq!(day.to_string().parse(), Ok(day));
        prop_assert_eq!(Day::of(day.start()), day);
        prop_assert_eq!(Day::of(day.end()), day.next());
    }
}

/// Short ones, long ones, and those at the edges of units and days.
fn lengths() -> impl Strategy<Value = u64> {
    let edge = (
        0_u64..4,
        prop::sample::select(vec![1_000_u64, 60_000, 86_400_000]),
        0_u64..3,
    );
    prop_oneof![
        0_u64..200_000,
        0_u64..400_000_000,
        edge.prop_map(|(count, unit, off)| (count * unit + off).saturating_sub(1)),
    ]
}

fn sum(usage: &Usage, rounding: Rounding) -> u64 {
    usage.portions().map(|portion| portion.rounded_ms(rounding)).sum()
}

fn days(usage: &Usage) -> Vec<Day> {
    usage.portions().map(|portion| portion.day).collect()
}

fn usage(connected_at: Timestamp, length_ms: u64) -> Usage {
    Usage {
        app: AppKey(1),
        call_id: CallId::from_bytes([1; 16]),
        caller: UserKey::from_bytes([2; 16]),
        callee: UserKey::from_bytes([3; 16]),
        is_video: false,
        connected_at,
        ended_at: connected_at + Duration::from_millis(length_ms),
        evidence: Evidence::BothReported,
    }
}
