//! Latency far below saturation, where a wake-up costs more than a packet.

use super::{BARE, Comparison};
use crate::contest::Latency;
use crate::load::{Pace, Run};
use crate::program::{Direction, Kind};
use crate::report::{By, Report, cell, percent};

/// What [`row`] has.
pub const COLUMNS: [&str; 5] = [
    "",
    "p50, µs (best to worst)",
    "p99, µs",
    "lost",
    "turns with a late load",
];
/// Packets a second.
const RATE: f64 = 20_000.0;

/// Measures both directions.
pub fn run(comparison: &Comparison, report: &mut Report) -> anyhow::Result<()> {
    for (direction, what) in [
        (Direction::ToPeer, "to the peer"),
        (Direction::ToClient, "to the client"),
    ] {
        let mut contestants = comparison.enter(&[BARE], direction)?;
        let mut found: Vec<Latency> = contestants.iter().map(|_| Latency::default()).collect();
        let effort = comparison.effort();
        let run = Run {
            pace: Pace::Rate(RATE),
            frame: 1,
            length: effort.length,
            flood: 0.0,
        };
        for turn in 0..=effort.turns {
            for (contestant, latency) in contestants.iter_mut().zip(&mut found) {
                let (tally, _) = contestant.run(run)?;
                if turn > 0 {
                    latency.push(tally);
                }
            }
        }
        let named = || contestants.iter().map(|contestant| &contestant.kind).zip(&found);
        let rows: Vec<_> = named()
            .map(|(kind, latency)| row(kind.name().to_owned(), latency))
            .collect();
        let title = format!("{RATE} packets a second, {what}");
        report.table(&title, &COLUMNS, &rows);
        let of = |is_wanted: fn(&Kind) -> bool| named().find(|(kind, _)| is_wanted(kind)).map(|(_, latency)| latency);
        if let (Some(ours), Some(bare)) = (of(|kind| matches!(kind, Kind::Offhook(_))), of(|kind| *kind == BARE)) {
            let what_median = format!("p50 at {RATE} packets a second {what}, beside the bare forwarder");
            report.at_most(&what_median, 1.15, &ours.median, &bare.median, By::Median);
            let what_tail = format!("p99 at {RATE} packets a second {what}, beside the bare forwarder");
            report.at_most(&what_tail, 1.3, &ours.tail, &bare.tail, By::Median);
        }
    }
    Ok(())
}

/// A program's latency in a table.
pub fn row(name: String, latency: &Latency) -> Vec<String> {
    let Latency {
        median,
        tail,
        loss,
        late,
    } = latency;
    vec![name, cell(median, 0), cell(tail, 0), percent(loss), late.to_string()]
}
