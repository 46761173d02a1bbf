//! `cargo xtask bench relay`: what the relay costs, beside coturn and beside the kernel alone.
//! `cargo xtask bench calls`: how many complete calls a server carries in a second.
//! `cargo xtask bench auth`: how many users sign in in a second.
//! `cargo xtask bench sockets`: what an idle socket costs, and a message from one to another, beside other servers.
//! `cargo xtask bench reconnect`: how soon all sockets are back after a restart.
//! `cargo xtask bench soak`: whether a server's memory stays what it is, hour after hour.
//! `cargo xtask bench start`: how long a server takes to start, and how much it is.
//! `cargo xtask bench build`: how long it takes to build from nothing.
//! `cargo xtask bench list`: how long lists of a million calls take.
//! `cargo xtask bench webhooks`: how many events of calls a server tells in a second.
//! `cargo xtask bench scroll`: how smoothly the dashboard scrolls over a million calls.
//! `cargo xtask bench setup`: how long a call takes to set up, beside a bare pair of peer connections.

use std::process::Command;

use anyhow::bail;

use crate::npm::{self, npm};
use crate::run::{built, command, loudly, output, quietly};
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
        Some((subject, options)) if subject == "sockets" => {
            release(subject, &quick(options, "--counts=1000 --turns=1"))
        }
        Some((subject, options)) if subject == "reconnect" => release(subject, &quick(options, "--counts=2000")),
        Some((subject, options)) if subject == "calls" => {
            release(subject, &quick(options, "--seconds=3 --stored=100000"))
        }
        Some((subject, options)) if subject == "soak" => release(subject, &quick(options, "--seconds=120")),
        Some((subject, options)) if subject == "start" => release(subject, &quick(options, "--turns=5")),
        Some((subject, options)) if subject == "build" => building(&quick(options, "--profiles=dev")),
        Some((subject, options)) if subject == "setup" => call_setup(options),
        Some((subject, options)) if subject == "scroll" => scrolling(options),
        Some((subject, options)) if subject == "webhooks" => release(subject, &quick(options, "--turns=1")),
        _ => bail!(
            "what is to be measured? `cargo xtask bench auth|build|calls|list|reconnect|relay|scroll|setup|soak|sockets|start|webhooks [--quick] [--write]`"
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
    let mut measure = npm("e2e", &["run", "--silent", "bench:scroll", "--"]);
    measure.args(options);
    measure.env("E2E_BINARY", built("release", "offhook")?);
    measure.env("E2E_BENCH", built("release", "offhook-bench")?);
    loudly(measure)
}

/// Builds the program from nothing.
fn building(options: &[String]) -> anyhow::Result<()> {
    setup::for_building()?;
    build_lab()?;
    println!("Measuring; let nothing else run meanwhile");
    measure(command(built("debug", "offhook-bench")?, ["build"]), options)
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
    let words = |option: &String| -> Vec<String> {
        if option == "--quick" {
            means.split(' ').map(str::to_owned).collect()
        } else {
            vec![option.clone()]
        }
    };
    options.iter().flat_map(words).collect()
}

/// Builds the release and lets `offhook-bench` measure it.
fn release(subject: &str, options: &[String]) -> anyhow::Result<()> {
    setup::for_building()?;
    build_release()?;
    println!("Measuring; let nothing else run meanwhile");
    let mut lab = command(built("release", "offhook-bench")?, [subject, "--offhook"]);
    lab.arg(built("release", "offhook")?);
    measure(lab, options)
}

/// `--write` in the words of `offhook-bench`.
fn measure(mut lab: Command, options: &[String]) -> anyhow::Result<()> {
    for option in options {
        match option.as_str() {
            "--write" => lab.args(["--document", DOCUMENT]),
            other => lab.arg(other),
        };
    }
    loudly(lab)
}

/// Each measurement once, as small as it can be, with the debug build: that it can be measured, not how much it is.
pub fn smoke() -> anyhow::Result<()> {
    build_lab()?;
    quietly(
        "bench build",
        command(
            built("debug", "offhook-bench")?,
            ["build", "--package", "offhook-core", "--profiles=dev"],
        ),
    )?;
    for options in [
        "start --turns=2",
        "auth --rates=50 --seconds=2",
        "calls --users=40 --rates=20 --seconds=2 --stored=1000",
        "sockets --counts=20 --pairs=150 --turns=1",
        "reconnect --counts=40",
        "soak --seconds=15 --users=20",
        "list --calls=2000 --requests=3",
        "webhooks --calls=50 --turns=1",
    ] {
        let mut measure = command(built("debug", "offhook-bench")?, []);
        measure
            .args(options.split(' '))
            .arg("--offhook")
            .arg(built("debug", "offhook")?);
        quietly(&format!("bench {options}"), measure)?;
    }
    Ok(())
}

fn build_lab() -> anyhow::Result<()> {
    quietly(
        "building the lab",
        command("cargo", ["build", "--package", "offhook-bench"]),
    )
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
