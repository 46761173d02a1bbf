//! What stands before every route of the dashboard: who asks, whether they may, and the log of it.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, MatchedPath, Path, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use offhook_core::id::AppId;
use offhook_core::time::Timestamp;
use offhook_proto::error::ErrorCode;
use offhook_store::{AuditEntry, OpenSession, TokenHash};

use tracing::Instrument as _;

use super::access::{self, Access};
use super::cookie::Secure;
use super::same_origin;
use crate::address::ClientAddress;
use crate::http::error::ApiError;
use crate::node::Node;
use crate::secret;

/// A session's use is written that often: a write for each request would be more than what is asked.
const TOUCH_AFTER: std::time::Duration = std::time::Duration::from_secs(60);
/// The parts of a path that say nothing of what it is about, or too much.
const NOT_IN_TARGETS: [&str; 4] = ["app_id", "application_id", "token", "api_token"];

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct CurrentAdministrator(pub OpenSession);

impl FromRequestParts<Node> for CurrentAdministrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _node: &Node) -> Result<Self, ApiError> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| ErrorCode::NOT_SIGNED_IN.into())
    }
}

/// What it was done to, where the path does not say it: a handler puts it into its response's extensions.
#[derive(Debug, Clone)]
pub struct AuditTarget(pub String);

/// Lets through what is allowed. What changes something is in the log before it is done.
pub async fn guard(State(node): State<Node>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let admitted = match admit(&node, &mut parts).await {
        Ok(admitted) => admitted,
        Err(refused) => return refused.into_response(),
    };
    let Some(entry) = admitted else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let request = Request::from_parts(parts, body);
    // A task of its own, from before the line is in the log: whoever asked may go at any time, and what the log says is done all the same.
    let done = tokio::spawn(carry_out(node, request, next, entry).in_current_span());
    done.await
        .unwrap_or_else(|error| ApiError::internal(&error).into_response())
}

/// Puts it into the log, does it, and says in the log whether it was done.
async fn carry_out(node: Node, request: Request, next: Next, entry: AuditEntry) -> Response {
    let noted = match node.store().note_audit(entry).await {
        Ok(noted) => noted,
        Err(error) => return ApiError::internal(&error).into_response(),
    };
    let mut response = next.run(request).await;
    let target = response.extensions_mut().remove::<AuditTarget>().map(|target| target.0);
    let is_done = response.status().is_success();
    if (!is_done || target.is_some())
        && let Err(error) = node.store().settle_audit(noted, is_done, target).await
    {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the log of administrators is not settled"
        );
    }
    response
}

/// Judges a request, and puts into it who asks and in which application. Gives what to write into the log, if anything.
async fn admit(node: &Node, parts: &mut Parts) -> Result<Option<AuditEntry>, ApiError> {
    let matched = parts
        .extensions
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let matched = matched.unwrap_or_default();
    let access = access::of(&parts.method, &matched).ok_or(ErrorCode::INVALID_URL)?;
    let is_write = !matches!(parts.method, Method::GET | Method::HEAD);
    if is_write && !same_origin::is_own(&parts.headers) {
        return Err(ErrorCode::FOREIGN_REQUEST.into());
    }
    let Access::From(role) = access else {
        return Ok(None);
    };
    let now = node.clock().now();
    let session = session(node, parts, now).await?;
    let Ok(address) = ClientAddress::from_request_parts(parts, node).await;
    let path = Path::<HashMap<String, String>>::from_request_parts(parts, node).await;
    let Path(names) = path.map_err(|_| ErrorCode::INVALID_URL)?;
    let entry = AuditEntry {
        at: now,
        actor: session.administrator.name.clone(),
        address: Some(address.0.to_string()),
        action: format!("{} {}", parts.method, action(&matched)),
        app_id: names.get("app_id").cloned(),
        target: target(&matched, &names),
        is_allowed: true,
    };
    if session.administrator.role < role {
        if is_write {
            let refused = AuditEntry {
                is_allowed: false,
                ..entry
            };
            let noted = node.store().note_audit(refused).await;
            noted.map_err(|error| ApiError::internal(&error))?;
        }
        return Err(ErrorCode::ROLE_NOT_ALLOWED.into());
    }
    if let Some(app_id) = names.get("app_id") {
        let app_id: AppId = app_id.parse().map_err(|_| ErrorCode::APPLICATION_NOT_FOUND)?;
        let found = node.store().application_by_id(&app_id).await;
        let found = found.map_err(|error| ApiError::internal(&error))?;
        parts.extensions.insert(found.ok_or(ErrorCode::APPLICATION_NOT_FOUND)?);
    }
    parts.extensions.insert(CurrentAdministrator(session));
    Ok(is_write.then_some(entry))
}

async fn session(node: &Node, parts: &mut Parts, now: Timestamp) -> Result<OpenSession, ApiError> {
    let Ok(secure) = Secure::from_request_parts(parts, node).await;
    let key = secure.key(&parts.headers).ok_or(ErrorCode::NOT_SIGNED_IN)?;
    // Found by its hash: how long that takes says nothing about the key.
    let hash = TokenHash::from_bytes(secret::hash(&key));
    let internal = |error| ApiError::internal(&error);
    let mut session = node
        .store()
        .admin_session(hash, now)
        .await
        .map_err(internal)?
        .ok_or(ErrorCode::NOT_SIGNED_IN)?;
    if now.since(session.used_at) >= TOUCH_AFTER {
        node.store().touch_admin_session(hash, now).await.map_err(internal)?;
        session.used_at = now;
    }
    Ok(session)
}

/// The route as it is documented: for back ends, without the dashboard's way to it.
fn action(matched: &str) -> &str {
    let of_application = matched.strip_prefix("/admin/v1/applications/{app_id}");
    match of_application {
        Some(path) if path.starts_with("/v1/") || path.starts_with("/v3/") => path,
        _ => matched,
    }
}

/// What a path names, in its order.
fn target(matched: &str, names: &HashMap<String, String>) -> Option<String> {
    let parts = matched
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let values: Vec<&str> = parts
        .filter(|name| !NOT_IN_TARGETS.contains(name))
        .filter_map(|name| names.get(name).map(String::as_str))
        .collect();
    (!values.is_empty()).then(|| values.join("/"))
}

#[cfg(test)]
mod tests;
