//! `offhook usage export`: every record, a page at a time, so that a server beside it is not held up.

use anyhow::Context as _;
use offhook_core::id::AppId;
use offhook_core::time::millis;
use offhook_store::{Store, UsageExport};
use serde_json::json;

use super::Span;
use crate::cli::Out;
use crate::usage::csv::{self, Cell};

/// How many records are read at once: some milliseconds.
const PAGE: u32 = 1_000;
/// The names of the columns.
const COLUMNS: [&str; 11] = [
    "app_id",
    "call_id",
    "caller_user_id",
    "callee_user_id",
    "is_video_call",
    "connected_at",
    "ended_at",
    "call_ms",
    "evidence",
    "caller_relayed_bytes",
    "callee_relayed_bytes",
];

/// Prints them.
pub(super) async fn run(store: &Store, span: &Span, json: bool) -> anyhow::Result<()> {
    let (first, last) = span.days()?;
    let mut text = String::new();
    if !json {
        csv::record(&mut text, &COLUMNS.map(Cell::Text));
    }
    for application in span.applications(store).await? {
        let mut after = None;
        loop {
            let time = (first.start(), last.end());
            let page = store.export_usage(application.key, time, after, PAGE).await;
            let page = page.context("reading the records")?;
            for record in &page {
                if json {
                    text.push_str(&format!("{}\n", as_json(&application.id, record)));
                } else {
                    as_csv(&mut text, &application.id, record);
                }
            }
            write!(Out, "{text}")?;
            text.clear();
            let Some(last) = page.last() else { break };
            after = Some(last.cursor());
        }
    }
    Ok(write!(Out, "{text}")?)
}

fn as_json(app_id: &AppId, record: &UsageExport) -> serde_json::Value {
    let usage = &record.usage;
    json!({
        "app_id": app_id,
        "call_id": usage.call_id,
        "caller_user_id": record.caller_user_id,
        "callee_user_id": record.callee_user_id,
        "is_video_call": usage.is_video,
        "connected_at": usage.connected_at,
        "ended_at": usage.ended_at,
        "call_ms": millis(usage.call_duration()),
        "evidence": usage.evidence,
        "caller_relayed_bytes": record.caller_relayed_bytes,
        "callee_relayed_bytes": record.callee_relayed_bytes,
    })
}

fn as_csv(text: &mut String, app_id: &AppId, record: &UsageExport) {
    let usage = &record.usage;
    let call_id = usage.call_id.to_string();
    let evidence = serde_json::to_value(usage.evidence).unwrap_or_default();
    csv::record(
        text,
        &[
            Cell::Text(app_id.as_str()),
            Cell::Text(&call_id),
            Cell::Text(record.caller_user_id.as_deref().unwrap_or_default()),
            Cell::Text(record.callee_user_id.as_deref().unwrap_or_default()),
            Cell::Text(if usage.is_video { "true" } else { "false" }),
            Cell::Number(usage.connected_at.as_millis()),
            Cell::Number(usage.ended_at.as_millis()),
            Cell::Number(millis(usage.call_duration())),
            Cell::Text(evidence.as_str().unwrap_or_default()),
            Cell::Number(record.caller_relayed_bytes),
            Cell::Number(record.callee_relayed_bytes),
        ],
    );
}
