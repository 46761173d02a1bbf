//! What the relay costs, beside coturn and beside the kernel alone; and how long lists of a million calls take.
//!
//! `offhook-bench relay` runs programs in turns, each on one core with the load on another, and prints what it found
//! with each target as a ratio of the same run. `offhook-bench forward` is a bare forwarder, which `relay` starts.
//! `offhook-bench list` generates a store and asks a server for lists; `fill` only generates.
//! `offhook-bench webhooks` lets a server tell a receiver of many calls, `calls` has it carry them, `auth` signs users in,
//! `sockets` leaves sockets idle, `reconnect` has them
//! come back, `start` starts it, `build` builds it.
//!
//! What this deliberately does not do: decide whether a build passes, or measure on a single core. Over TCP and TLS it measures sockets, not
//! the relay.
//!
//! Start reading at [`mod@relay`]; [`load`] is the traffic, [`program`] what is measured.
//!
//! Invariants: what is compared runs in the same run, in turns; processor time is the system's account of the server
//! alone; loss is always counted.

mod auth;
mod building;
mod calls;
mod client;
mod contest;
mod disk;
mod establish;
mod forwarder;
mod lab;
mod list;
mod load;
mod process;
mod program;
mod reconnect;
mod relay;
mod report;
mod server;
mod soak;
mod sockets;
mod start;
mod statistics;
mod webhooks;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, Subcommand};

use relay::{Comparison, Part};
use report::Report;

/// Measures Offhook, beside others and beside what there is to reach.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// A document whose figures are to be replaced.
    #[arg(long, global = true)]
    document: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compare the relay with coturn and with bare forwarders.
    Relay {
        /// The binary `offhook`; without it only the others are measured.
        #[arg(long)]
        offhook: Option<PathBuf>,
        /// Fewer and shorter turns: under three minutes.
        #[arg(long)]
        quick: bool,
        /// Only these parts; all if none is named.
        #[arg(long)]
        only: Vec<Part>,
    },
    /// Ask a server with many calls for lists of them.
    List {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// How many calls there are.
        #[arg(long, default_value_t = 1_000_000)]
        calls: u32,
        /// How often each list is asked for.
        #[arg(long, default_value_t = 500)]
        requests: u32,
    },
    /// Generate calls in a store that has one application and no server.
    Fill {
        /// The store's file.
        #[arg(long)]
        database: PathBuf,
        /// How many calls there are.
        #[arg(long, default_value_t = 1_000_000)]
        calls: u32,
    },
    /// Have a server carry calls at several rates.
    Calls {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// How many users; one may dial another ten times a minute, so at each rate there are other pairs, and it takes enough of them.
        #[arg(long, default_value_t = 8_000, value_parser = clap::value_parser!(u32).range(2..))]
        users: u32,
        /// How many calls are stored, beside none, to see whether a call costs more then; 0 leaves it out.
        #[arg(long, default_value_t = 1_000_000)]
        stored: u32,
        /// How many calls begin in a second, one rate after the other. Beside an empty and a full store the first is measured again.
        #[arg(long, value_delimiter = ',', default_value = "500,1000,1500,2000,2500,3000", value_parser = at_least_one())]
        rates: Vec<u32>,
        /// How long each rate is kept.
        #[arg(long, default_value_t = 10, value_parser = at_least_one())]
        seconds: u32,
    },
    /// Leave sockets idle, beside a bare server's.
    Sockets {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// How many; a process has 20,000 files at most where nobody has raised its limit.
        #[arg(long, value_delimiter = ',', default_value = "1000,19000")]
        counts: Vec<usize>,
        /// How many pairs pass messages; a device may say fifty things a second, so many are needed for what a server can do.
        #[arg(long, default_value_t = 1_000)]
        pairs: usize,
        /// How often it is measured what a message costs.
        #[arg(long, default_value_t = 5)]
        turns: usize,
    },
    /// Restart a server under sockets that come back.
    Reconnect {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// How many; a process has 20,000 files at most where nobody has raised its limit.
        #[arg(long, value_delimiter = ',', default_value = "2000,18000")]
        counts: Vec<usize>,
    },
    /// Let a server carry mixed calls with faults for long, and watch its memory.
    Soak {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// For how many seconds.
        #[arg(long, default_value_t = 3600)]
        seconds: u64,
        /// How many users.
        #[arg(long, default_value_t = 400)]
        users: usize,
    },
    /// Be a bare WebSocket server.
    #[command(hide = true)]
    BareSockets,
    /// Sign users in at several rates.
    Auth {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// How many sign-ins begin in a second, one rate after the other.
        #[arg(long, value_delimiter = ',', default_value = "1000,2500,5000,7500", value_parser = at_least_one())]
        rates: Vec<u32>,
        /// How long each rate is kept.
        #[arg(long, default_value_t = 10, value_parser = at_least_one())]
        seconds: u32,
    },
    /// Start a server in an empty folder.
    Start {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// How often.
        #[arg(long, default_value_t = 20)]
        turns: u32,
    },
    /// Build this workspace's program in empty folders.
    Build {
        /// Which package.
        #[arg(long, default_value = "offhook-server")]
        package: String,
        /// In which profiles.
        #[arg(long, value_delimiter = ',', default_value = "dev,release")]
        profiles: Vec<String>,
    },
    /// Let a server tell a receiver of many calls.
    Webhooks {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// How many calls there are, of three events each.
        #[arg(long, default_value_t = 10_000)]
        calls: u32,
        /// How often it is measured.
        #[arg(long, default_value_t = 5)]
        turns: u32,
    },
    /// Be a bare forwarder; flows come on standard input.
    #[command(hide = true)]
    Forward {
        /// Which sockets it has.
        #[arg(long)]
        model: forwarder::Model,
        /// Whether it merges datagrams of one size.
        #[arg(long)]
        merge: bool,
        /// How long it spins for each packet.
        #[arg(long)]
        waste_ns: u64,
    },
}

