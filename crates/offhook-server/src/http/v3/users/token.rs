//! `/v3/users/{user_id}/token`: session tokens, which are signed and not stored.

use axum::Json;
use axum::extract::State;
use offhook_proto::user::IssuedTokenBody;
use serde_json::{Value, json};

use super::{UserId, invalid_expiry, user_error};
use crate::credential::{IssueError, issue_session_token};
use crate::http::error::ApiError;
use crate::http::fields::Fields;
use crate::http::v3::api_token::CurrentApplication;
use crate::node::Node;

/// Issues a session token. It ends at `expires_at`, or after seven days.
pub async fn post(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    fields: Fields,
) -> Result<Json<IssuedTokenBody>, ApiError> {
    let asked = fields.time("expires_at")?;
    let now = node.clock().now();
    let issued = issue_session_token(node.store(), node.key(), application.key, &user_id, asked, now).await;
    let (token, expires_at) = issued.map_err(|error| match error {
        IssueError::User(error) => user_error(error),
        IssueError::Expiry(error) => invalid_expiry(error),
        IssueError::NoSuchApplication
        | IssueError::Application(_)
        | IssueError::NotOpened(_)
        | IssueError::Store(_) => ApiError::internal(&error),
    })?;
    Ok(Json(IssuedTokenBody {
        token,
        expires_at: expires_at.as_millis(),
    }))
}

/// Revokes every session token of the user. Sockets that came from one close at once.
pub async fn delete(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
) -> Result<Json<Value>, ApiError> {
    let user = node
        .store()
        .revoke_session_tokens(application.key, &user_id)
        .await
        .map_err(user_error)?;
    let changed = node.sessions_changed(application.key, user.key).await;
    changed.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(json!({})))
}
