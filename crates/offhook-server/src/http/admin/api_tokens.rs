//! `/admin/v1/applications/{app_id}/api_tokens…` and the other secrets of an application: each is shown once, to whoever
//! made it.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use offhook_proto::admin::{ApiTokenBody, ApiTokenList, IssuedToken};
use offhook_store::{ApiTokenError, ApiTokenNumber, Sealed};
use serde_json::{Value, json};

use super::AuditTarget;
use crate::credential::{self, IssueError};
use crate::http::error::ApiError;
use crate::http::v3::CurrentApplication;
use crate::http::v3::api_tokens::refused;
use crate::node::Node;

/// An answer, and what the log says it was about.
type Named<T> = (Extension<AuditTarget>, Json<T>);

/// Lists what is known of the tokens, the master first.
pub async fn list(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
) -> Result<Json<ApiTokenList>, ApiError> {
    let listed = node.store().list_api_tokens(application.key).await;
    let listed = listed.map_err(|error| ApiError::internal(&error))?;
    let api_tokens = listed.into_iter().map(|entry| ApiTokenBody {
        token_number: entry.number.0,
        is_master: entry.number == ApiTokenNumber::MASTER,
        hint: entry.hint,
        created_at: entry.created_at.as_millis(),
    });
    Ok(Json(ApiTokenList {
        api_tokens: api_tokens.collect(),
    }))
}

/// Makes a secondary token.
pub async fn post(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
) -> Result<Named<IssuedToken>, ApiError> {
    let made = credential::add_api_token(node.store(), application.key, node.clock().now()).await;
    let (token, entry) = made.map_err(refused)?;
    let target = AuditTarget(entry.number.0.to_string());
    Ok((Extension(target), Json(IssuedToken { token })))
}

/// Revokes a secondary token.
pub async fn delete(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    Path(names): Path<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    let number = names.get("token_number").and_then(|number| number.parse().ok());
    let number = number.ok_or_else(|| refused(ApiTokenError::NoSuchToken))?;
    let revoked = node.store().revoke_api_token(application.key, ApiTokenNumber(number));
    revoked.await.map_err(refused)?;
    Ok(Json(json!({})))
}

/// Replaces the master token; the one before stops working at once.
pub async fn rotate_master(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
) -> Result<Json<IssuedToken>, ApiError> {
    let now = node.clock().now();
    let rotated = credential::rotate_api_token(node.store(), node.key(), application.key, now).await;
    let token = rotated.map_err(|error: IssueError| ApiError::internal(&error))?;
    Ok(Json(IssuedToken { token }))
}

/// Adds a key that signs session tokens from now on. What was signed before stays valid.
pub async fn rotate_signing_key(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
) -> Result<Json<Value>, ApiError> {
    let sealed: Sealed = credential::new_signing_key(node.key());
    let added = node
        .store()
        .add_signing_key(application.key, sealed, node.clock().now());
    added.await.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(json!({})))
}

/// Replaces the key that signs webhooks; for a day both sign.
pub async fn rotate_webhook_key(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
) -> Result<Json<IssuedToken>, ApiError> {
    let now = node.clock().now();
    let rotated = credential::rotate_webhook_key(node.store(), node.key(), application.key, now).await;
    let token = rotated.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(IssuedToken { token }))
}
