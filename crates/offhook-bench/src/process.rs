//! A program under measurement: started on a core of its own, and what the system says it used.

use std::ffi::OsStr;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

/// The core that servers run on.
const SERVER_CORE: u32 = 0;
/// The core that the load runs on.
pub const LOAD_CORE: u32 = 1;

/// A running program; it is ended when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts `command` on the servers' core; what it says goes nowhere unless `is_heard`.
    pub fn start(command: &Command, is_heard: bool) -> anyhow::Result<Self> {
        let mut pinned = on_server_core(command.get_program());
        pinned.args(command.get_args());
        for (key, value) in command.get_envs() {
            if let Some(value) = value {
                pinned.env(key, value);
            }
        }
        let child = pinned
            .stdin(Stdio::piped())
            .stdout(if is_heard { Stdio::piped() } else { Stdio::null() })
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", command.get_program().display()))?;
        Ok(Self { child })
    }

    /// The child, for those who talk to it.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The time that its threads have spent on a core, by the scheduler's account.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        cpu(self.child.id())
    }

    /// The memory it holds at the moment, in bytes, without what the kernel holds for it.
    pub fn resident_bytes(&self) -> anyhow::Result<u64> {
        resident_bytes(self.child.id())
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that runs `program` on the servers' core. `taskset` becomes the program: what is started is what is measured.
pub fn on_server_core(program: impl AsRef<OsStr>) -> Command {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", &SERVER_CORE.to_string()]).arg(program);
    pinned
}

/// The time that a process's threads have spent on a core, by the scheduler's account.
pub fn cpu(process: u32) -> anyhow::Result<Duration> {
    let folder = format!("/proc/{process}/task");
    let mut total = 0;
    for task in fs::read_dir(&folder).with_context(|| format!("listing {folder}"))? {
        let path = task?.path().join("schedstat");
        // A thread that has ended meanwhile, as one does that waited for reads, takes its account with it.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let running = text.split_whitespace().next().context("an empty schedstat")?;
        total += running.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(total))
}

/// The memory that a process holds at the moment, in bytes, without what the kernel holds for it.
pub fn resident_bytes(process: u32) -> anyhow::Result<u64> {
    status_bytes(process, "VmRSS:")
}

/// The same without pages of files (the program, the database), which the kernel has anyway and may take back.
pub fn own_bytes(process: u32) -> anyhow::Result<u64> {
    status_bytes(process, "RssAnon:")
}

fn status_bytes(process: u32, name: &str) -> anyhow::Result<u64> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kilobytes.with_context(|| format!("no {name}"))?.parse::<u64>()? * 1024)
}

/// Moves this process to the load's core.
pub fn move_to_load_core() -> anyhow::Result<()> {
    let status = Command::new("taskset")
        .args([
            "-a",
            "-c",
            "-p",
            &LOAD_CORE.to_string(),
            &std::process::id().to_string(),
        ])
        .stdout(Stdio::null())
        .status()
        .context("starting taskset (util-linux)")?;
    anyhow::ensure!(status.success(), "this machine has no core {LOAD_CORE}: two are needed");
    Ok(())
}
