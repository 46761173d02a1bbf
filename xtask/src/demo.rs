//! `cargo xtask demo`: from a clean clone to two links that ring each other.

use std::time::Instant;

use anyhow::Context as _;

use crate::run::{built, command, loudly, seconds};
use crate::{npm, setup};

/// Builds everything, says how long that took, and runs `offhook demo` with `options` until it is stopped.
///
/// The build is a debug one: a first start takes less than half as long as with a release build, and one call needs
/// no speed.
pub fn run(options: &[String]) -> anyhow::Result<()> {
    let started = Instant::now();
    println!("Preparing (the first time takes a few minutes)");
    setup::for_building()?;
    npm::build_served()?;
    loudly(command("cargo", ["build", "--package", "offhook-server"]))?;
    println!("Built in {}\n", seconds(started.elapsed()));
    let mut demo = command(built("debug", "offhook")?, ["demo"]);
    demo.args(options);
    start(demo)
}

/// Becomes the server, so that signals reach it and not a parent.
#[cfg(unix)]
fn start(mut demo: std::process::Command) -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(demo.exec()).with_context(|| format!("starting {}", demo.get_program().display()))
}

#[cfg(not(unix))]
fn start(demo: std::process::Command) -> anyhow::Result<()> {
    loudly(demo)
}
