//! `offhook usage …`.

mod export;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use offhook_core::id::AppId;
use offhook_core::usage::Day;
use offhook_proto::platform::{UsageGrouping, UsageReport, UsageRounding};
use offhook_store::{Application, Store};
use serde_json::json;

use super::app::find;
use super::{Out, open_present};
use crate::clock::Clock;
use crate::config::Config;
use crate::usage::{self, WantedReport, csv};

/// How many users are read at once.
const PAGE: u32 = 1_000;

/// What can be done with usage.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say how many minutes calls came to: by day, by user, or in all. Calls count once they have ended.
    Report {
        #[command(flatten)]
        span: Span,
        /// What a row stands for.
        #[arg(long, value_enum, default_value = "day")]
        group_by: Grouping,
        /// Up to what the time of each call is rounded.
        #[arg(long, value_enum, default_value = "none")]
        rounding: Rounding,
        /// Print JSON, a report of an application a line; of many users, several.
        #[arg(long, conflicts_with = "csv")]
        json: bool,
        /// Print CSV.
        #[arg(long)]
        csv: bool,
    },
    /// Print the record of every call that was connected in a time, as CSV. Calls may go on meanwhile.
    Export {
        #[command(flatten)]
        span: Span,
        /// Print JSON, an object a line.
        #[arg(long)]
        json: bool,
    },
    /// Prove that usage is what the calls say: lists every difference, and fails if there is one.
    Reconcile {
        /// The application; all of them, if left out.
        #[arg(long, value_name = "ID")]
        app: Option<AppId>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Of whom, and of when.
#[derive(Debug, Args)]
pub struct Span {
    /// The application; all of them, if left out.
    #[arg(long, value_name = "ID")]
    app: Option<AppId>,
    /// The first day, in UTC, such as 2026-11-01. The first of this month, if left out.
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// The last day, which is part of it. Today, if left out.
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Grouping {
    /// A day of UTC.
    Day,
    /// A user, those with the longest time first.
    User,
    /// All of it.
    Total,
}

/// Up to what the time of each call is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rounding {
    /// To nothing: it is as it was.
    None,
    /// To the next second.
    Second,
    /// To the next minute.
    Minute,
}

/// Runs a command.
pub async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let (store, _) = open_present(config)?;
    let done = match command {
        Command::Report {
            span,
            group_by,
            rounding,
            json,
            csv,
        } => report(&store, &span, group_by, rounding, Form::of(json, csv)).await,
        Command::Export { span, json } => export::run(&store, &span, json).await,
        Command::Reconcile { app, json } => reconcile(&store, app, json).await,
    };
    store.close().await;
    done
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Words,
    Json,
    Csv,
}

impl Form {
    const fn of(json: bool, csv: bool) -> Self {
        match (json, csv) {
            (true, _) => Self::Json,
            (false, true) => Self::Csv,
            (false, false) => Self::Words,
        }
    }
}

impl Span {
    /// The first and the last day.
    fn days(&self) -> anyhow::Result<(Day, Day)> {
        let today = Day::of(Clock::start().now());
        let last = self.to.unwrap_or(today);
        let first = self.from.unwrap_or_else(|| last.first_of_month());
        if last < first {
            bail!("the last day, {last}, is before the first, {first}");
        }
        Ok((first, last))
    }

    async fn applications(&self, store: &Store) -> anyhow::Result<Vec<Application>> {
        match &self.app {
            Some(app_id) => Ok(vec![find(store, app_id).await?]),
            None => store.list_applications().await.context("reading the applications"),
        }
    }
}

