//! `POST /backup`, of the admin listener: copies the store into the data folder, for `offhook backup`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use offhook_proto::error::ErrorCode;
use serde::{Deserialize, Serialize};

use crate::backup;
use crate::http::error::ApiError;
use crate::node::Node;
use crate::pass;

/// Where the copy is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Copied {
    /// The file's name in the data folder. Whoever asked takes it away.
    pub file: String,
}

/// Copies the store. Only whoever can read `server.key` can ask for it.
pub async fn post(State(node): State<Node>, headers: HeaderMap) -> Result<Json<Copied>, ApiError> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer "));
    let is_allowed =
        shown.is_some_and(|pass| pass::check(node.key(), backup::PURPOSE, pass, node.clock().now()).is_ok());
    if !is_allowed {
        return Err(ErrorCode::INVALID_API_TOKEN.into());
    }
    let file = backup::copy_name();
    let copied = node.store().back_up(node.config().data_dir.join(&file)).await;
    copied.map_err(|error| ApiError::internal(&error))?;
    tracing::info!(file, "store copied for a backup");
    Ok(Json(Copied { file }))
}
