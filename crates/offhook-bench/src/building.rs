//! How long it takes to build from nothing but the sources.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use crate::report::Report;

/// Builds a package of this workspace in each profile, in a new folder each.
pub fn run(package: &str, profiles: &[String]) -> anyhow::Result<Report> {
    let mut rows = Vec::new();
    for profile in profiles {
        let folder = tempfile::tempdir().context("making a folder")?;
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--locked", "--package", package, "--profile", profile]);
        cargo.arg("--target-dir").arg(folder.path());
        println!("Building {package} for {profile}");
        let begun = Instant::now();
        let built = cargo.stdin(Stdio::null()).output().context("running cargo")?;
        let took = begun.elapsed();
        let said = String::from_utf8_lossy(&built.stderr);
        ensure!(built.status.success(), "{package} was not built for {profile}:\n{said}");
        let crates = said
            .lines()
            .filter(|line| line.trim_start().starts_with("Compiling "))
            .count();
        rows.push(vec![
            format!("{package}, {profile}"),
            crates.to_string(),
            format!("{}:{:02}", took.as_secs() / 60, took.as_secs() % 60),
        ]);
    }
    let mut report = Report::default();
    report.table("Building from nothing", &["what", "crates", "minutes"], &rows);
    Ok(report)
}