async fn report(store: &Store, span: &Span, group_by: Grouping, rounding: Rounding, form: Form) -> anyhow::Result<()> {
    let (first, last) = span.days()?;
    usage::check_days(first, last).context("the report cannot be made")?;
    let mut text = String::new();
    if form == Form::Csv {
        csv::head(&mut text, Some("app_id"), group_by.into());
    }
    for application in span.applications(store).await? {
        let mut after = None;
        loop {
            let wanted = WantedReport {
                app: application.key,
                first,
                last,
                group_by: group_by.into(),
                rounding: rounding.into(),
                after,
                limit: PAGE,
            };
            let page = usage::report(store, wanted).await.context("reading the usage")?;
            match form {
                Form::Csv => csv::rows(&mut text, Some(application.id.as_str()), &page),
                Form::Json => text.push_str(&format!("{}\n", json!({"app_id": application.id, "report": page}))),
                Form::Words => in_words(&mut text, &application, (first, last), &page),
            }
            write!(Out, "{text}")?;
            text.clear();
            if !page.has_next {
                break;
            }
            after = Some(page.next.parse().context("reading on")?);
        }
    }
    Ok(write!(Out, "{text}")?)
}

fn in_words(text: &mut String, application: &Application, (first, last): (Day, Day), report: &UsageReport) {
    let total = &report.total;
    text.push_str(&format!(
        "{} ({}), {first} to {last}: {} calls, {} of them with video, {}\n",
        application.name,
        application.id,
        total.calls,
        total.video_calls,
        minutes(total.call_ms)
    ));
    for row in report.rows.iter().filter(|row| row.key.is_some() && row.call_ms > 0) {
        let key = row.key.as_deref().filter(|key| !key.is_empty());
        text.push_str(&format!(
            "  {:<24}  {:>8} calls  {:>16}  {:>16} bytes relayed\n",
            key.unwrap_or("users who were deleted"),
            row.calls,
            minutes(row.call_ms),
            row.relayed_bytes
        ));
    }
}

fn minutes(ms: u64) -> String {
    format!("{}:{:02} minutes", ms / 60_000, ms / 1_000 % 60)
}

async fn reconcile(store: &Store, app: Option<AppId>, json: bool) -> anyhow::Result<()> {
    let applications = store.list_applications().await.context("reading the applications")?;
    let app = match app {
        Some(app_id) => Some(find(store, &app_id).await?.key),
        None => None,
    };
    // It counts them all, though nobody may read on.
    let mut told = Ok(());
    let tell = |difference: offhook_store::UsageDifference| {
        if told.is_err() {
            return;
        }
        let found = applications
            .iter()
            .find(|application| application.key == difference.app);
        let app_id = found.map_or_else(String::new, |application| application.id.to_string());
        let (subject, fault) = (difference.subject.to_string(), difference.fault);
        let line = if json {
            json!({"app_id": app_id, "subject": subject, "fault": fault}).to_string()
        } else {
            format!("{app_id}: {subject} {fault}")
        };
        told = writeln!(Out, "{line}");
    };
    let found = store
        .reconcile_usage(app, tell)
        .await
        .context("comparing usage with the calls")?;
    told?;
    if json {
        writeln!(
            Out,
            "{}",
            json!({
                "calls": found.calls, "records": found.records, "records_without_call": found.records_without_call,
                "days": found.days, "differences": found.differences,
            })
        )?;
    } else {
        writeln!(
            Out,
            "Compared {} calls with {} records of usage on {} days; of {} the call is removed by now.",
            found.calls, found.records, found.days, found.records_without_call
        )?;
    }
    if found.differences > 0 {
        bail!("usage is not what the calls say: {} differences", found.differences);
    }
    Ok(())
}

impl From<Grouping> for UsageGrouping {
    fn from(grouping: Grouping) -> Self {
        match grouping {
            Grouping::Day => Self::Day,
            Grouping::User => Self::User,
            Grouping::Total => Self::Total,
        }
    }
}

impl From<Rounding> for UsageRounding {
    fn from(rounding: Rounding) -> Self {
        match rounding {
            Rounding::None => Self::None,
            Rounding::Second => Self::Second,
            Rounding::Minute => Self::Minute,
        }
    }
}
