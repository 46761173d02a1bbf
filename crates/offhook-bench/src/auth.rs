//! How many users sign in in a second, and how soon the slowest of a hundred is in.
//!
//! Sign-ins begin at a steady rate, whether or not the server keeps up: the time that one waits for its turn counts. The load shares
//! the machine with the server.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::disk;
use crate::lab::{self, Http, Kind};
use crate::report::Report;
use crate::server::{Application, Server};
use crate::statistics::percentile;

/// What a server is to do in a second, and how soon.
const TARGET_RATE: u32 = 5_000;
const TARGET_P99_MS: f64 = 10.0;
/// So many connections ask, each once its turn has come.
const CONNECTIONS: u32 = 32;
const USERS: usize = 4_000;

/// What one rate came to.
struct Turn {
    waits: Vec<u32>,
    took: Duration,
    server_cpu: Duration,
}

/// Signs users in at each of `rates` for `seconds`, by both kinds of token; says whether the target was met by both.
pub fn run(offhook: &Path, rates: &[u32], seconds: u32) -> anyhow::Result<(Report, bool)> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let application = Application::create(offhook, folder.path())?;
    let server = Server::start(offhook, folder.path(), &[])?;
    let mut rows = Vec::new();
    let mut are_met = true;
    let is_measured = rates.iter().any(|rate| *rate >= TARGET_RATE);
    for (kind, words) in [
        (Kind::AccessToken, "access tokens"),
        (Kind::SessionToken, "session tokens"),
    ] {
        println!("Making {USERS} users with {words}");
        let bodies = lab::create_bearers(server.address, &application, USERS, kind)?;
        // What is not measured is not missed.
        let mut is_met = !is_measured;
        for rate in rates {
            let mut turn = sign_in(&server, &bodies, *rate, seconds)?;
            let reached = turn.waits.len() as f64 / turn.took.as_secs_f64();
            let cpu_us = turn.server_cpu.as_micros() as f64 / turn.waits.len().max(1) as f64;
            let [median, p99] = [0.5, 0.99].map(|part| percentile(&mut turn.waits, part) / 1000.0);
            is_met |= *rate >= TARGET_RATE && reached >= 0.98 * f64::from(TARGET_RATE) && p99 < TARGET_P99_MS;
            thread::sleep(Duration::from_secs(1));
            let [sync, sync_p99] = disk::syncs(folder.path())?;
            rows.push(vec![
                words.to_owned(),
                rate.to_string(),
                format!("{reached:.0}"),
                format!("{median:.2} ms, {p99:.2} ms"),
                format!("{cpu_us:.0} \u{b5}s"),
                format!("{sync:.2} ms, {sync_p99:.2} ms"),
            ]);
            println!("{}", rows.last().map(|row| row.join(" | ")).unwrap_or_default());
        }
        are_met &= is_met;
    }
    if !is_measured {
        println!("The target, {TARGET_RATE} sign-ins a second, is not among the rates");
    }
    let mut report = Report::default();
    report.table(
        &format!("Sign-ins, {seconds} s at each rate, {CONNECTIONS} connections"),
        &[
            "with",
            "a second, begun",
            "done",
            "median, p99",
            "server's processor each",
            "a sync alone, right after: median, p99",
        ],
        &rows,
    );
    Ok((report, are_met))
}

fn sign_in(server: &Server, bodies: &[String], rate: u32, seconds: u32) -> anyhow::Result<Turn> {
    let server_cpu = server.cpu()?;
    let address = server.address;
    let begun = Instant::now() + Duration::from_millis(50);
    let waits = thread::scope(|scope| {
        let asking: Vec<_> = (0..CONNECTIONS)
            .map(|first| {
                scope.spawn(move || -> anyhow::Result<Vec<u32>> {
                    let mut http = Http::open(address)?;
                    let mut waits = Vec::new();
                    for number in (first..rate * seconds).step_by(CONNECTIONS as usize) {
                        let due = begun + Duration::from_secs(1) * number / rate;
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        let body = bodies.get(number as usize % bodies.len().max(1)).context("no users")?;
                        http.post("/client/v1/authenticate", "", body)?;
                        waits.push(u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX));
                    }
                    Ok(waits)
                })
            })
            .collect();
        let mut all = Vec::new();
        for thread in asking {
            all.extend(thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??);
        }
        anyhow::Ok(all)
    })?;
    Ok(Turn {
        waits,
        took: begun.elapsed(),
        server_cpu: server.cpu()?.saturating_sub(server_cpu),
    })
}
