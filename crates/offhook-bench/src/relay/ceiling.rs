//! The highest rate at which a server loses less than one packet in a thousand.

use super::{BARE, Comparison};
use crate::contest::Contestant;
use crate::load::{Pace, Run};
use crate::program::{Direction, Kind};
use crate::report::{Report, cell};
use crate::statistics::Series;

/// Where the search begins, in packets a second: below and above what one core can do.
const LOWEST: f64 = 20_000.0;
const HIGHEST: f64 = 500_000.0;
/// Each step halves what is unknown: at the end it is 2 % of the highest.
const STEPS: usize = 6;
const MOST_LOSS: f64 = 0.001;

/// Measures both directions.
pub fn run(comparison: &Comparison, report: &mut Report) -> anyhow::Result<()> {
    for (direction, what) in [
        (Direction::ToPeer, "to the peer"),
        (Direction::ToClient, "to the client"),
    ] {
        let mut contestants = comparison.enter(&[BARE], direction)?;
        let mut found = vec![Series::default(); contestants.len()];
        let effort = comparison.effort();
        let turns = if comparison.is_quick { 3 } else { effort.turns };
        for turn in 0..=turns {
            for (contestant, series) in contestants.iter_mut().zip(&mut found) {
                let ceiling = search(contestant, effort.length / 4)?;
                if turn > 0 {
                    series.push(ceiling);
                }
            }
        }
        let named = || contestants.iter().map(|contestant| &contestant.kind).zip(&found);
        let rows: Vec<_> = named()
            .map(|(kind, series)| vec![kind.name().to_owned(), cell(series, 0)])
            .collect();
        let title = format!("Highest rate under 0.1 % loss, {what}");
        report.table(&title, &["", "packets a second (least to most)"], &rows);
        let of = |is_wanted: fn(&Kind) -> bool| named().find(|(kind, _)| is_wanted(kind)).map(|(_, series)| series);
        if let (Some(ours), Some(bare)) = (of(|kind| matches!(kind, Kind::Offhook(_))), of(|kind| *kind == BARE)) {
            let what = format!("highest rate under 0.1 % loss {what}, beside the bare forwarder");
            report.at_least(&what, 0.9, ours, bare);
        }
    }
    Ok(())
}

fn search(contestant: &mut Contestant, length: std::time::Duration) -> anyhow::Result<f64> {
    let (mut low, mut high) = (LOWEST, HIGHEST);
    for _ in 0..STEPS {
        let rate = (low + high) / 2.0;
        let run = Run {
            pace: Pace::Rate(rate),
            frame: 1,
            length,
            flood: 0.0,
        };
        let (tally, _) = contestant.run(run)?;
        if tally.loss() < MOST_LOSS && !tally.is_late {
            low = rate;
        } else {
            high = rate;
        }
    }
    Ok(low)
}
