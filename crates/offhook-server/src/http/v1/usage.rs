//! `GET /v1/usage`: what calls came to.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use offhook_core::time::Timestamp;
use offhook_proto::error::ErrorCode;
use offhook_proto::platform::{UsageGrouping, UsageRounding};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::error::ApiError;
use crate::http::v3::{CurrentApplication, Query};
use crate::node::Node;
use crate::usage::{self, MAX_DAYS, WantedReport, csv};

/// The time of a report where none is asked for, up to this moment.
const DEFAULT_TIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How many users a page has unless asked for.
const DEFAULT_LIMIT: u32 = 100;
/// How many users a page has at most.
const MAX_LIMIT: u32 = 1_000;
/// The most days of a report by user: each user has a row a day to be summed.
const MAX_DAYS_BY_USER: u32 = 92;
/// How many users a CSV has at most: some ten megabytes.
const MAX_CSV_USERS: u32 = 100_000;

/// Reports what the application's calls came to.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    query: Query,
) -> Result<Response, ApiError> {
    let to = time(&query, "to")?.unwrap_or_else(|| node.clock().now());
    let from = time(&query, "from")?.unwrap_or_else(|| to - DEFAULT_TIME);
    let (first, last) = usage::days_of(from, to).map_err(|error| {
        let message = format!("{error}: \"from\" and \"to\" are UTC milliseconds, at most {MAX_DAYS} days apart.");
        ApiError::new(ErrorCode::OUT_OF_RANGE, message)
    })?;
    let group_by = word(&query, "group_by", "day, user or total")?.unwrap_or(UsageGrouping::Day);
    if group_by == UsageGrouping::User && last.number() - first.number() >= MAX_DAYS_BY_USER {
        let message = format!("A report by user is of {MAX_DAYS_BY_USER} days at most.");
        return Err(ApiError::new(ErrorCode::OUT_OF_RANGE, message));
    }
    let is_csv = match query.text("format")?.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(ApiError::new(ErrorCode::INVALID_VALUE, "\"format\" is json or csv.")),
    };
    let limit = limit(&query)?;
    let after = query.text("next")?.map(|next| next.parse()).transpose().map_err(|_| {
        let message = "\"next\" is not one that a page gave as \"next\".";
        ApiError::new(ErrorCode::INVALID_VALUE, message)
    })?;
    let wanted = WantedReport {
        app: application.key,
        first,
        last,
        group_by,
        rounding: word(&query, "rounding", "none, second or minute")?.unwrap_or(UsageRounding::None),
        after: after.filter(|_| !is_csv),
        limit: if is_csv { MAX_CSV_USERS } else { limit },
    };
    let report = usage::report(node.store(), wanted).await;
    let report = report.map_err(|error| ApiError::internal(&error))?;
    if !is_csv {
        return Ok(Json(report).into_response());
    }
    if report.has_next {
        let message =
            format!("There are more than {MAX_CSV_USERS} users: ask for a shorter time, or for pages of JSON.");
        return Err(ApiError::new(ErrorCode::OUT_OF_RANGE, message));
    }
    let mut response = csv::report(&report).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
    );
    // Without a name: the page that links here knows a better one.
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    Ok(response)
}

fn time(query: &Query, name: &str) -> Result<Option<Timestamp>, ApiError> {
    let millis = query.number(name)?.map(u64::try_from).transpose();
    let millis = millis.map_err(|_| {
        let message = format!("\"{name}\" is in UTC milliseconds, and not negative.");
        ApiError::new(ErrorCode::OUT_OF_RANGE, message)
    })?;
    Ok(millis.map(Timestamp::from_millis))
}

fn limit(query: &Query) -> Result<u32, ApiError> {
    let Some(limit) = query.number("limit")? else {
        return Ok(DEFAULT_LIMIT);
    };
    let limit = u32::try_from(limit)
        .ok()
        .filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| ApiError::new(ErrorCode::OUT_OF_RANGE, format!("\"limit\" is 1 to {MAX_LIMIT}.")))
}

/// A parameter that is one of a few words, as the body has them.
fn word<T: DeserializeOwned>(query: &Query, name: &str, words: &str) -> Result<Option<T>, ApiError> {
    let Some(text) = query.text(name)? else {
        return Ok(None);
    };
    let value = serde_json::from_value(Value::String(text)).map(Some);
    value.map_err(|_| ApiError::new(ErrorCode::INVALID_VALUE, format!("\"{name}\" is {words}.")))
}
