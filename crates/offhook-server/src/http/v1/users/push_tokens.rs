//! `/v1/users/{user_id}/push_tokens`: where a user without an open page is reached.

use axum::Json;
use axum::extract::State;
use offhook_core::id::{AppKey, UserKey};
use offhook_proto::platform::{PushTokenList, RegisteredPushToken};
use offhook_proto::push::PushTokenType;
use offhook_store::{PushService, PushTokenError};
use serde_json::{Value, json};

use super::{existing, no_such_user};
use crate::http::client::push_tokens::{kind, push_token};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, required};
use crate::http::path::PathNames;
use crate::http::v3::CurrentApplication;
use crate::http::v3::users::UserId;
use crate::node::Node;

/// Lists the tokens, the latest registered first.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
) -> Result<Json<PushTokenList>, ApiError> {
    let user = existing(&node, application.key, &user_id).await?;
    listed(&node, user.key).await
}

/// Registers a token. Who else of the application had it, has it no more.
pub async fn post(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    fields: Fields,
) -> Result<Json<PushTokenList>, ApiError> {
    let written = fields
        .text("type")?
        .map_or_else(|| fields.text("token_type"), |kind| Ok(Some(kind)));
    let kind = kind(required("type", written?)?)?;
    let token = push_token(&node, kind, required("token", fields.text("token")?)?)?;
    let user = existing(&node, application.key, &user_id).await?;
    match node.store().register_push_token(application.key, user.key, token).await {
        Ok(()) => listed(&node, user.key).await,
        Err(PushTokenError::NoSuchUser) => Err(no_such_user()),
        Err(error @ PushTokenError::Store(_)) => Err(ApiError::internal(&error)),
    }
}

/// Takes back every token of a type.
pub async fn delete_type(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    names: PathNames,
) -> Result<Json<Value>, ApiError> {
    let kind = kind(names.text("type")?)?;
    unregister(&node, application.key, &user_id, kind, None).await
}

/// Takes back one token. One that is not there is no error.
pub async fn delete(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    names: PathNames,
) -> Result<Json<Value>, ApiError> {
    let kind = kind(names.text("type")?)?;
    let token = names.text("token")?;
    let address = match kind {
        PushTokenType::ApnsVoip => token.to_ascii_lowercase(),
        // What is listed of a Web Push subscription is its endpoint.
        PushTokenType::FcmVoip | PushTokenType::WebPush => token.to_owned(),
    };
    unregister(&node, application.key, &user_id, kind, Some(address)).await
}

async fn unregister(
    node: &Node,
    app: AppKey,
    user_id: &str,
    kind: PushTokenType,
    address: Option<String>,
) -> Result<Json<Value>, ApiError> {
    let user = existing(node, app, user_id).await?;
    let service = match kind {
        PushTokenType::FcmVoip => PushService::Fcm,
        PushTokenType::ApnsVoip => PushService::Apns,
        PushTokenType::WebPush => PushService::Web,
    };
    let deleted = node.store().unregister_push_tokens(user.key, service, address).await;
    deleted.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(json!({})))
}

async fn listed(node: &Node, user: UserKey) -> Result<Json<PushTokenList>, ApiError> {
    let tokens = node.store().push_tokens(user).await;
    let tokens = tokens.map_err(|error| ApiError::internal(&error))?;
    let push_tokens = tokens.into_iter().rev().map(|token| RegisteredPushToken {
        token_type: match token.service {
            PushService::Fcm => "fcm_voip",
            PushService::Apns => "apns_voip",
            PushService::Web => "web_push",
        }
        .to_owned(),
        token: token.address,
    });
    Ok(Json(PushTokenList {
        push_tokens: push_tokens.collect(),
    }))
}
