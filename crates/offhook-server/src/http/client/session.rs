//! `DELETE /client/v1/session`, and the session that a request names.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header;
use axum::http::request::Parts;
use offhook_proto::error::ErrorCode;
use offhook_store::SignedIn;
use serde_json::json;

use crate::http::error::ApiError;
use crate::http::own_origin::PageOrigin;
use crate::node::Node;
use crate::sign_in;

/// The session of `Authorization: Bearer <session key>`, checked.
pub struct CurrentSession(pub SignedIn);

impl FromRequestParts<Node> for CurrentSession {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, ApiError> {
        let found = find(parts, node).await?;
        // A session that has run out may still read what it took part in while a call of its lives; asking by HTTP is
        // not part of a live call.
        sign_in::check_session(&found, false, node.clock().now())?;
        Ok(Self(found))
    }
}

/// The session a request names, whatever has become of it.
pub struct NamedSession(pub SignedIn);

impl FromRequestParts<Node> for NamedSession {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, ApiError> {
        find(parts, node).await.map(Self)
    }
}

/// Signs out: the session's sockets close and its calls end.
pub async fn delete(
    State(node): State<Node>,
    NamedSession(signed_in): NamedSession,
) -> Result<Json<serde_json::Value>, ApiError> {
    node.store()
        .delete_session(signed_in.session.id)
        .await
        .map_err(|error| ApiError::internal(&error))?;
    let changed = node
        .sessions_changed(signed_in.application.key, signed_in.user.key)
        .await;
    changed.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(json!({})))
}

async fn find(parts: &mut Parts, node: &Node) -> Result<SignedIn, ApiError> {
    let bearer = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let key = bearer
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(ErrorCode::INVALID_SESSION_KEY)?;
    let found = sign_in::find_session(node, key).await?;
    let Ok(PageOrigin(origin)) = PageOrigin::from_request_parts(parts, node).await;
    sign_in::check_origin(&found.application, origin.as_deref())?;
    Ok(found)
}
