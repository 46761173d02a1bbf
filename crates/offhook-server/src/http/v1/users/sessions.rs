//! `/v1/users/{user_id}/sessions`: where a user is signed in. It is ours: the published API shows no sessions.

use axum::Json;
use axum::extract::State;
use offhook_core::session::Credential;
use offhook_core::time::Timestamp;
use offhook_proto::error::ErrorCode;
use offhook_proto::platform::{SessionCredential, UserSession, UserSessionList};
use offhook_store::ListedSession;
use serde_json::{Value, json};

use super::existing;
use crate::http::error::ApiError;
use crate::http::path::PathNames;
use crate::http::v3::CurrentApplication;
use crate::http::v3::users::UserId;
use crate::node::Node;

/// Lists the sessions that count, the latest first.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
) -> Result<Json<UserSessionList>, ApiError> {
    let user = existing(&node, application.key, &user_id).await?;
    let sessions = node.store().valid_sessions_of(user.key, node.clock().now()).await;
    let sessions = sessions.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(UserSessionList {
        sessions: sessions.into_iter().map(body).collect(),
    }))
}

/// Revokes one: its sockets close at once, and the calls of its device end.
pub async fn delete(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    names: PathNames,
) -> Result<Json<Value>, ApiError> {
    let user = existing(&node, application.key, &user_id).await?;
    let no_such_session = || ApiError::new(ErrorCode::RESOURCE_NOT_FOUND, "\"Session\" not found.");
    let id = names.text("session_id")?.parse().map_err(|_| no_such_session())?;
    let deleted = node.store().delete_session_of(user.key, id).await;
    if !deleted.map_err(|error| ApiError::internal(&error))? {
        return Err(no_such_session());
    }
    let changed = node.sessions_changed(application.key, user.key).await;
    changed.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(json!({})))
}

fn body(listed: ListedSession) -> UserSession {
    let session = listed.session;
    UserSession {
        session_id: session.id.to_string(),
        created_at: session.created_at.as_millis(),
        expires_at: session.expires_at.as_millis(),
        credential: match session.credential {
            Credential::None => SessionCredential::None,
            Credential::AccessToken { .. } => SessionCredential::AccessToken,
            Credential::SessionToken { .. } => SessionCredential::SessionToken,
        },
        is_connected: listed.connected_at.is_some(),
        connected_at: listed.connected_at.map(Timestamp::as_millis),
    }
}
