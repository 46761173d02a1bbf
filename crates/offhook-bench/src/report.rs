//! What was found, as Markdown: tables, then each target with its ratio.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::statistics::Series;

/// Where the figures stand in a document.
const RELAY: &str = "<!-- figures: cargo xtask bench relay -->";
const END: &str = "<!-- end of figures -->";

/// Which of a series' numbers a target is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The medians of all turns.
    Median,
    /// The best turn of each.
    Best,
}

/// Tables and targets, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Report {
    tables: String,
    targets: String,
    missed: usize,
}

impl Report {
    /// Puts a table in and prints it, so that a person sees how far it is.
    pub fn table(&mut self, title: &str, columns: &[&str], rows: &[Vec<String>]) {
        let mut table = format!(
            "\n### {title}\n\n| {} |\n|{}\n",
            columns.join(" | "),
            "---|".repeat(columns.len())
        );
        for row in rows {
            let _ = writeln!(table, "| {} |", row.join(" | "));
        }
        println!("{table}");
        self.tables.push_str(&table);
    }

    /// Judges a quantity of ours against another's where less is better.
    pub fn at_most(&mut self, what: &str, limit: f64, ours: &Series, other: &Series, by: By) {
        let medians = ours.median() / other.median();
        let bests = ours.least() / other.least();
        let judged = match by {
            By::Median => medians,
            By::Best => bests,
        };
        self.judge(what, &format!("at most {limit}"), medians, bests, judged <= limit);
    }

    /// Judges a quantity of ours against another's where more is better.
    pub fn at_least(&mut self, what: &str, limit: f64, ours: &Series, other: &Series) {
        let medians = ours.median() / other.median();
        let bests = ours.most() / other.most();
        self.judge(what, &format!("at least {limit}"), medians, bests, medians >= limit);
    }

    fn judge(&mut self, what: &str, limit: &str, medians: f64, bests: f64, is_met: bool) {
        let verdict = if is_met { "met" } else { "**missed**" };
        self.missed += usize::from(!is_met);
        let _ = writeln!(
            self.targets,
            "| {what} | {limit} | {medians:.2} | {bests:.2} | {verdict} |"
        );
    }

    /// The targets and the machine.
    pub fn verdict(&self) -> String {
        let head = "| target | limit | ratio of medians | ratio of best turns | |\n|---|---|---|---|---|";
        format!("### Targets\n\n{head}\n{}\n{}", self.targets, machine())
    }

    /// All of it.
    fn markdown(&self) -> String {
        format!("\n{}\n{}", self.verdict(), self.tables)
    }

    /// How many targets were missed.
    pub fn missed(&self) -> usize {
        self.missed
    }

    /// Puts the figures of the relay into a document, between their two marks.
    pub fn write_into(&self, document: &Path) -> anyhow::Result<()> {
        replace(document, RELAY, &self.markdown())
    }

    /// Puts the figures of `cargo xtask bench` and this subject into a document, between their two marks.
    pub fn write_tables_into(&self, document: &Path, subject: &str) -> anyhow::Result<()> {
        let begin = format!("<!-- figures: cargo xtask bench {subject} -->");
        replace(document, &begin, &self.tables)
    }
}

fn replace(document: &Path, begin: &str, figures: &str) -> anyhow::Result<()> {
    let name = document.display();
    let text = fs::read_to_string(document).with_context(|| format!("reading {name}"))?;
    let (before, rest) = text
        .split_once(begin)
        .with_context(|| format!("{name} has no line {begin}"))?;
    let (_, after) = rest
        .split_once(END)
        .with_context(|| format!("{name} has no line {END}"))?;
    let text = format!("{before}{begin}\n{figures}\n{END}{after}");
    fs::write(document, text).with_context(|| format!("writing {name}"))
}

/// A series in a cell: median, best, worst.
pub fn cell(series: &Series, decimals: usize) -> String {
    format!(
        "{:.decimals$} ({:.decimals$} to {:.decimals$})",
        series.median(),
        series.least(),
        series.most()
    )
}

/// A part in a cell, in percent.
pub fn percent(series: &Series) -> String {
    format!("{:.2} %", series.median() * 100.0)
}

/// What the figures were taken on.
fn machine() -> String {
    let field = |file: &str, name: &str| -> Option<String> {
        let text = fs::read_to_string(file).ok()?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let unknown = || "unknown".to_owned();
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(unknown);
    let is_virtual = field("/proc/cpuinfo", "flags").is_some_and(|flags| flags.contains("hypervisor"));
    // Not what this process may use: it has put itself on one.
    let cores = fs::read_to_string("/proc/cpuinfo").map_or(0, |text| {
        text.lines().filter(|line| line.starts_with("processor")).count()
    });
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_else(unknown);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_else(|_| unknown());
    let coturn = Command::new("turnserver").arg("--version").output();
    let coturn = coturn.map_or_else(
        |_| unknown(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    );
    format!(
        "Machine: {processor}{}, {cores} cores, {memory} of memory, Linux {}, coturn {}; loopback, server and load on \
         one core each.",
        if is_virtual { " (virtual)" } else { "" },
        kernel.trim(),
        coturn.trim(),
    )
}