fn at_least_one() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..)
}

fn main() -> anyhow::Result<()> {
    let Arguments { command, document } = Arguments::parse();
    // What was measured, whether the targets were met, and the part of the document that it belongs to.
    let (report, is_met, part) = match command {
        Command::Forward { model, merge, waste_ns } => {
            let waste = Duration::from_nanos(waste_ns);
            return forwarder::run(model, merge, waste, std::io::stdin().lock(), std::io::stdout().lock());
        }
        Command::BareSockets => return sockets::peers::serve_bare(),
        Command::Fill { database, calls } => return list::fill(&database, calls),
        Command::Build { package, profiles } => {
            let report = building::run(&package, &profiles)?;
            return document.map_or(Ok(()), |document| report.write_tables_into(&document, "build"));
        }
        Command::Relay { offhook, quick, only } => return relay(offhook, quick, only, document.as_deref()),
        Command::List {
            offhook,
            calls,
            requests,
        } => {
            let (report, missed) = list::run(&offhook, calls, requests)?;
            (report, missed == 0, "list")
        }
        Command::Calls {
            offhook,
            users,
            stored,
            rates,
            seconds,
        } => {
            let (report, is_met) = calls::run(&calls::Field {
                offhook: &offhook,
                users: users as usize,
                rates: &rates,
                seconds,
                stored,
            })?;
            (report, is_met, "calls")
        }
        Command::Sockets {
            offhook,
            counts,
            pairs,
            turns,
        } => {
            let mut report = Report::default();
            let is_idle_met = sockets::idle::run(&offhook, &counts, &mut report)?;
            let is_met = sockets::routing::run(&offhook, pairs, turns, &mut report)? && is_idle_met;
            (report, is_met, "sockets")
        }
        Command::Reconnect { offhook, counts } => {
            let (report, is_met) = reconnect::run(&offhook, &counts)?;
            (report, is_met, "reconnect")
        }
        Command::Soak {
            offhook,
            seconds,
            users,
        } => {
            let (report, is_met) = soak::run(&offhook, Duration::from_secs(seconds), users)?;
            (report, is_met, "soak")
        }
        Command::Auth {
            offhook,
            rates,
            seconds,
        } => {
            let (report, is_met) = auth::run(&offhook, &rates, seconds)?;
            (report, is_met, "auth")
        }
        Command::Webhooks { offhook, calls, turns } => {
            let (report, is_met) = webhooks::run(&offhook, calls, turns)?;
            (report, is_met, "webhooks")
        }
        Command::Start { offhook, turns } => {
            let (report, is_met) = start::run(&offhook, turns)?;
            (report, is_met, "start")
        }
    };
    println!("targets {}", if is_met { "met" } else { "missed" });
    document.map_or(Ok(()), |document| report.write_tables_into(&document, part))
}

fn relay(offhook: Option<PathBuf>, quick: bool, only: Vec<Part>, document: Option<&Path>) -> anyhow::Result<()> {
    process::move_to_load_core()?;
    let parts = if only.is_empty() { Part::ALL.to_vec() } else { only };
    let comparison = Comparison {
        offhook,
        is_quick: quick,
    };
    let report = comparison.run(&parts)?;
    println!("\n{}\n{} targets missed", report.verdict(), report.missed());
    document.map_or(Ok(()), |document| report.write_into(document))
}
