//! Proving that usage is what the calls say: every call that was connected has one record that agrees with it, every
//! record has its call, and the days are the sums of the records.
//!
//! It reads a page of calls or the records of a day at a time, each in a snapshot of its own, so it may run beside a
//! server: a call and its record, and a record and its days, are written together.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use offhook_core::call::Call;
use offhook_core::id::{AppKey, CallId, UserKey};
use offhook_core::time::Timestamp;
use offhook_core::usage::{Day, Usage};
use rusqlite::{Connection, OptionalExtension as _, Result, Row};

use super::{RelayedBytes, booked_relayed, recorded, relayed_bytes};
use crate::columns::{Columns, time};
use crate::{Store, StoreError};

/// How many calls are compared in one snapshot: some milliseconds.
const PAGE: u32 = 500;

/// What was compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReconciledUsage {
    /// Calls that have ended.
    pub calls: u64,
    /// Records of usage.
    pub records: u64,
    /// Records among them whose call was removed by retention: they are compared with the days only.
    pub records_without_call: u64,
    /// Days with records.
    pub days: u64,
    /// Differences that were found.
    pub differences: u64,
}

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageDifference {
    /// The application.
    pub app: AppKey,
    /// What it is about.
    pub subject: UsageSubject,
    /// What is wrong with it, in words.
    pub fault: String,
}

/// What a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageSubject {
    /// The record of a call.
    Call(CallId),
    /// The sum of a day, of the application or of one user.
    Day(Day, Option<UserKey>),
}

impl fmt::Display for UsageSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(call_id) => write!(f, "call {call_id}"),
            Self::Day(day, None) => write!(f, "{day}"),
            Self::Day(day, Some(user)) => write!(f, "{day} of the user with the key {user}"),
        }
    }
}

impl Store {
    /// Compares the usage of an application, or of all, with its calls; `report` is told of each difference.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn reconcile_usage(
        &self,
        app: Option<AppKey>,
        mut report: impl FnMut(UsageDifference),
    ) -> std::result::Result<ReconciledUsage, StoreError> {
        let mut reconciled = ReconciledUsage::default();
        let mut report = |differences: Vec<UsageDifference>, reconciled: &mut ReconciledUsage| {
            reconciled.differences += differences.len() as u64;
            differences.into_iter().for_each(&mut report);
        };
        let mut after = Some(0);
        while let Some(number) = after {
            let page = self
                .read(move |connection| compare_calls(connection, app, number))
                .await?;
            reconciled.calls += page.calls;
            report(page.differences, &mut reconciled);
            after = page.next;
        }
        let apps = match app {
            Some(app) => vec![app],
            None => self.read(applications).await?,
        };
        for app in apps {
            let Some((days, longest)) = self.read(move |connection| span(connection, app)).await? else {
                continue;
            };
            for day in days.0.through(days.1) {
                let compared = self
                    .read(move |connection| compare_day(connection, app, day, longest))
                    .await?;
                reconciled.records += compared.records;
                reconciled.records_without_call += compared.records_without_call;
                reconciled.days += u64::from(compared.records > 0);
                report(compared.differences, &mut reconciled);
            }
        }
        Ok(reconciled)
    }
}

struct ComparedCalls {
    calls: u64,
    differences: Vec<UsageDifference>,
    next: Option<i64>,
}

/// Compares a page of ended calls, in the order they were dialled, with their records.
fn compare_calls(connection: &Connection, app: Option<AppKey>, after: i64) -> Result<ComparedCalls> {
    let page = connection
        .prepare_cached("select call_number, body from call where call_number > ?1 order by call_number limit ?2")?
        .query_map((after, PAGE), |row| Ok((row.get("call_number")?, row.json("body")?)))?
        .collect::<Result<Vec<(i64, Call)>>>()?;
    let next = (page.len() == PAGE as usize)
        .then(|| page.last().map(|(number, _)| *number))
        .flatten();
    let mut compared = ComparedCalls {
        calls: 0,
        differences: Vec::new(),
        next,
    };
    for (number, call) in page {
        if !call.is_ended() || app.is_some_and(|app| app != call.app) {
            continue;
        }
        compared.calls += 1;
        for fault in faults_of_call(connection, number, &call)? {
            compared.differences.push(UsageDifference {
                app: call.app,
                subject: UsageSubject::Call(call.id),
                fault,
            });
        }
    }
    Ok(compared)
}

