//! `/v1/users…`: what users call, where they are signed in, where they are pushed to. They are made and changed under `/v3`.

pub mod push_tokens;
pub mod sessions;

use axum::Json;
use axum::extract::State;
use offhook_core::call::Role;
use offhook_core::id::AppKey;
use offhook_proto::error::ErrorCode;
use offhook_proto::platform::{CallSummary, CallsUserList, DirectCallList, SummaryCounts};
use offhook_store::{CallTally, User};

use super::direct_calls;
use crate::http::error::ApiError;
use crate::http::v3::CurrentApplication;
use crate::http::v3::query::Query;
use crate::http::v3::users::{UserId, list, no_such_user};
use crate::node::Node;

/// Lists users in the order they were made.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    query: Query,
) -> Result<Json<CallsUserList>, ApiError> {
    let page = list::page(&node, application.key, &query, "next").await?;
    Ok(Json(CallsUserList {
        users: page.users,
        has_next: !page.next.is_empty(),
        next: page.next,
    }))
}

/// Lists the calls of a user, the latest dialled first.
pub async fn calls(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    query: Query,
) -> Result<Json<DirectCallList>, ApiError> {
    if query
        .text("type")?
        .is_some_and(|kind| !kind.eq_ignore_ascii_case("direct"))
    {
        return Err(ApiError::new(ErrorCode::INVALID_VALUE, "\"type\" is direct."));
    }
    let mut filter = direct_calls::read_filter(&query)?;
    let role = direct_calls::read_role(&query)?;
    let user = existing(&node, application.key, &user_id).await?;
    filter.party = Some((user.key, role));
    direct_calls::page(&node, application.key, filter, &query)
        .await
        .map(Json)
}

/// Says what a user's ended calls come to: all, or those dialled at `start_ts` or later that had ended by `end_ts`.
pub async fn call_summary(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    query: Query,
) -> Result<Json<CallSummary>, ApiError> {
    let filter = direct_calls::read_filter(&query)?;
    let user = existing(&node, application.key, &user_id).await?;
    let tallies = node
        .store()
        .call_tallies(user.key, filter.started_from, filter.ended_to);
    let tallies = tallies.await.map_err(|error| ApiError::internal(&error))?;
    let counts = |is_one: &dyn Fn(&CallTally) -> bool| {
        let mut sum = SummaryCounts {
            count: 0,
            completed: 0,
            duration: 0,
        };
        for tally in tallies.iter().filter(|tally| is_one(tally)) {
            sum.count += tally.count;
            sum.completed += if tally.is_completed { tally.count } else { 0 };
            sum.duration += offhook_core::time::millis(tally.duration);
        }
        sum
    };
    Ok(Json(CallSummary {
        user_id: user.user_id,
        calls: counts(&|_| true),
        dialed: counts(&|tally| tally.role == Role::Caller),
        received: counts(&|tally| tally.role == Role::Callee),
        audio: counts(&|tally| !tally.is_video),
        video: counts(&|tally| tally.is_video),
    }))
}

/// Finds a user.
pub(super) async fn find(node: &Node, app: AppKey, user_id: &str) -> Result<Option<User>, ApiError> {
    let found = node.store().user(app, user_id).await;
    found.map_err(|error| ApiError::internal(&error))
}

/// Finds a user who must be there.
async fn existing(node: &Node, app: AppKey, user_id: &str) -> Result<User, ApiError> {
    find(node, app, user_id).await?.ok_or_else(no_such_user)
}
