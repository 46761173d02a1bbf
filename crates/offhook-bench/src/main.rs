//! What the relay costs, beside coturn and beside the kernel alone.
//!
//! `offhook-bench relay` runs programs in turns, each on one core with the load on another, and prints what it found
//! with each target as a ratio of the same run. `offhook-bench forward` is a bare forwarder, which `relay` starts.
//!
//! What this deliberately does not do: speak TCP or TLS, decide whether a build passes, or measure on a single core.
//!
//! Start reading at [`contest`]; [`load`] is the traffic, [`program`] what is measured.
//!
//! Invariants: what is compared runs in the same run, in turns; processor time is the system's account of the server
//! alone; loss is always counted.

mod client;
mod contest;
mod establish;
mod forwarder;
mod load;
mod process;
mod program;
mod statistics;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use contest::{Contestant, Effort, Saturation};
use program::{Direction, Kind};

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
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Forward { model, merge } => {
            forwarder::run(model, merge, std::io::stdin().lock(), std::io::stdout().lock())
        }
        Command::Relay { offhook, quick } => {
            process::move_to_load_core()?;
            let effort = if quick {
                Effort {
                    turns: 5,
                    length: Duration::from_millis(300),
                }
            } else {
                Effort {
                    turns: 7,
                    length: Duration::from_millis(1000),
                }
            };
            let flows = |is_merging| Kind::Bare {
                model: forwarder::Model::SocketAFlow,
                is_merging,
            };
            let one = Kind::Bare {
                model: forwarder::Model::OneSocket,
                is_merging: false,
            };
            let bare = [flows(false), flows(true)];
            for (direction, frame, bare) in [
                (Direction::ToPeer, 1, &bare[..]),
                (Direction::ToClient, 1, &bare[..]),
                (Direction::ToClient, 8, &bare[..]),
                (Direction::BothRelayed, 1, &[one][..]),
            ] {
                println!("{direction:?} {frame}");
                let mut contestants = Vec::new();
                for kind in contest::kinds(bare, offhook.as_deref()) {
                    contestants.push(Contestant::enter(kind, direction, 100)?);
                }
                let saturation = Saturation {
                    direction,
                    flows: 100,
                    frame,
                };
                for cost in contest::saturate(&mut contestants, saturation, effort)? {
                    println!(
                        "{:40} {:6.2} ({:.2}..{:.2}) busy {:.2} loss {:.4} rate {:.0}",
                        cost.name,
                        cost.per_packet.median(),
                        cost.per_packet.least(),
                        cost.per_packet.most(),
                        cost.busy.median(),
                        cost.loss.median(),
                        cost.rate.median(),
                    );
                }
            }
            Ok(())
        }
    }
}
