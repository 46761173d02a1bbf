use super::*;

#[test]
fn a_series_is_told_by_its_middle_and_its_ends() {
    let odd: Series = [3.0, 1.0, 9.0].into_iter().collect();
    assert_eq!((odd.least(), odd.median(), odd.most()), (1.0, 3.0, 9.0));
    let even: Series = [4.0, 1.0, 2.0, 9.0].into_iter().collect();
    assert_eq!(even.median(), 3.0);
    assert!(Series::default().median().is_nan());
}

#[test]
fn a_percentile_is_a_value_that_was_measured() {
    let mut values: Vec<u32> = (0..=100).rev().collect();
    assert_eq!(percentile(&mut values, 0.5), 50.0);
    assert_eq!(percentile(&mut values, 0.99), 99.0);
    assert_eq!(percentile(&mut [7], 0.99), 7.0);
    assert!(percentile(&mut [], 0.5).is_nan());
}
