//! The comparison: one function a table.

mod ceiling;
mod cost;
mod flood;
mod latency;
mod setup;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;

use crate::contest::{Contestant, Effort};
use crate::forwarder::Model;
use crate::program::{Direction, Kind};
use crate::report::Report;

/// Flows in all comparisons that say nothing else.
const FLOWS: usize = 100;
/// One socket a flow, a system call for many datagrams: what the targets are measured by.
const BARE: Kind = Kind::Bare {
    model: Model::SocketAFlow,
    is_merging: false,
};
const BARE_MERGING: Kind = Kind::Bare {
    model: Model::SocketAFlow,
    is_merging: true,
};
const BARE_ONE_SOCKET: Kind = Kind::Bare {
    model: Model::OneSocket,
    is_merging: false,
};

/// A part of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Processor time a packet, saturated.
    Cost,
    /// Processor time a packet with 5,000 allocations beside that with 100.
    Crowd,
    /// Processor time and memory of an allocation.
    Setup,
    /// Latency at 20,000 packets a second.
    Latency,
    /// The highest rate that loses less than one packet in a thousand.
    Ceiling,
    /// A flow beside a flood.
    Flood,
    /// Whether the figures move when a program is made slower; not a part of the report unless it is named.
    Proof,
}

impl Part {
    /// Those that compare relays, in the report's order.
    pub const ALL: [Self; 6] = [
        Self::Cost,
        Self::Crowd,
        Self::Setup,
        Self::Latency,
        Self::Ceiling,
        Self::Flood,
    ];
}

/// What is compared and how thoroughly.
#[derive(Debug)]
pub struct Comparison {
    /// The binary `offhook`; without it only the others are measured.
    pub offhook: Option<PathBuf>,
    /// Fewer and shorter turns.
    pub is_quick: bool,
}

impl Comparison {
    /// Measures the parts.
    pub fn run(&self, parts: &[Part]) -> anyhow::Result<Report> {
        let mut report = Report::default();
        for part in parts {
            let result = match part {
                Part::Cost => cost::run(self, &mut report),
                Part::Crowd => cost::run_crowd(self, &mut report),
                Part::Setup => setup::run(self, &mut report),
                Part::Latency => latency::run(self, &mut report),
                Part::Ceiling => ceiling::run(self, &mut report),
                Part::Flood => flood::run(self, &mut report),
                Part::Proof => cost::run_proof(self, &mut report),
            };
            result.with_context(|| format!("measuring {part:?}"))?;
        }
        Ok(report)
    }

    fn effort(&self) -> Effort {
        let (turns, milliseconds) = if self.is_quick { (5, 300) } else { (7, 1000) };
        Effort {
            turns,
            length: Duration::from_millis(milliseconds),
        }
    }

    fn ours(&self) -> Option<Kind> {
        self.offhook.clone().map(Kind::Offhook)
    }

    /// coturn, these bare forwarders, and ours.
    fn enter(&self, bare: &[Kind], direction: Direction) -> anyhow::Result<Vec<Contestant>> {
        let kinds = [Kind::Coturn]
            .into_iter()
            .chain(bare.iter().cloned())
            .chain(self.ours());
        kinds.map(|kind| Contestant::enter(kind, direction, FLOWS)).collect()
    }
}
