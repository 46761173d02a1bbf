use std::time::Duration;

use super::{Suite, table};

#[test]
fn the_table_ends_with_the_sum_of_the_steps() {
    let steps = [
        ("format", Duration::from_millis(1500)),
        ("rust tests", Duration::from_secs(61)),
    ];
    let lines: Vec<String> = table(&steps).lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "format                 1.5 s",
            "rust tests              1:01",
            "total                   1:02"
        ]
    );
}

#[test]
fn a_step_that_fails_is_named_in_the_error() {
    let outcome = Suite::default().step("clippy", || anyhow::bail!("exit code 1"));
    let message = format!("{:#}", outcome.expect_err("the step failed"));
    assert_eq!(message, "the step \"clippy\" failed: exit code 1");
}
