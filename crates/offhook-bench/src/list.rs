//! How long lists of calls take where there are a million.
//!
//! The store is generated, with calls of two years between two thousand users, one of whom has a part in every tenth. Then
//! the server runs on it as it always does, and is asked over HTTP, one request after another.

mod ask;
mod generate;

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;

use crate::report::Report;
use crate::server::{Application, Server};
use crate::statistics::percentile;
use ask::Connection;
pub use generate::fill;
use generate::{END, START};

/// What a page may take, 99 times of 100.
const LIMIT_MS: f64 = 20.0;

/// Generates `calls` calls, asks for each list `requests` times, and puts what it took into a report. Says how many lists
/// took too long.
pub fn run(offhook: &Path, calls: u32, requests: u32) -> anyhow::Result<(Report, usize)> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let application = Application::create(offhook, folder.path())?;
    println!("Generating {calls} calls");
    let begun = Instant::now();
    fill(&folder.path().join("offhook.db"), calls)?;
    println!("It took {} s", begun.elapsed().as_secs());
    let server = Server::start(offhook, folder.path(), &[])?;
    let mut connection = Connection::open(server.address, &application.api_token)?;
    let mut rows = Vec::new();
    let mut missed = 0;
    for (name, query) in lists() {
        let mut took = Vec::new();
        let mut length = 0;
        for number in 0..requests {
            // Far pages as often as near ones.
            let mut path = query(number, requests);
            for _ in 0..number % 3 {
                match connection.get(&path)?.next {
                    Some(next) => path = format!("{}&next={next}", query(number, requests)),
                    None => break,
                }
            }
            let begun = Instant::now();
            let page = connection.get(&path)?;
            took.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
            length += page.calls;
        }
        let [median, p99] = [0.5, 0.99].map(|part| percentile(&mut took, part) / 1000.0);
        missed += usize::from(p99 > LIMIT_MS);
        rows.push(vec![
            name.to_owned(),
            format!("{median:.2} ms"),
            format!("{p99:.2} ms"),
            format!("{:.1}", length as f64 / f64::from(requests)),
        ]);
    }
    let mut report = Report::default();
    report.table(
        &format!("GET /v1/direct_calls with {calls} calls"),
        &["filter", "median", "p99", "calls a page"],
        &rows,
    );
    Ok((report, missed))
}

type Query = Box<dyn Fn(u32, u32) -> String>;

/// Each list with what it asks in its so-and-so-many-th request of all.
fn lists() -> Vec<(&'static str, Query)> {
    let fixed = |query: &'static str| -> Query { Box::new(move |_, _| format!("/v1/direct_calls?{query}")) };
    let at = |number: u32, requests: u32| START + (END - START) / u64::from(requests) * u64::from(number);
    let user = |number: u32| format!("user-{:04}", (number * 7) % generate::USERS);
    let of_user = move |query: &'static str| -> Query {
        Box::new(move |number, _| format!("/v1/direct_calls?user_id={}&{query}", user(number)))
    };
    let of_busy = |query: &'static str| -> Query {
        Box::new(move |_, _| format!("/v1/direct_calls?user_id={}&{query}", generate::BUSY))
    };
    vec![
        ("state=live", fixed("state=live")),
        ("none", fixed("")),
        ("none, 100 a page", fixed("limit=100")),
        ("end_result, a common one", fixed("end_result=completed")),
        ("end_result, a rare one", fixed("end_result=timed_out")),
        (
            "end_result, all",
            fixed("end_result=completed,no_answer,canceled,declined,timed_out,connection_lost,not_connected"),
        ),
        (
            "start_ts",
            Box::new(move |number, requests| format!("/v1/direct_calls?start_ts={}", at(number, requests))),
        ),
        (
            "end_ts",
            Box::new(move |number, requests| format!("/v1/direct_calls?end_ts={}", at(number, requests))),
        ),
        (
            "call_ts with an hour",
            Box::new(move |number, requests| {
                let second = at(number, requests) / 1000;
                format!("/v1/direct_calls?call_ts={second}&search_scope_from_call_ts=3600")
            }),
        ),
        ("duration_range_min, common", fixed("duration_range_min=60000")),
        ("duration_range_min, of none", fixed("duration_range_min=90000000")),
        ("call_type=video", fixed("call_type=video")),
        ("state=ended", fixed("state=ended")),
        ("user_id", of_user("")),
        ("user_id and role", of_user("role=dc_callee")),
        ("user_id and end_result", of_user("end_result=declined")),
        ("user_id and call_type", of_user("call_type=video")),
        ("user_id and state=live", of_user("state=live")),
        ("user_id and duration", of_user("duration_range_min=600000")),
        (
            "user_id and start_ts",
            Box::new(move |number, requests| {
                format!(
                    "/v1/direct_calls?user_id={}&start_ts={}",
                    user(number),
                    at(number, requests)
                )
            }),
        ),
        ("busy user", of_busy("")),
        ("busy user and a rare end_result", of_busy("end_result=timed_out")),
        (
            "busy user and a duration of none",
            of_busy("duration_range_min=90000000"),
        ),
        (
            "all at once",
            Box::new(move |number, requests| {
                format!(
                    "/v1/direct_calls?user_id={}&role=dc_caller&end_result=completed&call_type=video&start_ts={}\
                     &end_ts={END}&duration_range_min=1000&duration_range_max=90000000&state=ended",
                    generate::BUSY,
                    at(number, requests)
                )
            }),
        ),
    ]
}
