//! Several programs under the same load, in turns.

use std::time::Duration;

use anyhow::Context as _;

use crate::load::{Load, Pace, Run, Tally};
use crate::program::{Direction, Kind, Program};
use crate::statistics::{Series, percentile};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Turns that count; one before them does not.
    pub turns: usize,
    /// How long each run is.
    pub length: Duration,
}

/// A program with traffic led through it.
pub struct Contestant {
    /// Which program.
    pub kind: Kind,
    /// It.
    pub program: Program,
    /// Its traffic.
    pub load: Load,
}

impl Contestant {
    /// Starts a program and leads `flows` flows through it.
    pub fn enter(kind: Kind, direction: Direction, flows: usize) -> anyhow::Result<Self> {
        let name = kind.name();
        let mut program = Program::start(&kind).with_context(|| format!("starting {name}"))?;
        let load = program
            .lead(direction, flows)
            .with_context(|| format!("leading flows through {name}"))?;
        Ok(Self { kind, program, load })
    }

    /// One run and the processor time that the program spent on it.
    pub fn run(&mut self, run: Run) -> anyhow::Result<(Tally, Duration)> {
        let before = self.program.process.cpu()?;
        let tally = self.load.run(run)?;
        let spent = self.program.process.cpu()?.saturating_sub(before);
        anyhow::ensure!(self.program.process.is_alive(), "{} has ended", self.kind.name());
        Ok((tally, spent))
    }
}

/// What saturation showed of one program.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Which program.
    pub kind: Kind,
    /// Processor microseconds a packet that arrived.
    pub per_packet: Series,
    /// Part of the packets that did not arrive.
    pub loss: Series,
    /// Part of the time that the program was at work: near 1 where it was saturated.
    pub busy: Series,
    /// Packets a second.
    pub rate: Series,
}

/// What a paced load showed of one program.
#[derive(Clone, Debug, Default)]
pub struct Latency {
    /// Microseconds from sending to arrival that half of the packets stayed below.
    pub median: Series,
    /// The same of 99 in a hundred.
    pub tail: Series,
    /// Part of the packets that did not arrive.
    pub loss: Series,
    /// Turns in which the load could not keep its pace.
    pub late: usize,
}

impl Latency {
    /// Takes a turn's tally.
    pub fn push(&mut self, mut tally: Tally) {
        self.median.push(percentile(&mut tally.latencies, 0.5) / 1000.0);
        self.tail.push(percentile(&mut tally.latencies, 0.99) / 1000.0);
        self.loss.push(tally.loss());
        self.late += usize::from(tally.is_late);
    }
}

/// Packets under way: enough that a server always has work, few enough that no socket's buffer overflows.
const WINDOW: usize = 512;

/// Saturates programs in turns, with `frame` packets back to back.
pub fn saturate(contestants: &mut [Contestant], frame: usize, effort: Effort) -> anyhow::Result<Vec<Cost>> {
    let mut costs: Vec<Cost> = contestants
        .iter()
        .map(|contestant| Cost {
            kind: contestant.kind.clone(),
            per_packet: Series::default(),
            loss: Series::default(),
            busy: Series::default(),
            rate: Series::default(),
        })
        .collect();
    let run = Run {
        pace: Pace::Window(WINDOW),
        frame,
        length: effort.length,
        flood: 0.0,
    };
    for turn in 0..=effort.turns {
        for (contestant, cost) in contestants.iter_mut().zip(&mut costs) {
            let (tally, spent) = contestant.run(run)?;
            if turn == 0 {
                continue;
            }
            let received = tally.received as f64;
            // A turn in which nothing arrived, on a machine that had no time for it, is dear and not cheap.
            let is_empty = tally.received == 0;
            let per_packet = if is_empty {
                f64::INFINITY
            } else {
                spent.as_secs_f64() * 1e6 / received
            };
            cost.per_packet.push(per_packet);
            cost.loss.push(tally.loss());
            cost.busy.push(spent.as_secs_f64() / tally.elapsed.as_secs_f64());
            cost.rate.push(received / tally.elapsed.as_secs_f64());
        }
    }
    Ok(costs)
}
