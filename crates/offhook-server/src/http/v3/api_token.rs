//! Which application a request is about: the one whose API token it carries, or the one that an administrator looks at.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use offhook_proto::error::ErrorCode;
use offhook_store::{ApiTokenNumber, Application, TokenHash};

use crate::http::error::ApiError;
use crate::node::Node;
use crate::secret;

const HEADER: &str = "api-token";

/// The application that the dashboard's way led to ([`admin`](crate::http::admin)), else that of the `Api-Token` header.
pub struct CurrentApplication(pub Application);

impl FromRequestParts<Node> for CurrentApplication {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, ApiError> {
        if let Some(application) = parts.extensions.get::<Application>() {
            return Ok(Self(application.clone()));
        }
        opened(parts, node).await.map(|(application, _)| Self(application))
    }
}

/// The same, for what only the master token may do, or an owner in the dashboard.
pub struct MasterToken(pub Application);

impl FromRequestParts<Node> for MasterToken {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, ApiError> {
        if let Some(application) = parts.extensions.get::<Application>() {
            return Ok(Self(application.clone()));
        }
        match opened(parts, node).await? {
            (application, ApiTokenNumber::MASTER) => Ok(Self(application)),
            _ => Err(ErrorCode::MASTER_TOKEN_REQUIRED.into()),
        }
    }
}

/// What the request's token opens, and which of the application's tokens it is.
async fn opened(parts: &Parts, node: &Node) -> Result<(Application, ApiTokenNumber), ApiError> {
    let token = parts.headers.get(HEADER).and_then(|value| value.to_str().ok());
    let token = token.ok_or(ErrorCode::INVALID_API_TOKEN)?;
    // Found by its hash: how long that takes says nothing about the token.
    let hash = TokenHash::from_bytes(secret::hash(token));
    let found = node.store().application_by_api_token(hash).await;
    let found = found.map_err(|error| ApiError::internal(&error))?;
    let (application, number) = found.ok_or(ErrorCode::INVALID_API_TOKEN)?;
    node.rate_limits()
        .count(application.key, &parts.method)
        .map_err(ApiError::throttled)?;
    Ok((application, number))
}
