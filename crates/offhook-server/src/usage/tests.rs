use super::*;

#[test]
fn a_time_is_widened_to_the_days_it_touches() {
    let day = Day::from_number(20_783);
    let at = Timestamp::from_millis;
    let (start, end) = (day.start().as_millis(), day.end().as_millis());
    for (from, to, days) in [
        (start, end, (day, day)),
        (start + 5, start + 6, (day, day)),
        (start - 1, end, (day.before(1), day)),
        (end - 1, end + 1, (day, day.next())),
    ] {
        assert_eq!(days_of(at(from), at(to)), Ok(days));
    }
    for to in [start, start - 1] {
        assert_eq!(days_of(at(start), at(to)), Err(InvalidDays::Empty));
    }
    let year = day.before(MAX_DAYS - 1);
    assert_eq!(days_of(year.start(), at(end)), Ok((year, day)));
    assert_eq!(days_of(year.before(1).start(), at(end)), Err(InvalidDays::TooMany));
}
