//! A measured flow, alone and beside a stranger who floods the server from one address.

use super::{Comparison, latency};
use crate::client::Client;
use crate::contest::{Contestant, Latency};
use crate::load::{Flood, Pace, Run, bind_roomy};
use crate::program::{Direction, Kind};
use crate::report::{By, Report};

/// A few calls' worth, in packets a second.
const FLOW: f64 = 2000.0;
/// Requests a second: near what one core of load can send beside the flow.
const FLOOD: f64 = 100_000.0;
/// Calls beside the flood.
const FLOWS: usize = 10;

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
        let (mut alone, mut beside) = (Latency::default(), Latency::default());
        for turn in 0..=effort.turns {
            for (flood, found) in [(0.0, &mut alone), (FLOOD, &mut beside)] {
                let run = Run {
                    pace: Pace::Rate(FLOW),
                    frame: 1,
                    length: effort.length,
                    flood,
                };
                let (tally, _) = contestant.run(run)?;
                if turn > 0 {
                    found.push(tally);
                }
            }
        }
        for (what, found) in [("alone", &alone), ("beside the flood", &beside)] {
            rows.push(latency::row(format!("{name}, {what}"), found));
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
    report.table(&title, &latency::COLUMNS, &rows);
    Ok(())
}
