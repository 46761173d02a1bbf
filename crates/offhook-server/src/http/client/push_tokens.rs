//! `POST /client/v1/push_tokens` and `/delete`: where the user who asks is reached without an open page.

use axum::Json;
use axum::extract::State;
use offhook_proto::error::ErrorCode;
use offhook_proto::push::PushTokenType;
use offhook_store::{PushService, PushToken, PushTokenError};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde_json::{Value, json};

use super::session::CurrentSession;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, required};
use crate::node::Node;
use crate::push::web::Subscription;

/// The longest token: a `PushSubscription` with a long endpoint.
const MAX_TOKEN_CHARS: usize = 4096;
/// The longest token of APNs; they are 32 bytes long, and Apple asks to be ready for more.
const MAX_APNS_DIGITS: usize = 200;

/// Registers a token.
pub async fn post(
    State(node): State<Node>,
    CurrentSession(signed_in): CurrentSession,
    fields: Fields,
) -> Result<Json<Value>, ApiError> {
    node.throttle()
        .count_push_token(signed_in.user.key)
        .map_err(ApiError::throttled)?;
    let kind = kind(required("type", fields.text("type")?)?)?;
    let token = push_token(&node, kind, required("token", fields.text("token")?)?)?;
    let (app, user) = (signed_in.application.key, signed_in.user.key);
    match node.store().register_push_token(app, user, token).await {
        Ok(()) => Ok(Json(json!({}))),
        Err(PushTokenError::NoSuchUser) => Err(ErrorCode::INVALID_SESSION_KEY.into()),
        Err(error @ PushTokenError::Store(_)) => Err(ApiError::internal(&error)),
    }
}

/// Takes a token back, or all of a type.
pub async fn delete(
    State(node): State<Node>,
    CurrentSession(signed_in): CurrentSession,
    fields: Fields,
) -> Result<Json<Value>, ApiError> {
    node.throttle()
        .count_push_token(signed_in.user.key)
        .map_err(ApiError::throttled)?;
    let kind = kind(required("type", fields.text("type")?)?)?;
    let text = fields.text("token")?;
    text.map_or(Ok(()), check_length)?;
    let (service, address) = match (kind, text) {
        (PushTokenType::FcmVoip, text) => (PushService::Fcm, text.map(str::to_owned)),
        (PushTokenType::ApnsVoip, text) => (PushService::Apns, text.map(str::to_ascii_lowercase)),
        (PushTokenType::WebPush, None) => (PushService::Web, None),
        (PushTokenType::WebPush, Some(text)) => {
            let endpoint = Subscription::endpoint_of(text);
            let not_one = || invalid("a web_push token is a PushSubscription as JSON.");
            (PushService::Web, Some(endpoint.ok_or_else(not_one)?))
        }
    };
    let deleted = node
        .store()
        .unregister_push_tokens(signed_in.user.key, service, address)
        .await;
    deleted.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(json!({})))
}

/// Reads the type of a token.
///
/// # Errors
/// If it is none.
pub fn kind(text: &str) -> Result<PushTokenType, ApiError> {
    let deserializer: StrDeserializer<'_, WordError> = text.into_deserializer();
    PushTokenType::deserialize(deserializer)
        .map_err(|_| invalid("\"type\" is \"fcm_voip\", \"apns_voip\" or \"web_push\"."))
}

/// Reads a token of that type.
///
/// # Errors
/// If it cannot be one.
pub fn push_token(node: &Node, kind: PushTokenType, text: &str) -> Result<PushToken, ApiError> {
    check_length(text)?;
    Ok(match kind {
        PushTokenType::WebPush => subscription(node, text)?,
        PushTokenType::ApnsVoip => plain(PushService::Apns, device_token(text)?),
        PushTokenType::FcmVoip => plain(PushService::Fcm, registration(text)?),
    })
}

fn check_length(text: &str) -> Result<(), ApiError> {
    if text.chars().count() > MAX_TOKEN_CHARS {
        let sentence = format!("\"token\" is at most {MAX_TOKEN_CHARS} characters long.");
        return Err(ApiError::new(ErrorCode::VALUE_TOO_LONG, sentence));
    }
    Ok(())
}

/// An endpoint that can never be pushed to is refused here; names are looked up when something is sent.
fn subscription(node: &Node, text: &str) -> Result<PushToken, ApiError> {
    let read = Subscription::read(text).and_then(|subscription| {
        let token = subscription.to_token()?;
        Ok((subscription, token))
    });
    let (subscription, token) = read.map_err(|error| invalid(format!("\"token\": {error}.")))?;
    if subscription.endpoint.scheme() != "https" && !node.push().allows_endpoint_without_tls(&subscription.endpoint) {
        return Err(invalid(
            "\"token\": the subscription's endpoint must be an https address.",
        ));
    }
    Ok(token)
}

fn device_token(text: &str) -> Result<String, ApiError> {
    let is_token = (1..=MAX_APNS_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_token {
        return Err(invalid("\"token\": a token of APNs is written in hexadecimal digits."));
    }
    Ok(text.to_ascii_lowercase())
}

fn registration(text: &str) -> Result<String, ApiError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid(
            "\"token\": a token of FCM has no spaces and no control characters.",
        ));
    }
    Ok(text.to_owned())
}

fn plain(service: PushService, address: String) -> PushToken {
    PushToken {
        service,
        host: service.as_str().to_owned(),
        address,
        subscription_keys: None,
    }
}

fn invalid(sentence: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::INVALID_VALUE, sentence)
}
