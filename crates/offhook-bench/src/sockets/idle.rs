//! What an idle socket costs a server: memory and processor, beside a bare WebSocket server on the same libraries.
//!
//! Ours are signed in, welcomed, and listen for doorbells; the bare server's have only been upgraded. Both run in turns in this run, each
//! in a process of its own. What the kernel keeps for a socket is in neither, nor are pages of files.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use super::peers::Peer;
use crate::lab::{self, Certificate, Device};
use crate::process;
use crate::report::Report;
use crate::server::{Application, Server};

/// What an idle socket may cost, in KiB of the process: at first, in the end, and over TLS.
const TARGETS_KIB: [f64; 3] = [6.5, 4.0, 12.0];
/// So many over TLS are enough: a handshake takes the load a while.
const MAX_TLS: usize = 5_000;
/// Until what was taken for the upgrade has been given back.
const SETTLING: Duration = Duration::from_secs(3);
/// How long they are watched while nothing happens; a few sockets only show that it can be measured.
const IDLE: Duration = Duration::from_secs(20);
const IDLE_OF_FEW: Duration = Duration::from_secs(1);
const FEW: usize = 100;

/// Opens each of `counts` sockets to either server; says whether ours met its targets at each.
pub fn run(offhook: &Path, counts: &[usize], report: &mut Report) -> anyhow::Result<bool> {
    let mut rows = Vec::new();
    let mut is_met = true;
    let [_, plain_target, tls_target] = TARGETS_KIB;
    let mut add = |count: usize, name: &str, cost: &Cost| {
        let row = [
            count.to_string(),
            name.to_owned(),
            format!("{:.1} KiB", cost.kib),
            format!("{:.2} \u{b5}s", cost.idle_us),
        ];
        println!("{}", row.join(" | "));
        rows.push(row.to_vec());
    };
    for count in counts {
        let plain = ours(offhook, *count, false)?;
        add(*count, "Offhook, signed in", &plain);
        add(*count, "bare axum, upgraded", &bare(*count)?);
        let (tls_count, tls) = (*count.min(&MAX_TLS), ours(offhook, *count.min(&MAX_TLS), true)?);
        add(tls_count, "Offhook, signed in, over TLS", &tls);
        is_met &= plain.kib <= plain_target && tls.kib <= tls_target;
    }
    let [first, then, tls] = TARGETS_KIB;
    report.table(
        &format!("Idle sockets; at most {first} KiB, then {then}; {tls} over TLS"),
        &["sockets", "server", "memory a socket", "processor a socket and second"],
        &rows,
    );
    Ok(is_met)
}

struct Cost {
    kib: f64,
    idle_us: f64,
}

fn ours(offhook: &Path, count: usize, is_tls: bool) -> anyhow::Result<Cost> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let application = Application::create(offhook, folder.path())?;
    let certificate = Certificate::make(folder.path())?;
    let settings = if is_tls { certificate.settings() } else { Vec::new() };
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = Server::start(offhook, folder.path(), &settings)?;
    lab::create_users(server.address, &application.api_token, count)?;
    let keys = lab::authenticate(server.address, &application.id, count)?;
    // Signing in has taken memory of its own, which is not the sockets'.
    std::thread::sleep(SETTLING);
    let open = |number: usize| {
        let key = keys.get(number).context("no such user")?;
        match server.https {
            Some(https) => Device::connect_tls(https, number, key, &certificate.trust),
            None => Device::connect(server.address, number, key),
        }
    };
    cost(server.process(), count, open)
}

fn bare(count: usize) -> anyhow::Result<Cost> {
    let server = Peer::bare(false)?;
    cost(server.process(), count, |number| {
        Device::upgrade(server.address, number, "/idle")
    })
}

fn cost(process: u32, count: usize, mut open: impl FnMut(usize) -> anyhow::Result<Device>) -> anyhow::Result<Cost> {
    let before = process::own_bytes(process)?;
    let mut devices: Vec<_> = (0..count).map(&mut open).collect::<Result<_, _>>()?;
    std::thread::sleep(SETTLING);
    let after = process::own_bytes(process)?;
    let cpu = process::cpu(process)?;
    let idle = if count <= FEW { IDLE_OF_FEW } else { IDLE };
    std::thread::sleep(idle);
    let spent = process::cpu(process)?.saturating_sub(cpu);
    // Whoever was left would not have been idle, but gone.
    for device in &mut devices {
        device.read(|_| {})?;
    }
    Ok(Cost {
        kib: after.saturating_sub(before) as f64 / 1024.0 / count as f64,
        idle_us: spent.as_micros() as f64 / count as f64 / idle.as_secs_f64(),
    })
}
