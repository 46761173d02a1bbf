//! A slow way for tests and measurements: `offhook-proxy [--delay-ms N] …`.
//!
//! Each line on its standard input, `udp ADDRESS:PORT` or `tcp ADDRESS:PORT`, opens a forward to there, which one line on
//! standard output answers: `udp ADDRESS:PORT`, where it listens. When its input ends, so does the program: it cannot
//! outlive who started it.

use std::io::{BufRead as _, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Parser;
use offhook_sim::proxy::{Conditions, Forward, Transport};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Delays UDP and TCP, and loses UDP.
#[derive(Debug, Parser)]
struct Arguments {
    /// The address to listen on, and to send from.
    #[arg(long, default_value_t = Ipv4Addr::LOCALHOST)]
    listen: Ipv4Addr,
    /// How long a packet takes, each way.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// How much longer it may take, by chance.
    #[arg(long, default_value_t = 0)]
    jitter_ms: u64,
    /// Let jitter put datagrams out of order.
    #[arg(long)]
    reorder: bool,
    /// How many in a thousand datagrams to lose, each way.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1000))]
    loss_per_mille: u64,
    /// What chance is made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let conditions = Conditions {
        delay: Duration::from_millis(arguments.delay_ms),
        jitter: Duration::from_millis(arguments.jitter_ms),
        is_reordering: arguments.reorder,
        loss_per_mille: arguments.loss_per_mille,
        seed: arguments.seed,
    };
    let mut orders = read_orders();
    let mut forwards = JoinSet::new();
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some(order) = order else { return Ok(()) };
                let (word, transport, target) = parse(&order)?;
                let forward = Forward::listen(transport, arguments.listen, target, conditions)
                    .await
                    .with_context(|| format!("listening on {}", arguments.listen))?;
                let mut output = std::io::stdout().lock();
                writeln!(output, "{word} {}", forward.address).context("saying where a forward listens")?;
                output.flush().context("saying where a forward listens")?;
                forwards.spawn(forward.carry());
            }
            Some(ended) = forwards.join_next() => ended.context("carrying")?.context("carrying")?,
        }
    }
}

/// Reads lines on a thread of its own: one that waits for input cannot be cancelled, and ends with the program.
fn read_orders() -> mpsc::Receiver<String> {
    let (orders, received) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if orders.blocking_send(line).is_err() {
                return;
            }
        }
    });
    received
}

fn parse(order: &str) -> anyhow::Result<(&str, Transport, SocketAddrV4)> {
    let (word, target) = order
        .split_once(' ')
        .with_context(|| format!("{order:?} has no address"))?;
    let transport = match word {
        "udp" => Transport::Udp,
        "tcp" => Transport::Tcp,
        _ => bail!("{word:?} is neither udp nor tcp"),
    };
    let target = target
        .trim()
        .parse()
        .with_context(|| format!("{target:?} is no IPv4 address with a port"))?;
    Ok((word, transport, target))
}
