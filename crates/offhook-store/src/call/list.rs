//! Lists of an application's calls, ended ones and live ones, the latest dialled first.
//!
//! ```text
//!  filter ──▶ sources: parts of an index, each in the order of the list       ──▶ keys ──▶ bodies
//!             all │ one end result │ live │ a user's live │ a user's ended
//! ```
//!
//! A filter that an index answers is a source; what is left of it is tested on the way, on columns of the same index. Of
//! what is tested a page reads at most [`SCANNED`] entries: then it is short, or empty, and says where to go on. So no
//! combination of filters costs more than another, however rare what it looks for is.

use std::time::Duration;

use offhook_core::call::{Call, EndResult, Role};
use offhook_core::id::{AppKey, UserKey};
use offhook_core::time::{Timestamp, millis};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Result, params_from_iter};

use super::log::LogCursor;
use crate::columns::{Columns, time};
use crate::{Store, StoreError};

/// How many entries of indexes a page reads at most to find what its filters leave.
pub(super) const SCANNED: i64 = 10_000;

/// Which calls a list holds. Every filter that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Only calls of this user, and of those only the ones on that side.
    pub party: Option<(UserKey, Option<Role>)>,
    /// Only live ones, or only ended ones.
    pub state: Option<ListedState>,
    /// Only calls that ended in one of these ways.
    pub end_results: Option<Vec<EndResult>>,
    /// Only calls dialled at this time or later.
    pub started_from: Option<Timestamp>,
    /// Only calls dialled at this time or earlier.
    pub started_to: Option<Timestamp>,
    /// Only calls that had ended by then.
    pub ended_to: Option<Timestamp>,
    /// Only ended calls that took so long.
    pub duration: DurationRange,
    /// Only calls dialled as video calls, or only others.
    pub is_video: Option<bool>,
}

/// Whether a call has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedState {
    /// Not yet.
    Live,
    /// It has.
    Ended,
}

/// How long calls took from accept to end, both bounds included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DurationRange {
    /// At least.
    pub min: Option<Duration>,
    /// At most.
    pub max: Option<Duration>,
}

/// A call in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCall {
    /// The call.
    pub call: Call,
    /// The side of the user whom the list is about, if it is about one.
    pub role: Option<Role>,
}

/// A page of a list, the latest dialled first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallPage {
    /// The calls: fewer than asked for where what the filters leave is rare.
    pub calls: Vec<ListedCall>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<LogCursor>,
}

impl Store {
    /// Lists calls, at most `limit` before `before`. Calls that are dialled or end meanwhile neither repeat nor hide others.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn list_calls(
        &self,
        app: AppKey,
        filter: CallFilter,
        before: Option<LogCursor>,
        limit: u32,
    ) -> Result<CallPage, StoreError> {
        self.read(move |connection| page(connection, app, &filter, before, limit, SCANNED))
            .await
    }
}

/// A place in the order of lists: when the call was dialled, and its number.
type Place = (i64, i64);

/// The part of the order that is looked at: from the first place, which is part of it, to the second, which is not.
#[derive(Debug, Clone, Copy)]
struct Window {
    from: Place,
    before: Place,
}

fn page(
    connection: &Connection,
    app: AppKey,
    filter: &CallFilter,
    before: Option<LogCursor>,
    limit: u32,
    scanned: i64,
) -> Result<CallPage> {
    let sources = sources(app, filter);
    let mut window = window(filter, before);
    let share = scanned / i64::try_from(sources.len().max(1)).unwrap_or(1);
    let mut is_cut = false;
    for source in sources.iter().filter(|source| source.is_tested()) {
        if let Some((started_at, call_number)) = source.place_after(connection, window, share)? {
            // That place is the first that this page does not look at.
            window.from = (started_at, call_number.saturating_add(1));
            is_cut = true;
        }
    }
    let wanted = i64::from(limit) + 1;
    let mut keys = Vec::new();
    for source in &sources {
        keys.extend(source.keys(connection, window, wanted)?);
    }
    keys.sort_unstable_by_key(|key| std::cmp::Reverse(key.place));
    let limit = limit as usize;
    // One more than asked for was looked for: whether there is a next page is known, not guessed.
    let next = if keys.len() > limit {
        keys.truncate(limit);
        keys.last().map(|key| key.place)
    } else {
        is_cut.then_some(window.from)
    };
    let mut body = connection.prepare_cached("select body from call where call_number = ?1")?;
    let calls = keys
        .iter()
        .map(|key| {
            Ok(ListedCall {
                call: body.query_row([key.place.1], |row| row.json("body"))?,
                role: key.role,
            })
        })
        .collect::<Result<_>>()?;
    let next = next.map(|(started_at, call_number)| LogCursor {
        started_at,
        call_number,
    });
    Ok(CallPage { calls, next })
}

fn window(filter: &CallFilter, before: Option<LogCursor>) -> Window {
    let last = (i64::MAX, i64::MAX);
    // Whatever had ended by then was dialled before.
    let to = filter.started_to.into_iter().chain(filter.ended_to).min();
    let to = to.map_or(last, |to| (time(to).saturating_add(1), i64::MIN));
    let before = before.map_or(last, |cursor| (cursor.started_at, cursor.call_number));
    Window {
        from: (filter.started_from.map_or(i64::MIN, time), i64::MIN),
        before: to.min(before),
    }
}

