//! `/v1/direct_calls…`: what was called and what is, and what an application may do to a call.

pub mod custom_items;
mod filter;
pub mod timeline;

use axum::Json;
use axum::extract::State;
use offhook_core::call::{Call, Input, Refusal, Role};
use offhook_core::id::{AppKey, CallId};
use offhook_core::time::Timestamp;
use offhook_proto::error::ErrorCode;
use offhook_proto::platform::DirectCallList;
use offhook_proto::webhook::DirectCall;
use offhook_store::{Actor, CallChange, CallError, CallFilter, LogCursor};

use crate::http::error::{ApiError, sentence};
use crate::http::path::PathNames;
use crate::http::v1::users;
use crate::http::v3::CurrentApplication;
use crate::http::v3::query::Query;
use crate::node::Node;

pub(super) use filter::{read as read_filter, role as read_role};

/// Lists calls, the latest dialled first. A page may be short, or empty, and still have a next one: it looks at a bounded
/// number of calls.
pub async fn list(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    query: Query,
) -> Result<Json<DirectCallList>, ApiError> {
    let mut filter = read_filter(&query)?;
    let role = read_role(&query)?;
    match query.text("user_id")? {
        Some(user_id) => {
            // Nobody of that name has calls.
            let Some(user) = users::find(&node, application.key, &user_id).await? else {
                return Ok(Json(DirectCallList {
                    calls: Vec::new(),
                    has_next: false,
                    next: String::new(),
                }));
            };
            filter.party = Some((user.key, role));
        }
        None if role.is_some() => {
            let sentence = "\"role\" is a user's: it needs \"user_id\".";
            return Err(ApiError::new(ErrorCode::INCOMPATIBLE_VALUES, sentence));
        }
        None => {}
    }
    page(&node, application.key, filter, &query).await.map(Json)
}

/// Shows a call. With `user_id`, one of that user, and which side it is.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    names: PathNames,
    query: Query,
) -> Result<Json<DirectCall>, ApiError> {
    let call_id = call_id(&names)?;
    let found = node.store().call(application.key, call_id).await;
    let call = found
        .map_err(|error| ApiError::internal(&error))?
        .ok_or_else(no_such_call)?;
    let role = match query.text("user_id")? {
        Some(user_id) => {
            let user = users::find(&node, application.key, &user_id).await?;
            let role = user.and_then(|user| call.role_of(user.key));
            Some(role.ok_or_else(no_such_call)?)
        }
        None => None,
    };
    Ok(Json(body(&call, role, node.clock().now())))
}

/// Ends a call, wherever it stands. One that has ended stays as it is.
pub async fn end(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    names: PathNames,
) -> Result<Json<DirectCall>, ApiError> {
    let change = apply(&node, application.key, call_id(&names)?, Input::Stop).await?;
    Ok(Json(body(&change.call, None, node.clock().now())))
}

/// A page of the calls that `filter` leaves.
pub(super) async fn page(
    node: &Node,
    app: AppKey,
    filter: CallFilter,
    query: &Query,
) -> Result<DirectCallList, ApiError> {
    let limit = query.limit()?;
    let cursor = query.text("next")?.map(|text| text.parse::<LogCursor>()).transpose();
    let cursor =
        cursor.map_err(|_| ApiError::new(ErrorCode::INVALID_VALUE, "\"next\" is not one that a page gave."))?;
    let page = node.store().list_calls(app, filter, cursor, limit).await;
    let page = page.map_err(|error| ApiError::internal(&error))?;
    let now = node.clock().now();
    Ok(DirectCallList {
        calls: page
            .calls
            .iter()
            .map(|listed| body(&listed.call, listed.role, now))
            .collect(),
        has_next: page.next.is_some(),
        next: page.next.map(|cursor| cursor.to_string()).unwrap_or_default(),
    })
}

fn body(call: &Call, role: Option<Role>, now: Timestamp) -> DirectCall {
    DirectCall {
        user_role: role.map(Into::into),
        ..DirectCall::of(call, now)
    }
}

/// The call id in a path. What is no id at all is the id of no call.
fn call_id(names: &PathNames) -> Result<CallId, ApiError> {
    names.text("call_id")?.parse().map_err(|_| no_such_call())
}

/// What the application does to a call: committed, and told like any other step.
async fn apply(node: &Node, app: AppKey, call_id: CallId, input: Input) -> Result<CallChange, ApiError> {
    let now = node.clock().now();
    let change = node.store().apply(app, call_id, Actor::System, input, now).await;
    let change = change.map_err(|error| match error {
        CallError::NoSuchCall | CallError::Refused(Refusal::NoSuchCall) => no_such_call(),
        CallError::Refused(Refusal::CustomItems(error)) => {
            ApiError::new(ErrorCode::INVALID_VALUE, sentence(&error.to_string()))
        }
        CallError::Refused(Refusal::InvalidStatus) => ErrorCode::INVALID_CALL_STATUS.into(),
        CallError::Dial(_)
        | CallError::NoSuchSession
        | CallError::Session(_)
        | CallError::WebhookHostNotAllowed
        | CallError::IdTaken
        | CallError::AskFirst(_)
        | CallError::Store(_) => ApiError::internal(&error),
    })?;
    node.announce(&change);
    Ok(change)
}

fn no_such_call() -> ApiError {
    ErrorCode::CALL_DOES_NOT_EXIST.into()
}
