//! A measured flow, alone and beside a stranger who floods the server from one address.

use super::Comparison;
use crate::client::Client;
use crate::contest::Contestant;
use crate::load::{Flood, Pace, Run, bind_roomy};
use crate::program::{Direction, Kind};
use crate::report::{By, Report, cell, percent};
use crate::statistics::{Series, percentile};

/// A few calls' worth, in packets a second.
const FLOW: f64 = 2000.0;
/// Requests a second: near what one core of load can send beside the flow.
const FLOOD: f64 = 100_000.0;
/// Calls beside the flood.
const FLOWS: usize = 10;

#[derive(Default)]
struct Beside {
    median: Series,
    tail: Series,
    loss: Series,
}

/// Measures each relay without and with the flood.
pub fn run(comparison: &Comparison, report: &mut Report) -> anyhow::Result<()> {
    let effort = comparison.effort();
    let kinds: Vec<Kind> = [Kind::Coturn].into_iter().chain(comparison.ours()).collect();
    let mut rows = Vec::new();
    for kind in kinds {
        let is_ours = matches!(kind, Kind::Offhook(_));
        let name = kind.name();
        let mut contestant = Contestant::enter(kind, Direction::ToPeer, FLOWS)?;
        contestant.load.flood = Some(Flood {
            socket: bind_roomy()?,
            server: contestant.program.address,
            request: Client::stranger()?.request().to_vec(),
        });
        let (mut alone, mut beside) = (Beside::default(), Beside::default());
        for turn in 0..=effort.turns {
            for (flood, found) in [(0.0, &mut alone), (FLOOD, &mut beside)] {
                let run = Run {
                    pace: Pace::Rate(FLOW),
                    frame: 1,
                    length: effort.length,
                    flood,
                };
                let (mut tally, _) = contestant.run(run)?;
                if turn > 0 {
                    found.median.push(percentile(&mut tally.latencies, 0.5) / 1000.0);
                    found.tail.push(percentile(&mut tally.latencies, 0.99) / 1000.0);
                    found.loss.push(tally.loss());
                }
            }
        }
        for (what, found) in [("alone", &alone), ("beside the flood", &beside)] {
            rows.push(vec![
                format!("{name}, {what}"),
                cell(&found.median, 0),
                cell(&found.tail, 0),
                percent(&found.loss),
            ]);
        }
        if is_ours {
            let flood = format!("beside {FLOOD} requests a second of one stranger");
            report.at_most(
                &format!("p50 of a flow {flood}, to alone"),
                1.5,
                &beside.median,
                &alone.median,
                By::Median,
            );
        }
    }
    let title =
        format!("{FLOW} packets a second to the peer, alone and beside {FLOOD} requests a second from one address");
    report.table(&title, &["", "p50, µs (best to worst)", "p99, µs", "lost"], &rows);
    Ok(())
}
