//! What an allocation costs: the 401, Allocate, a permission, a channel; and the memory it holds.

use super::Comparison;
use crate::load::bind_roomy;
use crate::program::{Kind, Program, sockets};
use crate::report::{By, Report, cell};
use crate::statistics::Series;

/// Allocations a turn: enough that what grows in steps, as tables do, counts little.
const ALLOCATIONS: usize = 2000;
/// What an allocation may hold beyond the kernel's socket, in bytes.
const MOST_BYTES: f64 = 2048.0;

/// Measures fresh processes, one a turn.
pub fn run(comparison: &Comparison, report: &mut Report) -> anyhow::Result<()> {
    let kinds: Vec<Kind> = [Kind::Coturn].into_iter().chain(comparison.ours()).collect();
    let mut found = vec![(Series::default(), Series::default()); kinds.len()];
    for turn in 0..=comparison.effort().turns {
        for (kind, (time, memory)) in kinds.iter().zip(&mut found) {
            let mut program = Program::start(kind)?;
            let clients = sockets(ALLOCATIONS)?;
            let peer = bind_roomy()?;
            let (cpu, resident) = (program.process.cpu()?, program.process.resident_bytes()?);
            program.allocate(&clients, Some(peer.local_address()))?;
            let spent = program.process.cpu()?.saturating_sub(cpu);
            let held = program.process.resident_bytes()?.saturating_sub(resident);
            if turn > 0 {
                time.push(spent.as_secs_f64() * 1e6 / ALLOCATIONS as f64);
                memory.push(held as f64 / ALLOCATIONS as f64);
            }
        }
    }
    let rows: Vec<_> = kinds
        .iter()
        .zip(&found)
        .map(|(kind, (time, memory))| vec![kind.name().to_owned(), cell(time, 0), cell(memory, 0)])
        .collect();
    let title = format!("An allocation ({ALLOCATIONS} of them, each with a permission and a channel)");
    report.table(
        &title,
        &["", "processor µs (best to worst)", "bytes of memory (least to most)"],
        &rows,
    );
    if let [(coturn, _), (ours, memory)] = found.as_slice() {
        report.at_most("an allocation, beside coturn", 0.6, ours, coturn, By::Median);
        let most = Series::from_iter([MOST_BYTES]);
        report.at_most("memory of an allocation, beside 2 KiB", 1.0, memory, &most, By::Median);
    }
    Ok(())
}
