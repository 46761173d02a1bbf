//! `cargo xtask bench relay`: what the relay costs, beside coturn and beside the kernel alone.
//! `cargo xtask bench calls`: how many complete calls a server carries in a second.
//! `cargo xtask bench auth`: how many users sign in in a second.
//! `cargo xtask bench sockets`: what an idle socket costs, beside a bare server's.
//! `cargo xtask bench reconnect`: how soon all sockets are back after a restart.
//! `cargo xtask bench start`: how long a server takes to start, and how much it is.
//! `cargo xtask bench list`: how long lists of a million calls take.
//! `cargo xtask bench webhooks`: how many events of calls a server tells in a second.
//! `cargo xtask bench scroll`: how smoothly the dashboard scrolls over a million calls.
//! `cargo xtask bench setup`: how long a call takes to set up, beside a bare pair of peer connections.

use anyhow::bail;

use crate::npm::{self, npm};
use crate::run::{command, loudly, output, quietly};
use crate::{setup, suite};

/// What is named when something is missing; `taskset` is part of util-linux, which every Debian has.
const PACKAGES: &str = "apt-get install coturn util-linux";
/// The document that keeps the figures.
const DOCUMENT: &str = "docs/performance.md";

/// Measures what is named. `--quick` takes fewer turns, `--write` puts the figures into docs/performance.md.
pub fn run(options: &[String]) -> anyhow::Result<()> {
    match options.split_first() {
        Some((subject, options)) if subject == "relay" => relay(options),
        Some((subject, options)) if subject == "list" => release(subject, &quick(options, "--calls=100000")),
        Some((subject, options)) if subject == "auth" => release(subject, &quick(options, "--seconds=3")),
        Some((subject, options)) if subject == "sockets" => release(subject, &quick(options, "--counts=1000")),
        Some((subject, options)) if subject == "reconnect" => release(subject, &quick(options, "--counts=2000")),
        Some((subject, options)) if subject == "calls" => release(subject, &quick(options, "--seconds=3")),
        Some((subject, options)) if subject == "start" => release(subject, &quick(options, "--turns=5")),
        Some((subject, options)) if subject == "setup" => call_setup(options),
        Some((subject, options)) if subject == "scroll" => scrolling(options),
        Some((subject, options)) if subject == "webhooks" => release(subject, &quick(options, "--turns=1")),
        _ => bail!(
            "what is to be measured? `cargo xtask bench auth|calls|list|reconnect|relay|scroll|setup|sockets|start|webhooks [--quick] [--write]`"
        ),
    }
}

/// Runs real browsers against the debug build: what the server adds to a call's set-up is a few messages.
fn call_setup(options: &[String]) -> anyhow::Result<()> {
    setup::for_tests()?;
    npm::build_all()?;
    suite::build_binaries()?;
    println!("Measuring; let nothing else run meanwhile");
    let mut measure = npm("e2e", &["run", "--silent", "bench", "--"]);
    measure.args(options);
    loudly(measure)
}

/// Scrolls the release's dashboard in a real browser, over a store that `offhook-bench` generates.
fn scrolling(options: &[String]) -> anyhow::Result<()> {
    setup::for_tests()?;
    npm::build_all()?;
    build_release()?;
    println!("Measuring; let nothing else run meanwhile");
    let folder = std::env::current_dir()?.join("target/release");
    let mut measure = npm("e2e", &["run", "--silent", "bench:scroll", "--"]);
    measure.args(options);
    measure.env("E2E_BINARY", folder.join("offhook"));
    measure.env("E2E_BENCH", folder.join("offhook-bench"));
    loudly(measure)
}

/// Builds the release and measures it, which takes under three minutes with `--quick`; other options go to
/// `offhook-bench relay`.
fn relay(options: &[String]) -> anyhow::Result<()> {
    for (program, argument) in [("turnserver", "--version"), ("taskset", "--version")] {
        if output(program, [argument]).is_none() {
            bail!("{program} is missing: {PACKAGES}");
        }
    }
    release("relay", options)
}

/// `--quick` in the words of `offhook-bench`.
fn quick(options: &[String], means: &str) -> Vec<String> {
    let word = |option: &String| {
        if option == "--quick" {
            means.to_owned()
        } else {
            option.clone()
        }
    };
    options.iter().map(word).collect()
}

/// Builds the release and lets `offhook-bench` measure it.
fn release(subject: &str, options: &[String]) -> anyhow::Result<()> {
    setup::for_building()?;
    build_release()?;
    println!("Measuring; let nothing else run meanwhile");
    let mut measure = command(
        "target/release/offhook-bench",
        [subject, "--offhook", "target/release/offhook"],
    );
    for option in options {
        match option.as_str() {
            "--write" => measure.args(["--document", DOCUMENT]),
            other => measure.arg(other),
        };
    }
    loudly(measure)
}

fn build_release() -> anyhow::Result<()> {
    let packages = [
        "build",
        "--release",
        "--package",
        "offhook-server",
        "--package",
        "offhook-bench",
    ];
    quietly("building the release", command("cargo", packages))
}
