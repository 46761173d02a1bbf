//! `offhook doctor`.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, stdout};

use anyhow::bail;
use serde_json::json;

use super::Out;
use crate::config::{Config, Overrides};
use crate::doctor::{self, Finding, Report, Verdict};

/// What `doctor` takes beside the configuration.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Checks, prints, and fails if a check failed.
pub async fn run(overrides: &Overrides, options: Options) -> anyhow::Result<()> {
    let report = match Config::load(overrides) {
        Ok(config) => doctor::examine(&config).await,
        Err(error) => Report::of_no_configuration(error.to_string()),
    };
    if options.json {
        writeln!(Out, "{}", as_json(&report))?;
    } else {
        write!(Out, "{}", as_text(&report, Paint::of_this_terminal()))?;
    }
    match report.count(Verdict::Failed) {
        0 => Ok(()),
        failed => bail!("{failed} of {} checks failed", report.findings.len()),
    }
}

fn as_json(report: &Report) -> serde_json::Value {
    json!({
        "server": report.server,
        "checks": report.findings,
        "failed": report.count(Verdict::Failed),
        "warnings": report.count(Verdict::Warning),
        "page": report.page,
    })
}

/// A line a check, the way out below it.
fn as_text(report: &Report, paint: Paint) -> String {
    let width = report
        .findings
        .iter()
        .map(|finding| finding.check.len())
        .max()
        .unwrap_or(0);
    let mut text = format!("{}\n\n", report.server);
    for Finding {
        check,
        verdict,
        says,
        way_out,
    } in &report.findings
    {
        let word = paint.verdict(*verdict);
        // Writing to a String does not fail.
        _ = writeln!(text, "{word}  {check:<width$}  {says}");
        if let Some(way_out) = way_out {
            _ = writeln!(text, "{:width$}→ {way_out}", "", width = width + 12);
        }
    }
    let (warnings, failed) = (report.count(Verdict::Warning), report.count(Verdict::Failed));
    if (warnings, failed) == (0, 0) {
        text.push_str("\nAll is well.\n");
    }
    if let Some(page) = &report.page {
        _ = writeln!(
            text,
            "\nTo test the way of calls from a browser, open within 15 minutes, on any machine that reaches this address:\n  {page}"
        );
    }
    text
}

/// Colours, where there is somebody to see them.
#[derive(Debug, Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn of_this_terminal() -> Self {
        let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self(!is_plain && stdout().is_terminal())
    }

    /// The word of a verdict, eight letters wide.
    fn verdict(self, verdict: Verdict) -> String {
        let word = verdict.as_str();
        if !self.0 {
            return format!("{word:<8}");
        }
        let colour = match verdict {
            Verdict::Ok => 32,
            Verdict::Warning => 33,
            Verdict::Failed => 31,
        };
        format!("\x1b[{colour}m{word:<8}\x1b[0m")
    }
}

#[cfg(test)]
mod tests;
