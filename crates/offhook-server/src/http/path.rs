//! Reading the parts of a path by their names, decoded. Never by place: the same routes stand under the dashboard's, too,
//! whose paths name more.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use offhook_proto::error::ErrorCode;

use crate::http::error::ApiError;
use crate::node::Node;

/// The named parts of a path.
#[derive(Debug)]
pub struct PathNames(HashMap<String, String>);

impl FromRequestParts<Node> for PathNames {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, ApiError> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, node).await;
        path.map(|Path(names)| Self(names))
            .map_err(|_| ErrorCode::INVALID_URL.into())
    }
}

impl PathNames {
    /// A part to keep.
    ///
    /// # Errors
    /// If the route has none of that name.
    pub fn take(&mut self, name: &str) -> Result<String, ApiError> {
        self.0.remove(name).ok_or_else(|| ErrorCode::INVALID_URL.into())
    }

    /// A part.
    ///
    /// # Errors
    /// If the route has none of that name.
    pub fn text(&self, name: &str) -> Result<&str, ApiError> {
        let part = self.0.get(name).map(String::as_str);
        part.ok_or_else(|| ErrorCode::INVALID_URL.into())
    }
}
