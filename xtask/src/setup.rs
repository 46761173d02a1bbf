//! What the machine must have: looked for, installed where that is allowed, named where it is not.

use std::path::Path;
use std::process::Command;

use anyhow::{bail, ensure};

use crate::run::{command, output, quietly};
use crate::{npm, python};

/// Debian's packages for building: a C compiler for SQLite and aws-lc.
const BUILD_PACKAGES: [&str; 1] = ["build-essential"];
/// Debian's packages for the tests: two browsers with fonts to draw with, the tracer that shows
/// a sync to disk, the packet filter that cuts the way of a call, what makes networks and
/// certificates of a test's own, the counter of instructions, a loudspeaker that Firefox can mix
/// for, coturn's clients, which must be able to use our relay, Python's folders of
/// packages, for schemathesis, and encoders and decoders of what Rust programs send and get.
const TEST_PACKAGES: [&str; 13] = [
    "chromium",
    "firefox-esr",
    "strace",
    "nftables",
    "iproute2",
    "openssl",
    "coturn",
    "valgrind",
    "pulseaudio",
    "python3-venv",
    "opus-tools",
    "vpx-tools",
    "fonts-dejavu-core",
];
/// Where Node cannot be found, Debian's; it is new enough from Debian 13 on.
const NODE_PACKAGES: [&str; 2] = ["nodejs", "npm"];
/// Vite and the test runner need it.
const OLDEST_NODE: u32 = 20;

/// Sees to what `demo` needs: compiler, Node, npm packages of what the server carries.
pub fn for_building() -> anyhow::Result<()> {
    packages(&BUILD_PACKAGES)?;
    node()?;
    npm::SERVED.iter().try_for_each(|folder| npm::install(folder))
}

/// Sees to what `web` needs: all of [`for_building`], and the packages that developers install.
pub fn for_web() -> anyhow::Result<()> {
    for_building()?;
    npm::INSTALLED.iter().try_for_each(|folder| npm::install(folder))
}

/// Sees to what `test` needs: all of [`for_web`], the browsers, and what drives them.
pub fn for_tests() -> anyhow::Result<()> {
    let all: Vec<&str> = BUILD_PACKAGES.iter().chain(&TEST_PACKAGES).copied().collect();
    packages(&all)?;
    for_web()?;
    npm::install("e2e")?;
    python::install()
}

/// Whether nextest is here; `cargo test` does its work, more slowly, where it is not.
pub fn has_nextest() -> bool {
    output("cargo", ["nextest", "--version"]).is_some()
}

fn packages(wanted: &[&str]) -> anyhow::Result<()> {
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    ensure!(
        is_debian(),
        "these Debian packages, or what your system calls them, are missing: {names}. Install them and come back."
    );
    ensure!(
        is_root(),
        "these packages are missing. Install them and come back:\n\n    sudo apt-get update && sudo apt-get install -y {names}"
    );
    quietly("apt-get update", apt(&["update"]))?;
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(missing);
    quietly(&format!("apt-get install {names}"), apt(&arguments))
}

fn apt(arguments: &[&str]) -> Command {
    let mut command = command("apt-get", []);
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Whether Debian's package, or where there is no dpkg the program that is wanted of it, is here.
fn is_installed(package: &str) -> bool {
    if is_debian() {
        return output("dpkg-query", ["-W", "-f=${Status}", package])
            .is_some_and(|status| status.ends_with(" installed"));
    }
    match package {
        "build-essential" => output("cc", ["--version"]).is_some(),
        "coturn" => output("sh", ["-c", "command -v turnutils_uclient"]).is_some(),
        "python3-venv" => output("python3", ["-c", "import ensurepip"]).is_some(),
        "iproute2" => output("ip", ["-V"]).is_some(),
        "fonts-dejavu-core" => true,
        program => output(program, ["--version"]).is_some(),
    }
}

fn node() -> anyhow::Result<()> {
    if output("node", ["--version"]).is_none() && is_debian() && is_root() {
        packages(&NODE_PACKAGES)?;
    }
    let Some(version) = output("node", ["--version"]) else {
        bail!("Node.js {OLDEST_NODE} or newer is missing: install it and come back");
    };
    let major = major(&version);
    ensure!(
        major.is_some_and(|major| major >= OLDEST_NODE),
        "Node.js is {version}, but {OLDEST_NODE} or newer is needed: install it and come back"
    );
    ensure!(
        output("npm", ["--version"]).is_some(),
        "npm is missing: install it and come back"
    );
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

fn is_debian() -> bool {
    Path::new("/var/lib/dpkg/status").exists()
}

fn is_root() -> bool {
    output("id", ["-u"]).is_some_and(|id| id == "0")
}

#[cfg(test)]
mod tests;
