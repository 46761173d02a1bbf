//! What holds whatever happens.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::story::{device, items, ringing, second, settings};
use crate::call::{Call, Happening, Input, MediaReport, Path, Stage, decide};
use crate::custom_items::{self, ItemsChange};
use crate::time::Timestamp;

fn inputs() -> impl Strategy<Value = Input> {
    let devices = prop::sample::select(vec!["laptop", "tablet", "phone", "watch", "radio"]).prop_map(device);
    (devices, 0_u8..13, 0_u64..400).prop_map(|((user, device), kind, number)| match kind {
        0 => Input::Acknowledge { user },
        1 | 2 => Input::Accept {
            user,
            device,
            settings: settings(0),
        },
        3 => Input::End { user, device },
        4 | 5 => Input::Report {
            user,
            device,
            media: MediaReport::Connected {
                path: [None, Some(Path::Direct), Some(Path::Relayed)][(number % 3) as usize],
            },
        },
        6 => Input::Report {
            user,
            device,
            media: MediaReport::Lost,
        },
        7 => Input::Configure {
            user,
            device,
            settings: settings(u32::try_from(number % 8).unwrap()),
        },
        8 => Input::Appear { user, device },
        9 => Input::Vanish {
            user,
            device,
            last_seen: second(number),
        },
        10 if number % 4 == 0 => Input::Leave { user, device },
        10 if number % 4 == 1 => Input::Expel { user },
        10 => Input::Resume {
            last_seen: second(number),
        },
        11 => Input::ChangeItems {
            user,
            change: match number % 4 {
                0 => ItemsChange::Clear,
                1 => ItemsChange::Remove(vec![(number % 16).to_string()]),
                _ => ItemsChange::Set(items(&[&format!("{}={}", number % 16, number % 3)])),
            },
        },
        _ => Input::Expire,
    })
}

/// Inputs with the time that passes before each; it may turn back a little, as the clocks of two nodes do.
fn histories() -> impl Strategy<Value = Vec<(i64, Input)>> {
    let steps = prop_oneof![3 => -900_i64..3_000, 1 => 0_i64..70_000];
    prop::collection::vec((steps, inputs()), 0..60)
}

fn check_step(before: &Call, input: &Input, now: Timestamp) -> Result<Call, TestCaseError> {
    let Ok(decision) = decide(before, input.clone(), now) else {
        return Ok(before.clone());
    };
    let after = &decision.call;
    let is_quiet = |one: &Happening| matches!(one, Happening::Configured(..) | Happening::PathChanged(..));
    let is_news = !decision.happened.iter().all(is_quiet);
    prop_assert_eq!(after.version, before.version + u32::from(is_news));
    prop_assert_eq!(decision.is_change(), after != before);
    prop_assert!(after.updated_at >= before.updated_at);
    prop_assert!(
        after
            .deadline()
            .is_none_or(|deadline| deadline > now.max(before.updated_at))
    );
    prop_assert!(after.deadline().is_some() || after.is_ended() || is_at_rest(after));
    if before.is_ended() {
        let is_items = |one: &Happening| matches!(one, Happening::ItemsChanged(..));
        prop_assert!(decision.happened.iter().all(is_items), "an ended call changed");
        prop_assert_eq!(&after.stage, &before.stage);
    }
    if let (Some(won), Some(wins)) = (before.callee_device(), after.callee_device()) {
        prop_assert_eq!(won, wins);
    }
    prop_assert!(custom_items::check(&after.custom_items).is_ok());
    let ended_now = after.is_ended() && !before.is_ended();
    let has_connected = after.ending().is_some_and(|ending| ending.connected_at.is_some());
    prop_assert_eq!(decision.usage.is_some(), ended_now && has_connected);
    if let (Some(usage), Some(ending)) = (&decision.usage, after.ending()) {
        prop_assert_eq!(
            (Some(usage.connected_at), usage.ended_at),
            (ending.connected_at, ending.at)
        );
        prop_assert!(usage.ended_at >= usage.connected_at);
        prop_assert!(usage.ended_at <= now.max(before.updated_at));
    }
    if let Some(ending) = after.ending() {
        prop_assert!(ending.at >= before.dialed_at && ending.at <= after.updated_at);
        prop_assert!(ending.accepted.is_none_or(|accepted| accepted.at <= ending.at));
    }
    let again = decide(after, input.clone(), now);
    if !matches!(input, Input::Resume { .. }) {
        prop_assert!(
            again.is_ok_and(|again| !again.is_change()),
            "an input repeated is no change"
        );
    }
    Ok(decision.call)
}

/// A connected call in which nobody is in doubt waits for nothing.
fn is_at_rest(call: &Call) -> bool {
    matches!(&call.stage, Stage::Talking(talk) if talk.connected.is_some())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_rules_hold(history in histories()) {
        let mut call = ringing();
        let mut now = second(0);
        for (step, input) in history {
            now = Timestamp::from_millis(now.as_millis().saturating_add_signed(step));
            call = check_step(&call, &input, now)?;
        }
    }

    #[test]
    fn a_call_that_everybody_left_ends_by_time_alone(history in histories()) {
        let mut call = ringing();
        let mut now = second(0);
        for (step, input) in history {
            now = Timestamp::from_millis(now.as_millis().saturating_add_signed(step));
            call = check_step(&call, &input, now)?;
        }
        for name in ["laptop", "phone", "watch"] {
            let (user, device) = device(name);
            call = check_step(&call, &Input::Vanish { user, device, last_seen: now }, now)?;
        }
        for _ in 0..4 {
            if let Some(deadline) = call.deadline() {
                call = check_step(&call, &Input::Expire, deadline)?;
            }
        }
        prop_assert!(call.is_ended());
    }
}
