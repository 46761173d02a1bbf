//! `cargo xtask bench relay`: what the relay costs, beside coturn and beside the kernel alone.

use anyhow::bail;

use crate::run::{command, loudly, output, quietly};
use crate::setup;

/// What is named when something is missing; `taskset` is part of util-linux, which every Debian has.
const PACKAGES: &str = "apt-get install coturn util-linux";
/// The document that keeps the figures.
const DOCUMENT: &str = "docs/performance.md";

/// Builds the release and measures it. `--quick` takes under three minutes, `--write` puts the figures into
/// docs/performance.md; other options go to `offhook-bench relay`.
pub fn run(options: &[String]) -> anyhow::Result<()> {
    let (subject, options) = match options.split_first() {
        Some((subject, options)) => (subject.as_str(), options),
        None => ("", [].as_slice()),
    };
    if subject != "relay" {
        bail!("what is to be measured? `cargo xtask bench relay [--quick] [--write]`");
    }
    for (program, argument) in [("turnserver", "--version"), ("taskset", "--version")] {
        if output(program, [argument]).is_none() {
            bail!("{program} is missing: {PACKAGES}");
        }
    }
    setup::for_building()?;
    quietly(
        "building the release",
        command(
            "cargo",
            [
                "build",
                "--release",
                "--package",
                "offhook-server",
                "--package",
                "offhook-bench",
            ],
        ),
    )?;
    println!("Measuring; let nothing else run meanwhile");
    let mut measure = command(
        "target/release/offhook-bench",
        ["relay", "--offhook", "target/release/offhook"],
    );
    for option in options {
        match option.as_str() {
            "--write" => measure.args(["--document", DOCUMENT]),
            other => measure.arg(other),
        };
    }
    loudly(measure)
}
