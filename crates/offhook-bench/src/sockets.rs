//! What an idle socket costs a server: memory and processor, beside a bare WebSocket server on the same libraries.
//!
//! Ours are signed in, welcomed, and listen for doorbells; the bare server's have only been upgraded. Both run in turns in this run, each
//! in a process of its own. What the kernel keeps for a socket is in neither.

use std::io::BufRead as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::routing::get;

use crate::lab::{self, Device};
use crate::process;
use crate::report::Report;
use crate::server::{Application, Server};

/// What an idle socket may cost, in KiB of the process.
const TARGET_KIB: f64 = 6.5;
/// Until what was taken for the upgrade has been given back.
const SETTLING: Duration = Duration::from_secs(3);
/// How long they are watched while nothing happens.
const IDLE: Duration = Duration::from_secs(20);
/// What axum's sockets are given, in ours and in the bare server.
const READ_BUFFER: usize = 4096;

/// Opens each of `counts` sockets to either server; says whether ours met its target at each.
pub fn run(offhook: &Path, counts: &[usize]) -> anyhow::Result<(Report, bool)> {
    let mut rows = Vec::new();
    let mut is_met = true;
    for count in counts {
        let ours = ours(offhook, *count)?;
        let bare = bare(*count)?;
        is_met &= ours.kib <= TARGET_KIB;
        for (name, cost) in [("Offhook, signed in", ours), ("bare axum, upgraded", bare)] {
            rows.push(vec![
                count.to_string(),
                name.to_owned(),
                format!("{:.1} KiB", cost.kib),
                format!("{:.2} \u{b5}s", cost.idle_us),
            ]);
            println!("{}", rows.last().map(|row| row.join(" | ")).unwrap_or_default());
        }
    }
    let mut report = Report::default();
    report.table(
        "Idle sockets",
        &["sockets", "server", "memory a socket", "processor a socket and second"],
        &rows,
    );
    Ok((report, is_met))
}

struct Cost {
    kib: f64,
    idle_us: f64,
}

fn ours(offhook: &Path, count: usize) -> anyhow::Result<Cost> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let application = Application::create(offhook, folder.path())?;
    let server = Server::start(offhook, folder.path(), &[])?;
    lab::create_users(server.address, &application.api_token, count)?;
    let keys = lab::authenticate(server.address, &application.id, count)?;
    // Signing in has taken memory of its own, which is not the sockets'.
    std::thread::sleep(SETTLING);
    let open = |number: usize| {
        let key = keys.get(number).context("no such user")?;
        Device::connect(server.address, number, key)
    };
    cost(server.process(), count, open)
}

fn bare(count: usize) -> anyhow::Result<Cost> {
    let server = Bare::start()?;
    cost(server.child.id(), count, |number| {
        Device::upgrade(server.address, number, "/")
    })
}

fn cost(process: u32, count: usize, mut open: impl FnMut(usize) -> anyhow::Result<Device>) -> anyhow::Result<Cost> {
    let before = process::resident_bytes(process)?;
    let mut devices: Vec<_> = (0..count).map(&mut open).collect::<Result<_, _>>()?;
    std::thread::sleep(SETTLING);
    let after = process::resident_bytes(process)?;
    let cpu = process::cpu(process)?;
    std::thread::sleep(IDLE);
    let spent = process::cpu(process)? - cpu;
    // Whoever was left would not have been idle, but gone.
    for device in &mut devices {
        device.read(|_| {})?;
    }
    Ok(Cost {
        kib: after.saturating_sub(before) as f64 / 1024.0 / count as f64,
        idle_us: spent.as_micros() as f64 / count as f64 / IDLE.as_secs_f64(),
    })
}

/// A bare server in a process of its own.
struct Bare {
    child: Child,
    address: SocketAddr,
}

impl Bare {
    fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("bare-sockets")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the bare server")?;
        let mut line = String::new();
        let told = child.stdout.take().context("no words")?;
        std::io::BufReader::new(told).read_line(&mut line)?;
        let address = line.trim().parse().context("reading its address")?;
        Ok(Self { child, address })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is that server: upgrades whoever comes, prints its address, and ends with its parent.
pub fn serve_bare() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let upgrade = |upgrade: WebSocketUpgrade| async move {
            let tuned = upgrade.read_buffer_size(READ_BUFFER).write_buffer_size(0);
            tuned.on_upgrade(|mut socket| async move { while let Some(Ok(_)) = socket.recv().await {} })
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let serving = axum::serve(listener, Router::new().route("/", get(upgrade)));
        let parent = tokio::task::spawn_blocking(|| std::io::stdin().lock().read_line(&mut String::new()));
        tokio::select! {
            served = serving => served?,
            _ = parent => {}
        }
        Ok(())
    })
}
