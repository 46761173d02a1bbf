//! Who changes the custom items of a call, and when.

use super::story::{BOB, MALLORY, check, items, ringing, second};
use crate::call::{Input, Refusal, decide};
use crate::custom_items::{InvalidCustomItems, ItemsChange, MAX_ITEMS};

#[test]
fn any_device_of_either_party_changes_the_items_wherever_the_call_stands() {
    let call = check(&[
        (1, "tablet sets a=1", "caller changed a"),
        (2, "watch sets b=2 c=3", "callee changed b c"),
        (3, "laptop sets a=1", "nothing"),
        (5, "phone accepts", "accepted"),
        (6, "watch takes away a z", "callee changed a"),
        (6, "laptop connects", "caller has media"),
        (6, "phone connects", "callee has media, connected by BothReported"),
        (7, "radio sets b=9", "refused: NoSuchCall"),
        (7, "radio clears the items", "refused: NoSuchCall"),
        (8, "laptop sets b=4", "caller changed b"),
    ]);
    assert_eq!(call.custom_items, items(&["b=4", "c=3"]));
}

#[test]
fn after_the_end_the_items_change_and_nothing_else_does() {
    let story = [
        (1, "laptop sets a=1", "caller changed a"),
        (5, "phone accepts", "accepted"),
        (6, "laptop connects", "caller has media"),
        (6, "phone connects", "callee has media, connected by BothReported"),
        (16, "phone ends", "completed by callee at 16, 10 s billed"),
        (90, "tablet sets a=2 b=3", "caller changed a b"),
        (91, "phone clears the items", "callee changed a b"),
        (91, "phone clears the items", "nothing"),
        (92, "radio sets a=2", "refused: NoSuchCall"),
    ];
    let ended = check(&story[..5]);
    let call = check(&story);
    assert_eq!(call.stage, ended.stage);
    assert_eq!(call.duration(second(100)), ended.duration(second(100)));
    assert_eq!(call.deadline(), None);
    assert!(call.custom_items.is_empty());
    assert_eq!(call.version, ended.version + 2, "each change is shown");
}

#[test]
fn a_change_after_an_unswept_deadline_finds_the_call_ended() {
    check(&[(61, "phone sets a=1", "no_answer by nobody at 60, callee changed a")]);
}

#[test]
fn items_beyond_the_bounds_are_refused() {
    let many = (0..=MAX_ITEMS)
        .map(|number| (number.to_string(), String::new()))
        .collect();
    let input = |user, change| Input::ChangeItems { user, change };
    let set = ItemsChange::Set(many);
    let refused = decide(&ringing(), input(BOB, set.clone()), second(1));
    let too_many = InvalidCustomItems::TooMany(MAX_ITEMS + 1);
    assert_eq!(refused.err(), Some(Refusal::CustomItems(too_many)));
    // What a stranger wants is nobody's business.
    let refused = decide(&ringing(), input(MALLORY, set), second(1));
    assert_eq!(refused.err(), Some(Refusal::NoSuchCall));
}
