//! Every result a call can end with, and what is billed.

use super::story::check;

#[test]
fn a_call_runs_from_ring_to_hang_up() {
    check(&[
        (1, "phone shows the ring", "dial received"),
        (5, "phone accepts", "accepted"),
        (6, "laptop connects", "caller has media"),
        (7, "phone connects", "callee has media, connected by BothReported"),
        (67, "phone ends", "completed by callee at 67, 60 s billed"),
    ]);
}

#[test]
fn either_side_may_hang_up() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (7, "laptop ends", "completed by caller at 7, 1 s billed"),
    ]);
}

#[test]
fn nobody_answers() {
    check(&[
        (59, "time passes", "nothing"),
        (60, "time passes", "no_answer by nobody at 60"),
        (61, "time passes", "nothing"),
    ]);
}

#[test]
fn the_caller_cancels() {
    check(&[(3, "laptop ends", "canceled by caller at 3")]);
}

#[test]
fn any_device_of_the_callee_declines_for_all() {
    check(&[
        (3, "watch ends", "declined by callee at 3"),
        (4, "phone accepts", "refused: InvalidStatus"),
    ]);
}

#[test]
fn media_does_not_connect_in_time() {
    check(&[
        (10, "phone accepts", "accepted"),
        (39, "time passes", "nothing"),
        (45, "time passes", "timed_out by nobody at 40"),
    ]);
}

#[test]
fn a_party_hangs_up_before_media_connects() {
    check(&[
        (10, "phone accepts", "accepted"),
        (11, "laptop connects", "caller has media"),
        (12, "phone ends", "not_connected by callee at 12"),
    ]);
}

#[test]
fn a_side_whose_media_stays_away_ends_the_call_at_the_time_it_stopped() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (20, "laptop loses media", "caller lost media"),
        (22, "phone loses media", "callee lost media"),
        (79, "time passes", "nothing"),
        (80, "time passes", "connection_lost by nobody at 20, 14 s billed"),
    ]);
}

#[test]
fn media_that_comes_back_saves_the_call() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (20, "laptop loses media", "caller lost media"),
        (30, "laptop connects", "caller has media"),
        (500, "time passes", "nothing"),
        (506, "laptop ends", "completed by caller at 506, 500 s billed"),
    ]);
}

#[test]
fn both_vanished_devices_end_the_call_at_the_time_either_was_last_seen() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (20, "laptop vanishes, last seen 18", "caller vanished"),
        (40, "phone vanishes, last seen 36", "callee vanished"),
        (99, "time passes", "nothing"),
        (100, "time passes", "connection_lost by nobody at 36, 30 s billed"),
    ]);
}

#[test]
fn one_vanished_device_ends_nothing_while_its_peer_has_media() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (20, "laptop vanishes, last seen 18", "caller vanished"),
        (3000, "time passes", "nothing"),
        (3001, "laptop appears", "caller appeared"),
        (3006, "phone ends", "completed by callee at 3006, 3000 s billed"),
    ]);
}

#[test]
fn two_doubts_end_the_call_at_the_first_deadline_and_the_earliest_sign() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (20, "laptop loses media", "caller lost media"),
        (25, "laptop vanishes, last seen 15", "caller vanished"),
        (26, "phone vanishes, last seen 16", "callee vanished"),
        (80, "time passes", "connection_lost by nobody at 16, 10 s billed"),
    ]);
}

#[test]
fn a_call_last_seen_before_it_connected_is_not_billed() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (7, "laptop vanishes, last seen 6", "caller vanished"),
        (8, "phone vanishes, last seen 7", "callee vanished"),
        (
            70,
            "time passes",
            "connected by OneReported, connection_lost by nobody at 16, 0 s billed",
        ),
    ]);
}

#[test]
fn a_ring_ends_in_time_although_the_caller_vanished() {
    check(&[
        (2, "laptop vanishes, last seen 1", "caller vanished"),
        (70, "time passes", "no_answer by nobody at 60"),
    ]);
}

#[test]
fn a_reload_ends_the_call_at_once() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (20, "phone leaves", "completed by callee at 20, 14 s billed"),
    ]);
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone leaves", "not_connected by callee at 6"),
    ]);
    check(&[(5, "laptop leaves", "canceled by caller at 5")]);
}

#[test]
fn a_device_that_was_away_left_when_it_was_last_seen() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (20, "phone vanishes, last seen 16", "callee vanished"),
        (30, "laptop loses media", "caller lost media"),
        (50, "phone leaves", "completed by callee at 16, 10 s billed"),
    ]);
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (20, "phone vanishes, last seen 16", "callee vanished"),
        (30, "laptop vanishes, last seen 28", "caller vanished"),
        (50, "phone leaves", "completed by callee at 16, 10 s billed"),
    ]);
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "laptop connects", "caller has media"),
        (7, "phone vanishes, last seen 6", "callee vanished"),
        (9, "phone leaves", "not_connected by callee at 6"),
    ]);
}

#[test]
fn a_device_that_was_away_while_its_peer_had_media_left_just_now() {
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone connects", "callee has media"),
        (6, "laptop connects", "caller has media, connected by BothReported"),
        (20, "phone vanishes, last seen 16", "callee vanished"),
        (3606, "phone leaves", "completed by callee at 3606, 3600 s billed"),
    ]);
}

#[test]
fn a_device_that_only_rings_leaves_nothing_behind() {
    check(&[
        (5, "phone leaves", "nothing"),
        (5, "tablet leaves", "nothing"),
        (6, "phone vanishes, last seen 6", "nothing"),
        (7, "phone appears", "nothing"),
        (8, "watch accepts", "accepted"),
        (9, "phone leaves", "nothing"),
        (9, "phone vanishes, last seen 9", "nothing"),
    ]);
}

#[test]
fn who_is_expelled_is_out_whatever_the_part() {
    check(&[(5, "phone is expelled", "declined by callee at 5")]);
    check(&[(5, "tablet is expelled", "canceled by caller at 5")]);
    check(&[(5, "radio is expelled", "refused: NoSuchCall")]);
    check(&[
        (5, "phone accepts", "accepted"),
        (6, "watch is expelled", "not_connected by callee at 6"),
        (7, "laptop is expelled", "nothing"),
    ]);
}
