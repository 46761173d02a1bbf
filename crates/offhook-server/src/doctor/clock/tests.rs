use super::*;
use crate::doctor::Verdict::{self, Failed, Ok as Good, Warning};

#[test]
fn a_clock_goes_forward_and_somebody_keeps_it_right() {
    let now = Timestamp::from_millis(1_800_000_000_000);
    let later = |seconds| Some(now + Duration::from_secs(seconds));
    let keeper = |has_set_it| {
        Some(Keeper {
            name: "chronyd".to_owned(),
            has_set_it,
        })
    };
    check(now, None, None, Good, "container");
    check(now, later(0), keeper(None), Good, "chronyd keeps it right");
    check(now, later(9), keeper(Some(true)), Good, "chronyd");
    check(now, later(3600), keeper(Some(true)), Failed, "3600 s");
    check(now, later(0), keeper(Some(false)), Warning, "not set it yet");
    check(
        Timestamp::from_millis(0),
        None,
        keeper(None),
        Failed,
        "before this program was written",
    );
}

fn check(now: Timestamp, last_heartbeat_at: Option<Timestamp>, keeper: Option<Keeper>, verdict: Verdict, words: &str) {
    let finding = judge(&Seen {
        now,
        last_heartbeat_at,
        keeper,
    });
    assert_eq!(finding.verdict, verdict, "{finding:?}");
    assert!(finding.says.contains(words), "{words:?} in {finding:?}");
}
