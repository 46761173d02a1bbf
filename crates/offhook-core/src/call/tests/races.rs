//! Two things at once, things twice, things too late, and outages.

use super::story::{check, settings};

#[test]
fn the_first_device_to_accept_wins_and_the_other_is_told() {
    check(&[
        (5, "phone accepts", "accepted"),
        (5, "watch accepts", "refused: InvalidStatus"),
        (5, "watch ends", "refused: InvalidStatus"),
        (6, "watch connects", "refused: InvalidStatus"),
        (6, "watch configures 1", "refused: InvalidStatus"),
        (7, "phone ends", "not_connected by callee at 7"),
    ]);
}

#[test]
fn repeating_what_is_so_changes_nothing() {
    check(&[
        (1, "phone shows the ring", "dial received"),
        (1, "watch shows the ring", "nothing"),
        (5, "phone accepts", "accepted"),
        (5, "phone accepts", "nothing"),
        (5, "phone shows the ring", "nothing"),
        (6, "phone connects", "callee has media"),
        (6, "phone connects", "nothing"),
        (6, "laptop loses media", "nothing"),
        (7, "laptop connects", "caller has media, connected by BothReported"),
        (8, "laptop loses media", "caller lost media"),
        (9, "laptop loses media", "nothing"),
        (10, "laptop appears", "nothing"),
        (11, "laptop vanishes, last seen 11", "caller vanished"),
        (12, "laptop vanishes, last seen 12", "nothing"),
        (13, "phone ends", "completed by callee at 13, 6 s billed"),
        (14, "phone ends", "nothing"),
        (14, "laptop ends", "nothing"),
        (14, "phone accepts", "nothing"),
        (14, "phone leaves", "nothing"),
        (14, "laptop connects", "nothing"),
        (14, "laptop configures 9", "nothing"),
        (14, "laptop vanishes, last seen 14", "nothing"),
        (14, "service resumes from 13", "nothing"),
        (14, "phone is expelled", "nothing"),
    ]);
}

#[test]
fn strangers_and_other_devices_of_the_caller_see_no_call() {
    check(&[
        (1, "radio shows the ring", "refused: NoSuchCall"),
        (1, "laptop shows the ring", "refused: NoSuchCall"),
        (1, "radio accepts", "refused: NoSuchCall"),
        (1, "laptop accepts", "refused: InvalidStatus"),
        (1, "radio ends", "refused: NoSuchCall"),
        (1, "tablet ends", "refused: NoSuchCall"),
        (1, "radio leaves", "refused: NoSuchCall"),
        (1, "radio connects", "refused: NoSuchCall"),
        (1, "radio configures 1", "refused: NoSuchCall"),
        (1, "radio appears", "refused: NoSuchCall"),
        (1, "radio vanishes, last seen 1", "refused: NoSuchCall"),
        (1, "tablet connects", "refused: NoSuchCall"),
        (1, "tablet configures 1", "refused: NoSuchCall"),
        (2, "laptop ends", "canceled by caller at 2"),
        (3, "radio ends", "refused: NoSuchCall"),
    ]);
}

#[test]
fn nobody_has_media_before_accept() {
    check(&[
        (1, "laptop connects", "refused: InvalidStatus"),
        (1, "phone connects", "refused: InvalidStatus"),
        (1, "phone configures 1", "refused: InvalidStatus"),
        (1, "laptop configures 1", "caller configured audio off"),
    ]);
}

#[test]
fn a_deadline_that_nobody_swept_for_is_decided_first() {
    check(&[
        (60, "phone accepts", "refused: InvalidStatus"),
        (60, "time passes", "no_answer by nobody at 60"),
    ]);
    check(&[(61, "laptop ends", "no_answer by nobody at 60")]);
    check(&[
        (5, "phone accepts", "accepted"),
        (36, "phone ends", "timed_out by nobody at 35"),
    ]);
    check(&[
        (5, "phone accepts", "accepted"),
        (36, "phone connects", "timed_out by nobody at 35"),
    ]);
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "laptop connects", "caller has media"),
        (17, "phone connects", "connected by OneReported, callee has media"),
        (20, "phone ends", "completed by callee at 20, 4 s billed"),
    ]);
}

#[test]
fn a_single_report_counts_after_ten_seconds() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "laptop connects", "caller has media"),
        (15, "time passes", "nothing"),
        (16, "time passes", "connected by OneReported"),
        (17, "time passes", "nothing"),
        (26, "laptop ends", "completed by caller at 26, 10 s billed"),
    ]);
}

#[test]
fn a_single_report_just_before_the_connect_deadline_comes_too_late() {
    check(&[
        (5, "phone accepts", "accepted"),
        (26, "laptop connects", "caller has media"),
        (35, "time passes", "timed_out by nobody at 35"),
    ]);
}

#[test]
fn a_side_that_lost_its_media_does_not_count_as_silent() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (7, "phone loses media", "callee lost media"),
        (8, "laptop connects", "caller has media"),
        (20, "time passes", "nothing"),
        (35, "time passes", "timed_out by nobody at 35"),
    ]);
}

#[test]
fn a_clock_that_runs_behind_does_not_turn_time_back() {
    let call = check(&[
        (5, "phone accepts", "accepted"),
        (8, "laptop connects", "caller has media"),
        (7, "phone connects", "callee has media, connected by BothReported"),
        (3, "phone ends", "completed by callee at 8, 0 s billed"),
    ]);
    assert_eq!(call.updated_at, super::story::second(8));
}

#[test]
fn an_outage_is_held_against_nobody_who_comes_back() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (20, "laptop loses media", "caller lost media"),
        (500, "service resumes from 30", "resumed"),
        (501, "laptop appears", "caller appeared"),
        (502, "phone appears", "callee appeared"),
        (503, "laptop connects", "caller has media"),
        (600, "time passes", "nothing"),
        (606, "phone ends", "completed by callee at 606, 600 s billed"),
    ]);
}

#[test]
fn after_an_outage_from_which_nobody_returns_the_call_ends_where_it_was_last_served() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (500, "service resumes from 30", "resumed"),
        (559, "time passes", "nothing"),
        (560, "time passes", "connection_lost by nobody at 30, 24 s billed"),
    ]);
}

#[test]
fn media_that_connected_during_an_outage_can_still_be_reported() {
    check(&[
        (5, "phone accepts", "accepted"),
        (40, "service resumes from 30", "resumed"),
        (42, "phone connects", "callee has media"),
        (43, "laptop connects", "caller has media, connected by BothReported"),
    ]);
    check(&[
        (5, "phone accepts", "accepted"),
        (40, "service resumes from 30", "resumed"),
        (50, "time passes", "timed_out by nobody at 50"),
    ]);
}

#[test]
fn a_ring_does_not_outlast_its_time_for_an_outage() {
    check(&[(70, "service resumes from 30", "resumed, no_answer by nobody at 60")]);
    check(&[
        (30, "service resumes from 20", "resumed"),
        (31, "laptop appears", "caller appeared"),
        (32, "phone accepts", "accepted"),
    ]);
}

#[test]
fn switching_the_microphone_does_not_raise_the_version_and_the_latest_wins() {
    let call = check(&[
        (1, "laptop configures 2", "caller configured"),
        (2, "laptop configures 1", "nothing"),
        (2, "laptop configures 2", "nothing"),
        (5, "phone accepts", "accepted"),
        (6, "phone configures 5", "callee configured audio off"),
        (7, "phone configures 4", "nothing"),
    ]);
    assert_eq!(call.version, 2);
    assert_eq!((call.caller.settings, call.callee.settings), (settings(2), settings(5)));
}
