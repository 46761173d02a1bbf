//! `GET /client/v1/direct_calls`: the call log of the user who asks.

use axum::Json;
use axum::extract::{Query, State};
use offhook_core::call::{EndResult, Role};
use offhook_core::time::Timestamp;
use offhook_proto::call::{CallLogEntry, CallLogPage};
use offhook_proto::error::ErrorCode;
use offhook_store::{LogCursor, LogFilter};
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as WordError, StrDeserializer};

use super::session::CurrentSession;
use crate::http::error::ApiError;
use crate::node::Node;

/// How many entries a page has, unless asked for, and at most.
const LIMIT: (u32, u32) = (10, 100);
/// More results than there are cannot be asked for.
const MAX_END_RESULTS: usize = 16;
/// End results that a single device sees, and that no call has: they may be asked for, and find nothing.
const OF_DEVICES: [&str; 4] = ["accept_failed", "dial_failed", "other_device_accepted", "unknown"];

/// What may be asked for.
#[derive(Debug, Deserialize)]
pub struct Filter {
    limit: Option<u32>,
    next: Option<String>,
    role: Option<String>,
    end_results: Option<String>,
    started_from: Option<u64>,
    started_to: Option<u64>,
}

/// Lists ended calls, newest first.
pub async fn list(
    State(node): State<Node>,
    CurrentSession(signed_in): CurrentSession,
    filter: Result<Query<Filter>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<CallLogPage>, ApiError> {
    let Query(filter) = filter.map_err(|error| ApiError::new(ErrorCode::INVALID_VALUE, error.body_text()))?;
    let limit = filter.limit.unwrap_or(LIMIT.0);
    if !(1..=LIMIT.1).contains(&limit) {
        return Err(ApiError::new(
            ErrorCode::OUT_OF_RANGE,
            format!("limit is 1 to {}, not {limit}.", LIMIT.1),
        ));
    }
    let cursor = filter.next.as_deref().map(str::parse::<LogCursor>).transpose();
    let cursor = cursor.map_err(|_| ApiError::new(ErrorCode::INVALID_VALUE, "next is not one that a page gave."))?;
    let end_results = match filter.end_results.as_deref() {
        None | Some("") => None,
        Some(list) => Some(end_results(list)?),
    };
    let wanted = LogFilter {
        role: filter.role.as_deref().map(word::<Role>).transpose()?,
        end_results: end_results.clone().unwrap_or_default(),
        started_from: filter.started_from.map(Timestamp::from_millis),
        started_to: filter.started_to.map(Timestamp::from_millis),
    };
    if end_results.is_some_and(|wanted| wanted.is_empty()) {
        let (calls, next) = (Vec::new(), None);
        return Ok(Json(CallLogPage { calls, next }));
    }
    let page = node.store().call_log(signed_in.user.key, wanted, cursor, limit).await;
    let page = page.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(CallLogPage {
        calls: page
            .calls
            .iter()
            .filter_map(|logged| CallLogEntry::of(&logged.call, logged.role))
            .collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}

/// Reads a list of end results: those of it that a call may have.
///
/// # Errors
/// If one is unknown, or there are more than there can be.
pub fn end_results(list: &str) -> Result<Vec<EndResult>, ApiError> {
    if list.split(',').count() > MAX_END_RESULTS {
        return Err(ErrorCode::TOO_MANY_ITEMS.into());
    }
    list.split(',')
        .filter(|text| !OF_DEVICES.contains(&text.trim().to_ascii_lowercase().as_str()))
        .map(word)
        .collect()
}

/// Reads a word of the wire, in either case: published examples write end results in capitals.
///
/// # Errors
/// If it is unknown.
pub fn word<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ApiError> {
    let lower = text.trim().to_ascii_lowercase();
    let deserializer: StrDeserializer<'_, WordError> = lower.as_str().into_deserializer();
    T::deserialize(deserializer)
        .map_err(|_| ApiError::new(ErrorCode::INVALID_VALUE, format!("{text:?} is not known here.")))
}
