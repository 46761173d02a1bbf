//! How many events of calls a server tells in a second.
//!
//! The outbox is filled with the events of many calls, three each, in the order that each call had them. Then the server runs
//! on it as it always does, and a receiver on the same machine takes every event at once. What is measured is the time from the
//! first request to the last, with every event signed, sent, settled and synced, and the next of its call sent after it.

mod fill;
mod receiver;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

use receiver::Receiver;

use crate::report::{Report, cell};
use crate::statistics::Series;

/// What a server is to tell in a second.
const TARGET: f64 = 2000.0;
/// How long all of it may take.
const DEADLINE: Duration = Duration::from_secs(300);

/// Tells the events of `calls` calls, `turns` times; says whether the target was met by the middle turn.
pub fn run(offhook: &Path, calls: u32, turns: u32) -> anyhow::Result<(Report, bool)> {
    let (mut rates, mut connections) = (Series::default(), Series::default());
    for _ in 0..turns {
        let told = turn_of(offhook, calls)?;
        rates.push(f64::from(told.requests) / told.took.as_secs_f64());
        connections.push(f64::from(told.connections));
    }
    let mut report = Report::default();
    report.table(
        "Events told",
        &["a second, median (least to most)", "over connections", "limit"],
        &[vec![
            cell(&rates, 0),
            cell(&connections, 0),
            format!("at least {TARGET}"),
        ]],
    );
    Ok((report, rates.median() >= TARGET))
}

fn turn_of(offhook: &Path, calls: u32) -> anyhow::Result<receiver::Told> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let receiver = Receiver::start(calls * fill::EVENTS)?;
    let host = receiver.address.to_string();
    let program = || {
        let mut program = Command::new(offhook);
        program
            .env("OFFHOOK_DATA_DIR", folder.path())
            .env("OFFHOOK_OUTBOUND__ALLOWED_PRIVATE_HOSTS", &host)
            .env("OFFHOOK_RELAY__LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        program
    };
    let url = format!("http://{host}/calls");
    for arguments in [
        &["app", "create", "Bench", "--app-id", "BENCH"][..],
        &["app", "webhooks", "subscribe", "BENCH", &url],
    ] {
        let status = program().args(arguments).status().context("running offhook")?;
        if !status.success() {
            bail!("offhook {} failed", arguments.join(" "));
        }
    }
    fill::fill(&folder.path().join("offhook.db"), calls)?;
    let mut serve = program();
    serve
        .args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
        .env("OFFHOOK_LOG", "error")
        .stderr(Stdio::null());
    let _server = Server(serve.spawn().context("starting the server")?);
    receiver.wait(DEADLINE)
}

/// A server that is ended with the measurement.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is no failure.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}