/// A part of an index in the order of the list, with what is to be tested on its entries. Text and values grow together,
/// so that no value ever gets into the text.
struct Source {
    /// A table, its index where that is not the key, and the equalities that choose the part.
    part: &'static str,
    part_values: Vec<Value>,
    tests: String,
    test_values: Vec<Value>,
    has_role: bool,
}

/// A call that the list holds.
struct Key {
    place: Place,
    role: Option<Role>,
}

/// The parts of indexes that hold all calls that the filter might leave. None, if nothing can pass it.
fn sources(app: AppKey, filter: &CallFilter) -> Vec<Source> {
    let is_live = filter.state == Some(ListedState::Live);
    let has_ended =
        filter.end_results.is_some() || filter.ended_to.is_some() || filter.duration != DurationRange::default();
    if is_live && has_ended {
        return Vec::new();
    }
    let app = Value::from(app.0);
    let may_live = filter.state != Some(ListedState::Ended) && !has_ended;
    let mut sources = match (filter.party, is_live) {
        (Some((user, role)), is_live) => {
            let live = may_live.then_some("live_party where user_key = ?");
            let ended = (!is_live).then_some("call_party where user_key = ?");
            let of = |part| {
                let mut source = Source::new(part, vec![Value::from(user.as_bytes().to_vec())]);
                source.has_role = true;
                if let Some(role) = role {
                    source.test("role = ?", role.as_str().to_owned());
                }
                if let Some(results) = &filter.end_results {
                    source.test_one_of("end_result", results.iter().map(|result| result.as_str()));
                }
                source
            };
            live.into_iter().chain(ended).map(of).collect()
        }
        (None, true) => vec![Source::new(
            "call indexed by call_live where app_key = ? and ended_at is null",
            vec![app],
        )],
        (None, false) => match &filter.end_results {
            Some(results) => {
                let mut results = results.clone();
                results.sort_unstable_by_key(|result| result.as_str());
                results.dedup();
                let part = "call indexed by call_result where app_key = ? and end_result = ?";
                let of =
                    |result: EndResult| Source::new(part, vec![app.clone(), Value::from(result.as_str().to_owned())]);
                results.into_iter().map(of).collect()
            }
            None => vec![Source::new("call indexed by call_list where app_key = ?", vec![app])],
        },
    };
    let is_ended_to_be_tested =
        filter.state == Some(ListedState::Ended) && filter.end_results.is_none() && filter.party.is_none();
    for source in &mut sources {
        if is_ended_to_be_tested {
            source.tests.push_str(" and end_result is not null");
        }
        if let Some(is_video) = filter.is_video {
            source.test("is_video = ?", is_video);
        }
        if let Some(to) = filter.ended_to {
            source.test("ended_at <= ?", time(to));
        }
        if let Some(min) = filter.duration.min {
            source.test("duration_ms >= ?", in_ms(min));
        }
        if let Some(max) = filter.duration.max {
            source.test("duration_ms <= ?", in_ms(max));
        }
    }
    sources
}

impl Source {
    const fn new(part: &'static str, part_values: Vec<Value>) -> Self {
        Self {
            part,
            part_values,
            tests: String::new(),
            test_values: Vec::new(),
            has_role: false,
        }
    }

    fn test(&mut self, test: &str, value: impl Into<Value>) {
        self.tests.push_str(" and ");
        self.tests.push_str(test);
        self.test_values.push(value.into());
    }

    fn test_one_of<'a>(&mut self, column: &str, words: impl Iterator<Item = &'a str>) {
        let list = serde_json::Value::from_iter(words).to_string();
        self.test(&format!("{column} in (select value from json_each(?))"), list);
    }

    const fn is_tested(&self) -> bool {
        !self.tests.is_empty()
    }

    /// The first place that is not among the first `count` of the window, tested or not.
    fn place_after(&self, connection: &Connection, window: Window, count: i64) -> Result<Option<Place>> {
        let mut values = self.part_values.clone();
        values.extend(window.values());
        values.push(Value::from(count));
        connection
            .prepare_cached(&self.place_after_text())?
            .query_row(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
    }

    /// At most `count` calls of the window that pass.
    fn keys(&self, connection: &Connection, window: Window, count: i64) -> Result<Vec<Key>> {
        let mut values = self.part_values.clone();
        values.extend(window.values());
        values.extend(self.test_values.iter().cloned());
        values.push(Value::from(count));
        connection
            .prepare_cached(&self.keys_text())?
            .query_map(params_from_iter(values), |row| {
                Ok(Key {
                    place: (row.get("started_at")?, row.get("call_number")?),
                    role: self.has_role.then(|| row.variant("role")).transpose()?,
                })
            })?
            .collect()
    }

    fn place_after_text(&self) -> String {
        format!(
            "select started_at, call_number from {} {WINDOW} {ORDER} limit 1 offset ?",
            self.part
        )
    }

    fn keys_text(&self) -> String {
        let role = if self.has_role { ", role" } else { "" };
        let Self { part, tests, .. } = self;
        format!("select started_at, call_number{role} from {part} {WINDOW}{tests} {ORDER} limit ?")
    }
}

const WINDOW: &str = "and (started_at, call_number) >= (?, ?) and (started_at, call_number) < (?, ?)";
const ORDER: &str = "order by started_at desc, call_number desc";

impl Window {
    fn values(self) -> [Value; 4] {
        [self.from.0, self.from.1, self.before.0, self.before.1].map(Value::from)
    }
}

fn in_ms(duration: Duration) -> i64 {
    i64::try_from(millis(duration)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
