//! Which calls a list is to hold.

use std::time::Duration;

use offhook_core::call::Role;
use offhook_core::time::{Timestamp, millis};
use offhook_proto::error::ErrorCode;
use offhook_store::{CallFilter, DurationRange, ListedState};

use crate::http::client::direct_calls::{end_results, word};
use crate::http::error::ApiError;
use crate::http::v3::query::Query;

/// A time that is smaller is in seconds: as milliseconds it would be before March 1973.
const LEAST_IN_MS: u64 = 100_000_000_000;

/// Reads all filters but those about a user.
pub fn read(query: &Query) -> Result<CallFilter, ApiError> {
    let mut filter = CallFilter {
        party: None,
        state: state(query)?,
        end_results: query.text("end_result")?.as_deref().map(end_results).transpose()?,
        started_from: time(query, "start_ts")?.map(Moment::first),
        started_to: time(query, "started_before")?.map(Moment::last),
        ended_to: time(query, "end_ts")?.map(Moment::last),
        duration: DurationRange {
            min: duration(query, "duration_range_min")?,
            max: duration(query, "duration_range_max")?,
        },
        is_video: is_video(query)?,
    };
    if let Some((first, last)) = around(query)? {
        filter.started_from = filter.started_from.max(Some(first));
        filter.started_to = Some(filter.started_to.map_or(last, |to| to.min(last)));
    }
    Ok(filter)
}

/// Reads the side of the user whom the list is about.
pub fn role(query: &Query) -> Result<Option<Role>, ApiError> {
    query.text("role")?.as_deref().map(word).transpose()
}

fn state(query: &Query) -> Result<Option<ListedState>, ApiError> {
    match query.text("state")?.map(|text| text.to_ascii_lowercase()).as_deref() {
        None => Ok(None),
        Some("live") => Ok(Some(ListedState::Live)),
        Some("ended") => Ok(Some(ListedState::Ended)),
        Some(_) => Err(invalid("\"state\" is live or ended.")),
    }
}

fn is_video(query: &Query) -> Result<Option<bool>, ApiError> {
    match query
        .text("call_type")?
        .map(|text| text.to_ascii_lowercase())
        .as_deref()
    {
        None => Ok(None),
        Some("audio") => Ok(Some(false)),
        Some("video") => Ok(Some(true)),
        Some(_) => Err(invalid("\"call_type\" is audio or video.")),
    }
}

/// The time around `call_ts` that is searched: `search_scope_from_call_ts` before it and after it, in the same unit.
fn around(query: &Query) -> Result<Option<(Timestamp, Timestamp)>, ApiError> {
    let scope = number(query, "search_scope_from_call_ts")?;
    let Some(moment) = time(query, "call_ts")? else {
        if scope.is_some() {
            let sentence = "\"search_scope_from_call_ts\" needs \"call_ts\".";
            return Err(ApiError::new(ErrorCode::INCOMPATIBLE_VALUES, sentence));
        }
        return Ok(None);
    };
    let scope = Duration::from_millis(scope.unwrap_or(0).saturating_mul(moment.unit_ms));
    let first = moment.first().as_millis().saturating_sub(millis(scope));
    let last = moment.last().as_millis().saturating_add(millis(scope));
    Ok(Some((Timestamp::from_millis(first), Timestamp::from_millis(last))))
}

/// A time as a caller gave it: a second or a millisecond, which lasts so long.
#[derive(Clone, Copy)]
struct Moment {
    start_ms: u64,
    unit_ms: u64,
}

impl Moment {
    const fn first(self) -> Timestamp {
        Timestamp::from_millis(self.start_ms)
    }

    const fn last(self) -> Timestamp {
        Timestamp::from_millis(self.start_ms.saturating_add(self.unit_ms - 1))
    }
}

fn time(query: &Query, name: &str) -> Result<Option<Moment>, ApiError> {
    Ok(number(query, name)?.map(|number| {
        let unit_ms = if number < LEAST_IN_MS { 1000 } else { 1 };
        Moment {
            start_ms: number.saturating_mul(unit_ms),
            unit_ms,
        }
    }))
}

fn duration(query: &Query, name: &str) -> Result<Option<Duration>, ApiError> {
    Ok(number(query, name)?.map(Duration::from_millis))
}

fn number(query: &Query, name: &str) -> Result<Option<u64>, ApiError> {
    let negative = |_| ApiError::new(ErrorCode::NEGATIVE_NUMBER, format!("\"{name}\" must not be negative."));
    query
        .number(name)?
        .map(|number| u64::try_from(number).map_err(negative))
        .transpose()
}

fn invalid(sentence: &str) -> ApiError {
    ApiError::new(ErrorCode::INVALID_VALUE, sentence)
}