fn faults_of_call(connection: &Connection, number: i64, call: &Call) -> Result<Vec<String>> {
    let connected_at = call.ending().and_then(|ending| ending.connected_at);
    let found = connection
        .prepare_cached("select * from usage where app_key = ?1 and call_id = ?2")?
        .query_row((call.app.0, call.id.as_bytes()), |row| {
            let is_removed = row.time_or_none("call_removed_at")?.is_some();
            Ok((recorded(row)?, booked_relayed(row)?, is_removed))
        })
        .optional()?;
    let (found, connected_at, ended_at) = match (found, connected_at, call.ending()) {
        (Some(found), Some(connected_at), Some(ending)) => (found, connected_at, ending.at),
        (None, Some(_), _) => return Ok(vec!["was connected, and has no record of usage".to_owned()]),
        (Some(_), _, _) => return Ok(vec!["was never connected, and has a record of usage".to_owned()]),
        (None, None, _) => return Ok(Vec::new()),
    };
    let (usage, relayed, is_removed) = found;
    let mut faults = Vec::new();
    let mut differ = |what: &str, recorded: &dyn fmt::Display, expected: &dyn fmt::Display| {
        let (recorded, expected) = (recorded.to_string(), expected.to_string());
        if recorded != expected {
            faults.push(format!("{what} is recorded as {recorded}, and was {expected}"));
        }
    };
    differ("its caller", &usage.caller, &call.caller.user);
    differ("its callee", &usage.callee, &call.callee.user);
    differ("video", &usage.is_video, &call.is_video);
    let millis = |at: Timestamp| at.as_millis();
    differ(
        "the time it was connected",
        &millis(usage.connected_at),
        &millis(connected_at),
    );
    differ("the time it ended", &millis(usage.ended_at), &millis(ended_at));
    let carried = relayed_bytes(connection, number)?;
    differ("what was relayed for its caller", &relayed.caller, &carried.caller);
    differ("what was relayed for its callee", &relayed.callee, &carried.callee);
    let evidence = connection
        .prepare_cached("select detail from call_event where call_number = ?1 and happening = 'connected'")?
        .query_row([number], |row| row.get::<_, Option<String>>(0))
        .optional()?
        .flatten();
    if let Some(evidence) = evidence {
        differ(
            "what showed that it was connected",
            &super::evidence_word(usage.evidence),
            &evidence,
        );
    }
    if is_removed {
        faults.push("is marked as removed, and is there".to_owned());
    }
    Ok(faults)
}

fn applications(connection: &Connection) -> Result<Vec<AppKey>> {
    connection
        .prepare_cached("select app_key from application order by app_key")?
        .query_map([], |row| row.app_key("app_key"))?
        .collect()
}

/// The days on which there is anything, and how long the longest call was.
fn span(connection: &Connection, app: AppKey) -> Result<Option<((Day, Day), Duration)>> {
    connection
        .prepare_cached(
            "select min(first) as first, max(last) as last, max(longest) as longest from (
                select min(connected_at) / 86400000 as first, max(ended_at) / 86400000 as last,
                    coalesce(max(ended_at - connected_at), 0) as longest from usage where app_key = ?1
                union all select min(day), max(day), 0 from usage_day where app_key = ?1
                union all select min(day), max(day), 0 from usage_user_day where app_key = ?1)",
        )?
        .query_row([app.0], |row| {
            let (first, last): (Option<u32>, Option<u32>) = (row.get("first")?, row.get("last")?);
            let Some(days) = first.zip(last) else {
                return Ok(None);
            };
            let days = (Day::from_number(days.0), Day::from_number(days.1));
            let longest: i64 = row.get("longest")?;
            let longest = Duration::from_millis(u64::try_from(longest).unwrap_or(0));
            Ok(Some((days, longest)))
        })
}

#[derive(Default)]
struct ComparedDay {
    records: u64,
    records_without_call: u64,
    differences: Vec<UsageDifference>,
}

