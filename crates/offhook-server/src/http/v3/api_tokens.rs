//! `/v3/applications/api_tokens…`: secondary API tokens, which only the master makes and revokes.

use axum::Json;
use axum::extract::State;
use offhook_core::time::Timestamp;
use offhook_proto::error::ErrorCode;
use offhook_proto::user::{SecondaryToken, SecondaryTokenList};
use offhook_store::{ApiTokenEntry, ApiTokenError, ApiTokenNumber, TokenHash};
use serde_json::{Value, json};

use super::api_token::MasterToken;
use crate::credential;
use crate::http::error::ApiError;
use crate::http::path::PathNames;
use crate::node::Node;
use crate::secret;

/// What stands for all but the last letters of a token that is not kept.
const MASK: &str = "************************************";

/// Makes a token, which is shown here and never again.
pub async fn post(
    State(node): State<Node>,
    MasterToken(application): MasterToken,
) -> Result<Json<SecondaryToken>, ApiError> {
    let made = credential::add_api_token(node.store(), application.key, node.clock().now()).await;
    let (token, entry) = made.map_err(refused)?;
    Ok(Json(shown(token, entry.created_at)))
}

/// Lists the secondary tokens by their last letters: they themselves are not kept.
pub async fn list(
    State(node): State<Node>,
    MasterToken(application): MasterToken,
) -> Result<Json<SecondaryTokenList>, ApiError> {
    let listed = node.store().list_api_tokens(application.key).await;
    let listed = listed.map_err(|error| ApiError::internal(&error))?;
    let secondary = listed.iter().filter(|entry| entry.number != ApiTokenNumber::MASTER);
    Ok(Json(SecondaryTokenList {
        api_tokens: secondary
            .map(|entry| shown(format!("{MASK}{}", entry.hint), entry.created_at))
            .collect(),
    }))
}

/// Says whether a secondary token is one, and since when.
pub async fn get(
    State(node): State<Node>,
    MasterToken(application): MasterToken,
    names: PathNames,
) -> Result<Json<SecondaryToken>, ApiError> {
    let token = names.text("api_token")?;
    let found = node.store().api_token_entry(application.key, hash(token)).await;
    let found = found.map_err(|error| ApiError::internal(&error))?;
    let secondary = found.filter(|entry: &ApiTokenEntry| entry.number != ApiTokenNumber::MASTER);
    let entry = secondary.ok_or_else(|| refused(ApiTokenError::NoSuchToken))?;
    Ok(Json(shown(token.to_owned(), entry.created_at)))
}

/// Revokes a token: it opens nothing any more.
pub async fn delete(
    State(node): State<Node>,
    MasterToken(application): MasterToken,
    names: PathNames,
) -> Result<Json<Value>, ApiError> {
    let hash = hash(names.text("api_token")?);
    let revoked = node.store().revoke_api_token_by_hash(application.key, hash).await;
    revoked.map_err(refused)?;
    Ok(Json(json!({})))
}

/// Says why a token was not made or revoked.
pub fn refused(error: ApiTokenError) -> ApiError {
    match error {
        ApiTokenError::NoSuchToken => ApiError::new(ErrorCode::RESOURCE_NOT_FOUND, "\"ApiToken\" not found."),
        ApiTokenError::Master => ApiError::new(
            ErrorCode::INVALID_VALUE,
            "The master API token cannot be revoked: replace it by another.",
        ),
        ApiTokenError::TooMany => ApiError::new(
            ErrorCode::TOO_MANY_ITEMS,
            "An application has at most 100 secondary API tokens: revoke one first.",
        ),
        ApiTokenError::NoSuchApplication => ErrorCode::INVALID_API_TOKEN.into(),
        ApiTokenError::Store(error) => ApiError::internal(&error),
    }
}

fn shown(token: String, created_at: Timestamp) -> SecondaryToken {
    SecondaryToken {
        token,
        created_at: created_at.as_millis(),
    }
}

fn hash(token: &str) -> TokenHash {
    TokenHash::from_bytes(secret::hash(token))
}
