//! What each device sees.

use super::story::{check, device, second};
use crate::call::{Call, SeenState};

fn states(call: &Call) -> Vec<(&'static str, Option<SeenState>)> {
    ["laptop", "tablet", "phone", "watch", "radio"]
        .into_iter()
        .map(|name| {
            let (user, device) = device(name);
            (name, call.view(user, device).map(|seen| seen.state))
        })
        .collect()
}

#[test]
fn each_device_sees_its_part() {
    use SeenState::{AcceptedElsewhere, Connected, Ended, Established, Ringing};
    let story = [
        (5, "phone accepts", "accepted"),
        (6, "laptop connects", "caller has media"),
        (6, "phone connects", "callee has media, connected by BothReported"),
        (16, "phone ends", "completed by callee at 16, 10 s billed"),
    ];
    for (steps, caller, winner, other) in [
        (0, Ringing, Ringing, Ringing),
        (1, Established, Established, AcceptedElsewhere),
        (3, Connected, Connected, AcceptedElsewhere),
        (4, Ended, Ended, AcceptedElsewhere),
    ] {
        let call = check(&story[..steps]);
        assert_eq!(
            states(&call),
            [
                ("laptop", Some(caller)),
                ("tablet", None),
                ("phone", Some(winner)),
                ("watch", Some(other)),
                ("radio", None)
            ]
        );
    }
}

#[test]
fn a_call_that_only_rang_ends_for_every_device_of_the_callee() {
    let call = check(&[(5, "laptop ends", "canceled by caller at 5")]);
    let (user, watch) = device("watch");
    assert_eq!(call.view(user, watch).unwrap().state, SeenState::Ended);
    assert_eq!(call.deadline(), None);
}

#[test]
fn a_call_is_carried_by_the_device_that_dialled_and_the_one_that_accepted() {
    let story = [(5, "phone accepts", "accepted")];
    for (steps, carriers) in [(0, vec!["laptop"]), (1, vec!["laptop", "phone"])] {
        let call = check(&story[..steps]);
        let found: Vec<_> = ["laptop", "tablet", "phone", "watch", "radio"]
            .into_iter()
            .filter(|name| {
                let (user, device) = device(name);
                call.is_carried_by(user, device)
            })
            .collect();
        assert_eq!(found, carriers);
    }
    let call = check(&story);
    let ((callee, _), (_, laptop)) = (device("phone"), device("laptop"));
    assert!(!call.is_carried_by(callee, laptop), "another user's of the same id");
}

#[test]
fn duration_runs_from_accept_to_the_end() {
    let call = check(&[(5, "phone accepts", "accepted")]);
    assert_eq!(call.duration(second(8)).as_secs(), 3);
    let call = check(&[
        (5, "phone accepts", "accepted"),
        (9, "phone ends", "not_connected by callee at 9"),
    ]);
    assert_eq!(call.duration(second(100)).as_secs(), 4);
    let call = check(&[(9, "phone ends", "declined by callee at 9")]);
    assert_eq!(call.duration(second(100)).as_secs(), 0);
}

#[test]
fn a_stored_call_is_read_back_as_it_was() {
    let story = [
        (5, "phone accepts", "accepted"),
        (6, "laptop connects", "caller has media"),
        (6, "phone connects", "callee has media, connected by BothReported"),
        (7, "laptop loses media", "caller lost media"),
        (8, "laptop vanishes, last seen 8", "caller vanished"),
        (16, "phone ends", "completed by callee at 16, 10 s billed"),
    ];
    for steps in 0..=story.len() {
        let call = check(&story[..steps]);
        let text = serde_json::to_string(&call).unwrap();
        assert_eq!(serde_json::from_str::<Call>(&text).unwrap(), call);
    }
}
