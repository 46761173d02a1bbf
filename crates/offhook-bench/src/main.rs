//! What the relay costs, beside coturn and beside the kernel alone; and how long lists of a million calls take.
//!
//! `offhook-bench relay` runs programs in turns, each on one core with the load on another, and prints what it found
//! with each target as a ratio of the same run. `offhook-bench forward` is a bare forwarder, which `relay` starts.
//! `offhook-bench list` generates a store and asks a server for lists; `fill` only generates.
//! `offhook-bench webhooks` lets a server tell a receiver of many calls, `calls` has it carry them, `auth` signs users in,
//! `sockets` leaves sockets idle, `reconnect` has them
//! come back, `start` starts it.
//!
//! What this deliberately does not do: speak TCP or TLS, decide whether a build passes, or measure on a single core.
//!
//! Start reading at [`relay`]; [`load`] is the traffic, [`program`] what is measured.
//!
//! Invariants: what is compared runs in the same run, in turns; processor time is the system's account of the server
//! alone; loss is always counted.

mod auth;
mod calls;
mod client;
mod contest;
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
mod sockets;
mod start;
mod statistics;
mod webhooks;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use relay::{Comparison, Part};

/// Measures the relay.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
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
        /// A document whose figures are to be replaced.
        #[arg(long)]
        document: Option<PathBuf>,
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
        /// A document whose figures are to be replaced.
        #[arg(long)]
        document: Option<PathBuf>,
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
        /// How many calls begin in a second, one rate after the other.
        #[arg(long, value_delimiter = ',', default_value = "500,1000,1500,2000,2500,3000")]
        rates: Vec<u32>,
        /// How long each rate is kept.
        #[arg(long, default_value_t = 10)]
        seconds: u32,
        /// A document whose figures are to be replaced.
        #[arg(long)]
        document: Option<PathBuf>,
    },
    /// Leave sockets idle, beside a bare server's.
    Sockets {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// How many; a process has 20,000 files at most where nobody has raised its limit.
        #[arg(long, value_delimiter = ',', default_value = "1000,19000")]
        counts: Vec<usize>,
        /// A document whose figures are to be replaced.
        #[arg(long)]
        document: Option<PathBuf>,
    },
    /// Restart a server under sockets that come back.
    Reconnect {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// How many; a process has 20,000 files at most where nobody has raised its limit.
        #[arg(long, value_delimiter = ',', default_value = "2000,18000")]
        counts: Vec<usize>,
        /// A document whose figures are to be replaced.
        #[arg(long)]
        document: Option<PathBuf>,
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
        #[arg(long, value_delimiter = ',', default_value = "1000,2500,5000,7500")]
        rates: Vec<u32>,
        /// How long each rate is kept.
        #[arg(long, default_value_t = 10)]
        seconds: u32,
        /// A document whose figures are to be replaced.
        #[arg(long)]
        document: Option<PathBuf>,
    },
    /// Start a server in an empty folder.
    Start {
        /// The binary `offhook`.
        #[arg(long)]
        offhook: PathBuf,
        /// How often.
        #[arg(long, default_value_t = 20)]
        turns: u32,
        /// A document whose figures are to be replaced.
        #[arg(long)]
        document: Option<PathBuf>,
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

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Forward { model, merge, waste_ns } => {
            let waste = Duration::from_nanos(waste_ns);
            forwarder::run(model, merge, waste, std::io::stdin().lock(), std::io::stdout().lock())
        }
        Command::List {
            offhook,
            calls,
            requests,
            document,
        } => {
            let (report, missed) = list::run(&offhook, calls, requests)?;
            println!("{missed} lists took too long");
            match document {
                Some(document) => report.write_tables_into(&document, "list"),
                None => Ok(()),
            }
        }
        Command::Calls {
            offhook,
            rates,
            seconds,
            document,
        } => {
            let (report, is_met) = calls::run(&offhook, &rates, seconds)?;
            println!("the target is {}", if is_met { "met" } else { "missed" });
            document.map_or(Ok(()), |document| report.write_tables_into(&document, "calls"))
        }
        Command::Sockets {
            offhook,
            counts,
            document,
        } => {
            let (report, is_met) = sockets::run(&offhook, &counts)?;
            println!("the target is {}", if is_met { "met" } else { "missed" });
            document.map_or(Ok(()), |document| report.write_tables_into(&document, "sockets"))
        }
        Command::Reconnect {
            offhook,
            counts,
            document,
        } => {
            let (report, is_met) = reconnect::run(&offhook, &counts)?;
            println!("the target is {}", if is_met { "met" } else { "missed" });
            document.map_or(Ok(()), |document| report.write_tables_into(&document, "reconnect"))
        }
        Command::BareSockets => sockets::serve_bare(),
        Command::Auth {
            offhook,
            rates,
            seconds,
            document,
        } => {
            let (report, is_met) = auth::run(&offhook, &rates, seconds)?;
            println!("the target is {}", if is_met { "met" } else { "missed" });
            document.map_or(Ok(()), |document| report.write_tables_into(&document, "auth"))
        }
        Command::Start {
            offhook,
            turns,
            document,
        } => {
            let report = start::run(&offhook, turns)?;
            document.map_or(Ok(()), |document| report.write_tables_into(&document, "start"))
        }
        Command::Fill { database, calls } => list::fill(&database, calls),
        Command::Webhooks { offhook, calls, turns } => webhooks::run(&offhook, calls, turns).map(|_| ()),
        Command::Relay {
            offhook,
            quick,
            only,
            document,
        } => {
            process::move_to_load_core()?;
            let parts = if only.is_empty() { Part::ALL.to_vec() } else { only };
            let comparison = Comparison {
                offhook,
                is_quick: quick,
            };
            let report = comparison.run(&parts)?;
            println!("\n{}\n{} targets missed", report.verdict(), report.missed());
            match document {
                Some(document) => report.write_into(&document),
                None => Ok(()),
            }
        }
    }
}
