//! Thousands of worlds, and a few with mistakes in them.

use std::collections::BTreeMap;

use super::*;

/// Each of the eight tests below plays this many worlds.
const WORLDS: u64 = 260;

/// Worlds in which something broke once: mistakes that were found, here or in the rules, stay found.
const BROKE_ONCE: [u64; 3] = [141, 320, 1470];

/// Plays worlds, and tells of the first that breaks. To see one again: `run(seed, Faults::default())`.
#[track_caller]
fn all_hold(seeds: impl IntoIterator<Item = u64>) -> Tally {
    let mut sum = Tally::default();
    for seed in seeds {
        match run(seed, Faults::default()) {
            Ok(tally) => add(&mut sum, &tally),
            Err(violation) => panic!("{violation}"),
        }
    }
    sum
}

/// Plays an eighth of all worlds, and requires that they were worth it.
#[track_caller]
fn part(number: u64) {
    let sum = all_hold(number * WORLDS..(number + 1) * WORLDS);
    let results: Vec<&str> = sum.results.keys().copied().collect();
    assert_eq!(
        results,
        [
            "canceled",
            "completed",
            "connection_lost",
            "declined",
            "no_answer",
            "not_connected",
            "timed_out"
        ]
    );
    let calls: u32 = sum.results.values().sum();
    assert!(
        u64::from(calls) > 5 * WORLDS && u64::from(sum.billed) > WORLDS,
        "{sum:?}"
    );
    assert!(u64::from(sum.path_changes) > WORLDS, "{sum:?}");
    assert!(u64::from(sum.item_changes) > WORLDS, "{sum:?}");
    assert!(u64::from(sum.holds) > WORLDS / 4, "{sum:?}");
    assert!(sum.node_starts > 3 * WORLDS && sum.sockets > 10 * WORLDS, "{sum:?}");
    assert!(sum.acknowledged > 20 * WORLDS, "{sum:?}");
}

fn add(sum: &mut Tally, tally: &Tally) {
    for (result, count) in &tally.results {
        *sum.results.entry(result).or_default() += count;
    }
    sum.billed += tally.billed;
    sum.path_changes += tally.path_changes;
    sum.item_changes += tally.item_changes;
    sum.holds += tally.holds;
    sum.node_starts += tally.node_starts;
    sum.sockets += tally.sockets;
    sum.acknowledged += tally.acknowledged;
    sum.events += tally.events;
}

#[test]
fn promises_hold_in_the_first_worlds() {
    part(0);
}

#[test]
fn promises_hold_in_the_second_worlds() {
    part(1);
}

#[test]
fn promises_hold_in_the_third_worlds() {
    part(2);
}

#[test]
fn promises_hold_in_the_fourth_worlds() {
    part(3);
}

#[test]
fn promises_hold_in_the_fifth_worlds() {
    part(4);
}

#[test]
fn promises_hold_in_the_sixth_worlds() {
    part(5);
}

#[test]
fn promises_hold_in_the_seventh_worlds() {
    part(6);
}

#[test]
fn promises_hold_in_the_eighth_worlds() {
    part(7);
}

#[test]
fn promises_hold_in_worlds_that_broke_once() {
    all_hold(BROKE_ONCE);
}

#[test]
fn a_seed_plays_the_same_world_each_time() {
    assert_eq!(all_hold([7]), all_hold([7]));
    assert_ne!(all_hold([7]), all_hold([8]));
}

/// Plays worlds with a mistake in them until it is found out: by a broken promise of the right kind, with its seed and
/// what led to it.
#[track_caller]
fn is_found_out(faults: Faults, expected: Invariant) {
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..100 {
        let Err(violation) = run(seed, faults) else { continue };
        if violation.invariant == expected {
            assert!(
                violation
                    .to_string()
                    .starts_with(&format!("seed {seed}: {:?}: ", violation.invariant))
            );
            assert!(!violation.trace.is_empty());
            return;
        }
        *found.entry(format!("{:?}", violation.invariant)).or_default() += 1;
    }
    panic!("{faults:?} broke {found:?}, not {expected:?}");
}

#[test]
fn it_is_found_out_that_nobody_polls() {
    let faults = Faults {
        nobody_polls: true,
        ..Faults::default()
    };
    is_found_out(faults, Invariant::EveryDeviceRings);
}

#[test]
fn it_is_found_out_that_a_second_accept_wins() {
    let faults = Faults {
        any_accept_wins: true,
        ..Faults::default()
    };
    is_found_out(faults, Invariant::OneWinner);
}

#[test]
fn it_is_found_out_that_commits_get_lost() {
    let faults = Faults {
        commits_get_lost: true,
        ..Faults::default()
    };
    is_found_out(faults, Invariant::AcknowledgedStep);
}

#[test]
fn it_is_found_out_that_nobody_sweeps() {
    let faults = Faults {
        nobody_sweeps: true,
        ..Faults::default()
    };
    is_found_out(faults, Invariant::EveryCallEnds);
}

#[test]
fn it_is_found_out_that_silence_is_billed() {
    let faults = Faults {
        silence_is_billed: true,
        ..Faults::default()
    };
    is_found_out(faults, Invariant::Billing);
}

#[test]
fn it_is_found_out_that_a_node_reads_before_it_subscribes() {
    let faults = Faults {
        read_before_subscribing: true,
        ..Faults::default()
    };
    is_found_out(faults, Invariant::EveryDeviceRings);
}

#[test]
fn it_is_found_out_that_a_late_vanish_takes_a_device_away() {
    let faults = Faults {
        late_vanish_counts: true,
        ..Faults::default()
    };
    is_found_out(faults, Invariant::Presence);
}

#[test]
fn it_is_found_out_that_nobody_compares_versions() {
    let faults = Faults {
        nobody_compares_versions: true,
        ..Faults::default()
    };
    is_found_out(faults, Invariant::Forward);
}

#[test]
fn it_is_found_out_that_items_raise_no_version() {
    let faults = Faults {
        items_raise_no_version: true,
        ..Faults::default()
    };
    is_found_out(faults, Invariant::Items);
}
