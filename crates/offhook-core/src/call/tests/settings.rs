//! What a party sends and does with a call: mute, camera, hold, recording.

use super::story::{BOB, PHONE, check, facts, request, ringing, second, settings};
use crate::call::{Call, Input, MediaSettings, decide};

#[test]
fn a_change_of_settings_says_what_changed_and_a_lower_revision_is_old() {
    let call = check(&[
        (5, "phone accepts", "accepted"),
        (6, "phone configures 1", "callee configured audio off"),
        (7, "phone holds, 2", "callee configured audio on hold on"),
        (7, "phone holds, 2", "nothing"),
        (8, "phone configures 1", "nothing"),
        (9, "phone configures 4", "callee configured hold off"),
        (9, "watch holds, 9", "refused: InvalidStatus"),
        (9, "tablet holds, 9", "refused: NoSuchCall"),
    ]);
    assert_eq!(call.callee.settings.revision, 4);
}

#[test]
fn a_call_that_both_hold_is_neither_lost_nor_unmetered() {
    let call = check(&[
        (5, "phone accepts", "accepted"),
        (6, "laptop connects", "caller has media"),
        (6, "phone connects", "callee has media, connected by BothReported"),
        (7, "phone holds, 2", "callee configured hold on"),
        (8, "laptop holds, 2", "caller configured hold on"),
        (9_000, "time passes", "nothing"),
    ]);
    assert_eq!(call.deadline(), None, "nothing is due while it is held");
    check(&[
        (5, "phone accepts", "accepted"),
        (5, "laptop holds, 2", "caller configured hold on"),
        (6, "laptop connects", "caller has media"),
        (6, "phone connects", "callee has media, connected by BothReported"),
        (9, "laptop vanishes, last seen 9", "caller vanished"),
        (10, "laptop appears", "caller appeared"),
        (106, "phone ends", "completed by callee at 106, 100 s billed"),
    ]);
}

#[test]
fn a_call_begins_neither_held_nor_recorded_and_is_counted_from_0() {
    let nonsense = MediaSettings {
        is_on_hold: true,
        is_recording: true,
        revision: u32::MAX,
        ..settings(1)
    };
    let begun = MediaSettings {
        revision: 0,
        ..settings(1)
    };
    let mut dialing = request();
    dialing.settings = nonsense;
    let call = Call::dial(dialing, facts(), second(0)).unwrap();
    assert_eq!(call.caller.settings, begun);
    let accept = Input::Accept {
        user: BOB,
        device: PHONE,
        settings: nonsense,
    };
    let call = decide(&ringing(), accept, second(1)).unwrap().call;
    assert_eq!(call.callee.settings, begun, "what it sends stays, the rest is not yet");
}
