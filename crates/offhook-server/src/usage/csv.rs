//! CSV (RFC 4180) that spreadsheets open without running what is in it.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, a tab or a line's end would be taken for a formula: whoever picks a user
//! id would have it computed on an accountant's machine. Such a cell gets an apostrophe in front, as OWASP advises.

use offhook_proto::platform::{UsageGrouping, UsageReport, UsageRow};

/// What text would begin a formula.
const BEGINS_FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// What stands between two records.
const LINE_END: &str = "\r\n";

/// A cell: text of others, or a number of ours.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// Text that anybody may have written.
    Text(&'a str),
    /// A number.
    Number(u64),
}

/// Writes a record.
pub fn record(out: &mut String, cells: &[Cell<'_>]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        match cell {
            Cell::Text(text) => write_text(out, text),
            Cell::Number(number) => out.push_str(&number.to_string()),
        }
    }
    out.push_str(LINE_END);
}

fn write_text(out: &mut String, text: &str) {
    let is_formula = text.starts_with(BEGINS_FORMULA) || text.starts_with('\n');
    let is_quoted = is_formula || text.contains([',', '"', '\r', '\n']) || text.trim() != text;
    if !is_quoted {
        out.push_str(text);
        return;
    }
    out.push('"');
    if is_formula {
        out.push('\'');
    }
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

/// A report as CSV, its names in the first record. The total is no record of its own, so that columns can be added up.
pub fn report(report: &UsageReport) -> String {
    let mut out = String::new();
    head(&mut out, None, report.group_by);
    rows(&mut out, None, report);
    out
}

/// Writes the names of the columns, with one for the application where there may be several.
pub fn head(out: &mut String, application: Option<&str>, group_by: UsageGrouping) {
    let key = match group_by {
        UsageGrouping::Day => Some("day"),
        UsageGrouping::User => Some("user_id"),
        UsageGrouping::Total => None,
    };
    let numbers = ["calls", "video_calls", "call_ms", "participant_ms", "relayed_bytes"];
    let cells: Vec<_> = application
        .into_iter()
        .chain(key)
        .chain(numbers)
        .map(Cell::Text)
        .collect();
    record(out, &cells);
}

/// Writes the rows of a report.
pub fn rows(out: &mut String, application: Option<&str>, report: &UsageReport) {
    for row in &report.rows {
        let UsageRow {
            key,
            calls,
            video_calls,
            call_ms,
            participant_ms,
            relayed_bytes,
        } = row;
        let numbers = [*calls, *video_calls, *call_ms, *participant_ms, *relayed_bytes];
        let texts = application.into_iter().chain(key.as_deref()).map(Cell::Text);
        let cells: Vec<_> = texts.chain(numbers.map(Cell::Number)).collect();
        record(out, &cells);
    }
}

#[cfg(test)]
mod tests;
