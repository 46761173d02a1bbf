//! Latency far below saturation, where a wake-up costs more than a packet.

use super::{BARE, Comparison};
use crate::load::{Pace, Run};
use crate::program::{Direction, Kind};
use crate::report::{By, Report, cell, percent};
use crate::statistics::{Series, percentile};

/// Packets a second.
const RATE: f64 = 20_000.0;

/// Latency of one program.
#[derive(Default)]
struct Latency {
    median: Series,
    tail: Series,
    loss: Series,
}

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
                let (mut tally, _) = contestant.run(run)?;
                if turn > 0 {
                    latency.median.push(percentile(&mut tally.latencies, 0.5) / 1000.0);
                    latency.tail.push(percentile(&mut tally.latencies, 0.99) / 1000.0);
                    latency.loss.push(tally.loss());
                }
            }
        }
        let named = || contestants.iter().map(|contestant| &contestant.kind).zip(&found);
        let rows: Vec<_> = named()
            .map(|(kind, latency)| {
                let Latency { median, tail, loss } = latency;
                vec![kind.name().to_owned(), cell(median, 0), cell(tail, 0), percent(loss)]
            })
            .collect();
        let title = format!("{RATE} packets a second, {what}");
        report.table(&title, &["", "p50, µs (best to worst)", "p99, µs", "lost"], &rows);
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
