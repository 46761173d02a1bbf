//! `GET /admin/v1/audit`: what administrators did, or tried to.

use axum::Json;
use axum::extract::State;
use offhook_proto::admin::{AuditEntry, AuditList};
use offhook_proto::error::ErrorCode;
use offhook_store::AuditFilter;

use crate::http::error::ApiError;
use crate::http::v3::Query;
use crate::node::Node;

/// Entries of a page, if nothing is said, and at most.
const PAGE: i64 = 50;
const MOST: i64 = 100;

/// A page, the latest first.
pub async fn get(State(node): State<Node>, query: Query) -> Result<Json<AuditList>, ApiError> {
    let limit = query.number("limit")?.unwrap_or(PAGE);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::new(ErrorCode::OUT_OF_RANGE, "\"limit\" must be 1 to 100."));
    }
    let before = match query.text("next")? {
        None => None,
        Some(text) => {
            let invalid = |_| ApiError::new(ErrorCode::INVALID_VALUE, "\"next\" is no page's end.");
            Some(text.parse().map_err(invalid)?)
        }
    };
    let filter = AuditFilter {
        app_id: query.text("app_id")?,
        actor: query.text("actor")?,
        before,
        limit: u32::try_from(limit).unwrap_or_default(),
    };
    let page = node.store().list_audit(filter).await;
    let page = page.map_err(|error| ApiError::internal(&error))?;
    let entries = page.entries.into_iter().map(|entry| AuditEntry {
        at: entry.at.as_millis(),
        actor: entry.actor,
        address: entry.address,
        action: entry.action,
        app_id: entry.app_id,
        target: entry.target,
        is_allowed: entry.is_allowed,
    });
    Ok(Json(AuditList {
        entries: entries.collect(),
        has_next: page.next.is_some(),
        next: page.next.map_or_else(String::new, |next| next.to_string()),
    }))
}
