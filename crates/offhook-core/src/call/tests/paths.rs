//! Which way media takes.

use super::story::check;
use crate::call::{Media, Path, Role, Stage};

#[test]
fn each_side_tells_its_own_path() {
    let call = check(&[
        (5, "phone accepts", "accepted"),
        (6, "laptop connects directly", "caller has media direct"),
        (
            7,
            "phone connects over a relay",
            "callee has media relayed, connected by BothReported",
        ),
    ]);
    let Stage::Talking(talk) = call.stage else {
        panic!("it has ended")
    };
    let path = |role| match talk.leg(role).media {
        Media::Connected { path, .. } => path,
        Media::Connecting | Media::Lost { .. } => None,
    };
    assert_eq!(
        (path(Role::Caller), path(Role::Callee)),
        (Some(Path::Direct), Some(Path::Relayed))
    );
}

#[test]
fn a_path_that_changes_is_told_once_and_raises_no_version() {
    // The driver holds the version against what happened.
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "laptop connects directly", "caller has media direct"),
        (
            7,
            "phone connects directly",
            "callee has media direct, connected by BothReported",
        ),
        (8, "laptop connects directly", "nothing"),
        (9, "laptop connects over a relay", "caller is relayed now"),
        (9, "laptop connects over a relay", "nothing"),
        (10, "laptop connects directly", "caller is direct now"),
        (11, "laptop ends", "completed by caller at 11, 4 s billed"),
        (12, "laptop connects over a relay", "nothing"),
    ]);
}

#[test]
fn a_path_may_be_learned_later_and_is_not_forgotten_by_a_report_without_one() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "laptop connects", "caller has media"),
        (7, "laptop connects over a relay", "caller is relayed now"),
        (8, "laptop connects", "nothing"),
        (9, "laptop connects over a relay", "nothing"),
    ]);
}

#[test]
fn media_that_comes_back_tells_its_path_anew() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects directly", "callee has media direct"),
        (
            6,
            "laptop connects directly",
            "caller has media direct, connected by BothReported",
        ),
        (20, "laptop loses media", "caller lost media"),
        (30, "laptop connects over a relay", "caller has media relayed"),
    ]);
}

#[test]
fn a_path_that_changes_does_not_put_off_the_time_at_which_one_side_counts_for_both() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "laptop connects directly", "caller has media direct"),
        (15, "laptop connects over a relay", "caller is relayed now"),
        (16, "time passes", "connected by OneReported"),
    ]);
}
