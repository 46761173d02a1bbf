//! `cargo xtask test`: every check there is, in the order in which a mistake shows soonest.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::npm::npm;
use crate::run::{command, loudly, quietly, seconds};
use crate::{bench, generate, npm, python, setup, tidy};

/// Runs all of it; stops at the first step that fails.
pub fn run() -> anyhow::Result<()> {
    let mut suite = Suite::default();
    suite.step("set-up", setup::for_tests)?;
    suite.step("format", || loudly(command("cargo", ["fmt", "--all", "--check"])))?;
    suite.step("tidy", tidy::run)?;
    // The server carries the page and the SDK, so they come before its tests.
    suite.step("generated types", generate::check)?;
    suite.step("web: types", || {
        quietly("tsc in web/sdk", npm("web/sdk", &["run", "typecheck"]))
    })?;
    suite.step("web: tests", || loudly(npm("web/sdk", &["test"])))?;
    suite.step("web: build", npm::build_all)?;
    suite.step("web: size", || loudly(npm("web/sdk", &["run", "size"])))?;
    for folder in npm::SERVED
        .iter()
        .chain(&npm::INSTALLED)
        .filter(|folder| **folder != "web/sdk")
    {
        suite.step(folder, || {
            quietly(&format!("tsc in {folder}"), npm(folder, &["run", "typecheck"]))?;
            loudly(npm(folder, &["test"]))
        })?;
    }
    suite.step("clippy", || {
        loudly(command(
            "cargo",
            ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
        ))
    })?;
    suite.step("client without media", || {
        let client = [
            "clippy",
            "--package",
            "offhook-client",
            "--no-default-features",
            "--all-targets",
        ];
        let mut clippy = command("cargo", client);
        clippy.args(["--", "-D", "warnings"]);
        loudly(clippy)
    })?;
    suite.step("rust tests", rust_tests)?;
    suite.step("platform api", platform_api)?;
    suite.step("rust doc tests", || {
        loudly(command("cargo", ["test", "--workspace", "--doc"]))
    })?;
    suite.step("rust docs", || {
        let mut doc = command("cargo", ["doc", "--workspace", "--no-deps"]);
        // A module's front page leads its developers to its private parts; and the command line's help is made of doc
        // comments, whose readers want no brackets around a URL.
        let flags = "-D warnings -A rustdoc::private_intra_doc_links -A rustdoc::bare_urls";
        doc.env("RUSTDOCFLAGS", flags);
        loudly(doc)
    })?;
    suite.step("server and proxy", build_binaries)?;
    suite.step("load lab", bench::smoke)?;
    suite.step("browsers", || loudly(npm("e2e", &["test"])))?;
    suite.print();
    Ok(())
}

/// Builds what browser tests and the measurement of set-up run: the server, the slow way to it, and the Rust SDK's examples.
pub fn build_binaries() -> anyhow::Result<()> {
    let mut cargo = command("cargo", ["build", "--bins", "--examples"]);
    for package in ["offhook-server", "offhook-sim", "offhook-client"] {
        cargo.args(["--package", package]);
    }
    loudly(cargo)
}

fn rust_tests() -> anyhow::Result<()> {
    if setup::has_nextest() {
        return loudly(command("cargo", ["nextest", "run", "--workspace"]));
    }
    println!("    cargo-nextest is not installed; cargo test does its work, more slowly");
    loudly(command("cargo", ["test", "--workspace", "--lib", "--bins", "--tests"]))
}

/// Schemathesis against the server's own document: the tests that wait for it.
fn platform_api() -> anyhow::Result<()> {
    let arguments = [
        "test",
        "--package",
        "offhook-server",
        "--test",
        "main",
        "--",
        "--ignored",
        "schemathesis",
    ];
    let mut cargo = command("cargo", arguments);
    cargo.env("OFFHOOK_SCHEMATHESIS", python::program("schemathesis"));
    quietly("schemathesis", cargo)
}

/// The steps so far and how long each took.
#[derive(Default)]
struct Suite {
    steps: Vec<(&'static str, Duration)>,
}

impl Suite {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        println!("\n== {name}");
        let started = Instant::now();
        let outcome = work();
        self.steps.push((name, started.elapsed()));
        if outcome.is_err() {
            self.print();
        }
        outcome.with_context(|| format!("the step \"{name}\" failed"))
    }

    fn print(&self) {
        println!("\n{}", table(&self.steps));
    }
}

fn table(steps: &[(&str, Duration)]) -> String {
    let total = steps.iter().map(|(_, took)| *took).sum();
    steps
        .iter()
        .map(|(name, took)| (*name, *took))
        .chain([("total", total)])
        .map(|(name, took)| format!("{name:<18}{:>10}", seconds(took)))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests;
