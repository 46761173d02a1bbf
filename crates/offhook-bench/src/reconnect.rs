//! How soon everybody is back when a server is restarted, and whether their calls are.
//!
//! Devices do as the SDKs do: they come back when the server that stops has asked them to, or within a second, and where nobody
//! answers yet, within two seconds again.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::lab::{self, Device};
use crate::report::Report;
use crate::server::{Application, Server};
use crate::statistics::percentile;

/// Within which time all are to be back.
const TARGET: Duration = Duration::from_secs(10);
/// They come back on so many threads.
const THREADS: usize = 64;
/// Of a wait that nobody has asked for: the first, and the others.
const WAITS_MS: (u64, u64) = (1_000, 2_000);

/// Somebody who comes back.
struct Returning {
    number: usize,
    due: Instant,
    tries: u32,
}

/// Restarts a server under each of `counts` sockets; says whether all of them were back in time, with their calls.
pub fn run(offhook: &Path, counts: &[usize]) -> anyhow::Result<(Report, bool)> {
    let mut rows = Vec::new();
    let mut is_met = true;
    for count in counts {
        let (row, is_in_time) = restart(offhook, *count)?;
        is_met &= is_in_time;
        println!("{}", row.join(" | "));
        rows.push(row);
    }
    let mut report = Report::default();
    report.table(
        "A restart under sockets",
        &[
            "sockets",
            "nobody serves for",
            "half are back after",
            "99 % after",
            "all after",
            "tries each",
            "calls kept",
        ],
        &rows,
    );
    Ok((report, is_met))
}

fn restart(offhook: &Path, count: usize) -> anyhow::Result<(Vec<String>, bool)> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let application = Application::create(offhook, folder.path())?;
    let server = Server::start(offhook, folder.path(), &[])?;
    let address = server.address;
    lab::create_users(address, &application.api_token, count)?;
    let keys = lab::authenticate(address, &application.id, count)?;
    // Everybody is in a call.
    let calls = count / 2;
    let devices = lab::talk_all(address, &keys)?;

    let stopped = Instant::now();
    server.stop()?;
    let server = Server::start_at(address, offhook, folder.path(), &[])?;
    let serving = Instant::now();
    let returning: Vec<_> = devices
        .into_iter()
        .enumerate()
        .map(|(number, mut device)| {
            let mut asked = None;
            // It ends where the server has closed it.
            while device.read(|said| asked = said.reconnect_after_ms.or(asked)).is_ok() {}
            let wait = asked.unwrap_or_else(|| random(number, 0) % WAITS_MS.0);
            Returning {
                number,
                due: stopped + Duration::from_millis(wait),
                tries: 0,
            }
        })
        .collect();
    let keys = &keys;
    let back: Vec<(Duration, u32, bool)> = thread::scope(|scope| {
        let part = returning.len().div_ceil(THREADS).max(1);
        let mut parts = Vec::new();
        let mut rest = returning.into_iter().peekable();
        while rest.peek().is_some() {
            let some: Vec<_> = rest.by_ref().take(part).collect();
            parts.push(scope.spawn(move || come_back(some, keys, address, calls, serving)));
        }
        let mut all = Vec::new();
        for part in parts {
            all.extend(part.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??);
        }
        anyhow::Ok(all)
    })?;
    drop(server);

    let mut times: Vec<u32> = back.iter().map(|(after, ..)| after.as_millis() as u32).collect();
    let tries: u32 = back.iter().map(|(_, tries, _)| tries).sum();
    let kept = back.iter().filter(|(.., is_connected)| *is_connected).count();
    let [half, most, all] = [0.5, 0.99, 1.0].map(|part| percentile(&mut times, part) / 1000.0);
    let is_met = all <= TARGET.as_secs_f64() && kept == 2 * calls;
    let row = vec![
        count.to_string(),
        format!("{:.2} s", (serving - stopped).as_secs_f64()),
        format!("{half:.1} s"),
        format!("{most:.1} s"),
        format!("{all:.1} s"),
        format!("{:.2}", f64::from(tries) / count as f64),
        format!("{} of {calls}", kept / 2),
    ];
    Ok((row, is_met))
}

/// Each comes back in its time: how long after the server was there, at which try, and whether its call is connected.
fn come_back(
    mut waiting: Vec<Returning>,
    keys: &[String],
    server: std::net::SocketAddr,
    calls: usize,
    serving: Instant,
) -> anyhow::Result<Vec<(Duration, u32, bool)>> {
    let mut back = Vec::with_capacity(waiting.len());
    // A socket that is back stays.
    let mut devices = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        waiting.sort_unstable_by_key(|device| std::cmp::Reverse(device.due));
        let Some(mut next) = waiting.pop() else { break };
        thread::sleep(next.due.saturating_duration_since(Instant::now()));
        next.tries += 1;
        let key = keys.get(next.number).context("no such user")?;
        let call = (next.number / 2 < calls).then(|| lab::uuid(1, next.number / 2));
        match Device::come_back(server, next.number, key, call.as_deref()) {
            Ok((device, is_connected)) => {
                devices.push(device);
                back.push((serving.elapsed(), next.tries, is_connected));
            }
            Err(error) if next.tries > 20 => return Err(error.context("coming back")),
            Err(_) => {
                next.due = Instant::now() + Duration::from_millis(random(next.number, next.tries) % WAITS_MS.1);
                waiting.push(next);
            }
        }
    }
    Ok(back)
}

/// A number that differs from device to device and from try to try (SplitMix64).
fn random(number: usize, tries: u32) -> u64 {
    let mut state = (number as u64) << 8 | u64::from(tries);
    state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
