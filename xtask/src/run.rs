//! Running other programs, so that a person watching knows what goes on.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// How often a quiet step says that it is still at work.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How often a quiet step looks whether its program has ended.
const POLL: Duration = Duration::from_millis(50);

/// The top of the tree.
pub fn root() -> PathBuf {
    // This crate is `xtask/`, one below the top.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// A program that cargo builds in `profile`: it puts them where it has put this one, wherever that is.
pub fn built(profile: &str, program: &str) -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe().context("looking where this program is")?;
    let target = here.ancestors().nth(2).context("looking where cargo builds")?;
    Ok(target.join(profile).join(program))
}

/// A command that runs at the top of the tree.
pub fn command<const N: usize>(program: impl AsRef<OsStr>, arguments: [&str; N]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a program that talks to the person itself.
pub fn loudly(mut command: Command) -> anyhow::Result<()> {
    let line = describe(&command);
    let status = command.status().with_context(|| format!("starting {line}"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a program whose words matter only when it fails; says every ten seconds that `what` is still going on.
pub fn quietly(what: &str, mut command: Command) -> anyhow::Result<()> {
    let line = describe(&command);
    let log = log_file(what)?;
    let file = File::create(&log).with_context(|| format!("creating {}", log.display()))?;
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone().context("opening the log twice")?)
        .stderr(file)
        .spawn()
        .with_context(|| format!("starting {line}"))?;
    let mut next_heartbeat = HEARTBEAT;
    let status = loop {
        if let Some(status) = child.try_wait().with_context(|| format!("waiting for {line}"))? {
            break status;
        }
        if started.elapsed() >= next_heartbeat {
            println!("    {what}: {} so far", seconds(started.elapsed()));
            next_heartbeat += HEARTBEAT;
        }
        std::thread::sleep(POLL);
    };
    if !status.success() {
        eprintln!("{}", std::fs::read_to_string(&log).unwrap_or_default());
        bail!("`{line}` failed ({status})");
    }
    println!("    {what}: done in {}", seconds(started.elapsed()));
    Ok(())
}

/// What a program printed, if it could be run and succeeded.
pub fn output<const N: usize>(program: &str, arguments: [&str; N]) -> Option<String> {
    let output = command(program, arguments).stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A duration for a person: `4.2 s`, `1:03`.
pub fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{}:{:02}", whole / 60, whole % 60)
    }
}

fn describe(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn log_file(what: &str) -> anyhow::Result<PathBuf> {
    let folder = root().join("target/xtask");
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let name: String = what
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    Ok(folder.join(format!("{name}.log")))
}
