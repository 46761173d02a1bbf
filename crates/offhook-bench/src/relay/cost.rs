//! Processor time a packet while a server is saturated.

use super::{BARE, BARE_MERGING, BARE_ONE_SOCKET, Comparison, FLOWS};
use crate::contest::{self, Contestant, Cost};
use crate::program::{Direction, Kind};
use crate::report::{By, Report, cell, percent};

/// More allocations than fit into any cache of sockets.
const CROWD: usize = 5000;
const COLUMNS: [&str; 5] = ["", "µs a packet (best to worst)", "packets a second", "at work", "lost"];

/// Measures each direction.
pub fn run(comparison: &Comparison, report: &mut Report) -> anyhow::Result<()> {
    let both = [BARE, BARE_MERGING];
    let to_peer = measure(comparison, report, "to the peer", Direction::ToPeer, 1, &both)?;
    let to_client = measure(comparison, report, "to the client", Direction::ToClient, 1, &both)?;
    let title = "to the client, frames of 8 packets";
    let frames = measure(comparison, report, title, Direction::ToClient, 8, &both)?;
    let title = "both parties relayed";
    let relayed = measure(comparison, report, title, Direction::BothRelayed, 1, &[BARE_ONE_SOCKET])?;

    for (costs, what) in [(&to_peer, "to the peer"), (&to_client, "to the client")] {
        if let (Some(ours), Some(bare)) = (ours(costs), of(costs, &BARE)) {
            let what = format!("processor time a packet {what}, beside the bare forwarder (best turns)");
            report.at_most(&what, 1.2, &ours.per_packet, &bare.per_packet, By::Best);
        }
    }
    for (costs, limit, what) in [
        (&frames, 0.65, "frames of 8 to the client, beside coturn"),
        (&relayed, 0.35, "both parties relayed, beside coturn"),
    ] {
        if let (Some(ours), Some(coturn)) = (ours(costs), of(costs, &Kind::Coturn)) {
            report.at_most(what, limit, &ours.per_packet, &coturn.per_packet, By::Median);
        }
    }
    Ok(())
}

/// Measures ours with few and with many allocations, packets spread over all of them.
pub fn run_crowd(comparison: &Comparison, report: &mut Report) -> anyhow::Result<()> {
    let Some(kind) = comparison.ours() else { return Ok(()) };
    for (direction, what) in [
        (Direction::ToPeer, "to the peer"),
        (Direction::ToClient, "to the client"),
    ] {
        let mut contestants = vec![
            Contestant::enter(kind.clone(), direction, FLOWS)?,
            Contestant::enter(kind.clone(), direction, CROWD)?,
        ];
        let costs = contest::saturate(&mut contestants, 1, comparison.effort())?;
        let names = [
            format!("Offhook, {FLOWS} allocations"),
            format!("Offhook, {CROWD} allocations"),
        ];
        let rows: Vec<_> = names
            .into_iter()
            .zip(&costs)
            .map(|(name, cost)| row(name, cost))
            .collect();
        report.table(&format!("Few and many allocations, {what}"), &COLUMNS, &rows);
        if let [few, many] = costs.as_slice() {
            let what = format!("{CROWD} allocations beside {FLOWS}, {what}");
            report.at_most(&what, 1.2, &many.per_packet, &few.per_packet, By::Median);
        }
    }
    Ok(())
}

/// Measures the bare forwarder beside itself made slower.
pub fn run_proof(comparison: &Comparison, report: &mut Report) -> anyhow::Result<()> {
    for (direction, what) in [
        (Direction::ToPeer, "to the peer"),
        (Direction::ToClient, "to the client"),
    ] {
        let kinds = [BARE, Kind::Slowed(0), Kind::Slowed(500), Kind::Slowed(2000)];
        let entered = kinds
            .iter()
            .map(|kind| Contestant::enter(kind.clone(), direction, FLOWS));
        let mut contestants = entered.collect::<anyhow::Result<Vec<_>>>()?;
        let costs = contest::saturate(&mut contestants, 1, comparison.effort())?;
        let named = costs.iter().map(|cost| {
            let name = match cost.kind {
                Kind::Slowed(nanoseconds) => format!("the same, wasting {nanoseconds} ns a packet"),
                _ => cost.kind.name().to_owned(),
            };
            row(name, cost)
        });
        report.table(
            &format!("Made slower on purpose, {what}"),
            &COLUMNS,
            &named.collect::<Vec<_>>(),
        );
    }
    Ok(())
}

fn measure(
    comparison: &Comparison,
    report: &mut Report,
    what: &str,
    direction: Direction,
    frame: usize,
    bare: &[Kind],
) -> anyhow::Result<Vec<Cost>> {
    let mut contestants = comparison.enter(bare, direction)?;
    let costs = contest::saturate(&mut contestants, frame, comparison.effort())?;
    let rows: Vec<_> = costs
        .iter()
        .map(|cost| row(cost.kind.name().to_owned(), cost))
        .collect();
    report.table(&format!("Saturated, {FLOWS} flows, {what}"), &COLUMNS, &rows);
    Ok(costs)
}

fn row(name: String, cost: &Cost) -> Vec<String> {
    vec![
        name,
        cell(&cost.per_packet, 2),
        format!("{:.0}", cost.rate.median()),
        format!("{:.0} %", cost.busy.median() * 100.0),
        percent(&cost.loss),
    ]
}

fn of<'a>(costs: &'a [Cost], kind: &Kind) -> Option<&'a Cost> {
    costs.iter().find(|cost| cost.kind == *kind)
}

fn ours(costs: &[Cost]) -> Option<&Cost> {
    costs.iter().find(|cost| matches!(cost.kind, Kind::Offhook(_)))
}