/// The columns of a day, in words and in order.
const COLUMNS: [&str; 6] = [
    "calls",
    "video calls",
    "milliseconds",
    "milliseconds added by seconds",
    "milliseconds added by minutes",
    "relayed bytes",
];
type Sums = BTreeMap<Option<UserKey>, [i64; COLUMNS.len()]>;

fn compare_day(connection: &Connection, app: AppKey, day: Day, longest: Duration) -> Result<ComparedDay> {
    let compared = compare_day_since(connection, app, day, day.start() - longest)?;
    if compared.differences.is_empty() {
        return Ok(compared);
    }
    // A call that is longer than all were may have ended meanwhile: what is told is what holds of all records.
    compare_day_since(connection, app, day, Timestamp::from_millis(0))
}

fn compare_day_since(connection: &Connection, app: AppKey, day: Day, since: Timestamp) -> Result<ComparedDay> {
    let mut compared = ComparedDay::default();
    let mut expected = Sums::new();
    let mut fault = |subject, fault: String| compared.differences.push(UsageDifference { app, subject, fault });
    let mut query = connection.prepare_cached(
        "select usage.*, call_number from usage indexed by usage_time left join call using (app_key, call_id)
         where usage.app_key = ?1 and connected_at >= ?2 and connected_at < ?3
            and (usage.ended_at > ?4 or connected_at >= ?4)",
    )?;
    let mut rows = query.query((app.0, time(since), time(day.end()), time(day.start())))?;
    while let Some(row) = rows.next()? {
        let usage = recorded(row)?;
        if Day::of(usage.connected_at) == day {
            compared.records += 1;
            if row.get::<_, Option<i64>>("call_number")?.is_none() {
                compared.records_without_call += 1;
                if row.time_or_none("call_removed_at")?.is_none() {
                    let words = "has a record of usage, and there is no such call".to_owned();
                    fault(UsageSubject::Call(usage.call_id), words);
                }
            }
        }
        add(&mut expected, &usage, booked_relayed(row)?, day);
    }
    let mut booked = booked(connection, app, day)?;
    for (user, expected) in expected {
        let found = booked.remove(&user).unwrap_or_default();
        for (column, (found, expected)) in COLUMNS.iter().zip(found.iter().zip(expected)) {
            if *found != expected {
                let words = format!("has {found} {column}, and its records have {expected}");
                fault(UsageSubject::Day(day, user), words);
            }
        }
    }
    for user in booked.into_keys() {
        fault(UsageSubject::Day(day, user), "has a sum, and no records".to_owned());
    }
    Ok(compared)
}

fn add(sums: &mut Sums, usage: &Usage, relayed: RelayedBytes, day: Day) {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    for portion in usage.portions().filter(|portion| portion.day == day) {
        let all = relayed.caller + relayed.callee;
        let sides = [
            (None, all),
            (Some(usage.caller), relayed.caller),
            (Some(usage.callee), relayed.callee),
        ];
        for (user, bytes) in sides {
            let more = [
                i64::from(portion.is_first),
                i64::from(portion.is_first && usage.is_video),
                count(portion.call_ms),
                count(portion.added_by_second_ms),
                count(portion.added_by_minute_ms),
                if portion.is_first { bytes } else { 0 },
            ];
            let sum = sums.entry(user).or_default();
            for (sum, more) in sum.iter_mut().zip(more) {
                *sum += more;
            }
        }
    }
}

fn booked(connection: &Connection, app: AppKey, day: Day) -> Result<Sums> {
    let columns = "calls, video_calls, call_ms, added_by_second_ms, added_by_minute_ms, relayed_bytes";
    let sum = |row: &Row<'_>| {
        let user = row.get::<_, Option<[u8; 16]>>("user_key")?.map(UserKey::from_bytes);
        let mut sum = [0; COLUMNS.len()];
        for (index, number) in sum.iter_mut().enumerate() {
            *number = row.get(index + 1)?;
        }
        Ok((user, sum))
    };
    connection
        .prepare_cached(&format!(
            "select null as user_key, {columns} from usage_day where app_key = ?1 and day = ?2
             union all select user_key, {columns} from usage_user_day where app_key = ?1 and day = ?2"
        ))?
        .query_map((app.0, day.number()), sum)?
        .collect()
}
