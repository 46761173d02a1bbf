//! `/v3/users/{user_id}/metadata` and `/v3/users/{user_id}/metadata/{key}`. Answers hold the items that the request
//! named, as they are then.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use offhook_core::user::MAX_METADATA_ITEMS;
use offhook_proto::error::ErrorCode;
use offhook_store::{Application, MetadataError, User};
use serde_json::{Value, json};

use super::{UserId, no_such_user, rules};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, required};
use crate::http::path::PathNames;
use crate::http::v3::api_token::CurrentApplication;
use crate::node::Node;

type Items = BTreeMap<String, String>;

/// The key in a path, decoded.
pub struct Key(String);

impl FromRequestParts<Node> for Key {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, ApiError> {
        PathNames::from_request_parts(parts, node).await?.take("key").map(Self)
    }
}

/// Shows all items.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
) -> Result<Json<Items>, ApiError> {
    find(&node, &application, &user_id)
        .await
        .map(|user| Json(user.metadata))
}

/// Adds items whose keys are new.
pub async fn post(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    fields: Fields,
) -> Result<Json<Items>, ApiError> {
    let items = read_items(&fields)?;
    let user = node
        .store()
        .add_metadata(application.key, &user_id, items.clone())
        .await
        .map_err(refuse)?;
    Ok(Json(named(user, &items)))
}

/// Sets items; keys that are new only with `upsert`.
pub async fn put(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    fields: Fields,
) -> Result<Json<Items>, ApiError> {
    let items = read_items(&fields)?;
    set(&node, &application, &user_id, items, &fields).await
}

/// Deletes all items.
pub async fn delete(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
) -> Result<Json<Value>, ApiError> {
    node.store()
        .delete_metadata(application.key, &user_id, None)
        .await
        .map_err(refuse)?;
    Ok(Json(json!({})))
}

/// Shows one item.
pub async fn get_item(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    Key(key): Key,
) -> Result<Json<Items>, ApiError> {
    let mut user = find(&node, &application, &user_id).await?;
    let (key, value) = user
        .metadata
        .remove_entry(&key)
        .ok_or_else(|| ApiError::new(ErrorCode::RESOURCE_NOT_FOUND, "\"UserMetadata\" not found."))?;
    Ok(Json(Items::from([(key, value)])))
}

/// Sets one item; a key that is new only with `upsert`.
pub async fn put_item(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    Key(key): Key,
    fields: Fields,
) -> Result<Json<Items>, ApiError> {
    let value = required("value", fields.text("value")?)?.to_owned();
    let items = Items::from([(key, value)]);
    rules::check_metadata(&items)?;
    set(&node, &application, &user_id, items, &fields).await
}

/// Deletes one item; one that is not there is no error.
pub async fn delete_item(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    Key(key): Key,
) -> Result<Json<Value>, ApiError> {
    node.store()
        .delete_metadata(application.key, &user_id, Some(&key))
        .await
        .map_err(refuse)?;
    Ok(Json(json!({})))
}

async fn find(node: &Node, application: &Application, user_id: &str) -> Result<User, ApiError> {
    let user = node
        .store()
        .user(application.key, user_id)
        .await
        .map_err(|error| ApiError::internal(&error))?;
    user.ok_or_else(no_such_user)
}

async fn set(
    node: &Node,
    application: &Application,
    user_id: &str,
    items: Items,
    fields: &Fields,
) -> Result<Json<Items>, ApiError> {
    let is_upsert = fields.boolean("upsert")?.unwrap_or(false);
    let user = node
        .store()
        .put_metadata(application.key, user_id, items.clone(), is_upsert)
        .await
        .map_err(refuse)?;
    Ok(Json(named(user, &items)))
}

fn read_items(fields: &Fields) -> Result<Items, ApiError> {
    let items = required("metadata", fields.object_of_text("metadata")?)?;
    rules::check_metadata(&items)?;
    Ok(items)
}

fn named(mut user: User, items: &Items) -> Items {
    user.metadata.retain(|key, _| items.contains_key(key));
    user.metadata
}

fn refuse(error: MetadataError) -> ApiError {
    match error {
        MetadataError::NoSuchUser => no_such_user(),
        MetadataError::AlreadyExists => ApiError::new(
            ErrorCode::RESOURCE_ALREADY_EXISTS,
            "A metadata item of that key is there already.",
        ),
        MetadataError::TooMany => ApiError::new(
            ErrorCode::TOO_MANY_ITEMS,
            format!("A user has at most {MAX_METADATA_ITEMS} metadata items."),
        ),
        MetadataError::Store(error) => ApiError::internal(&error),
    }
}
