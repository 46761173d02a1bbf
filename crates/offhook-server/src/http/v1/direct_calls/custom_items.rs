//! `/v1/direct_calls/{call_id}/custom_items`: what an application attaches to a call, while it lives and afterwards.

use axum::Json;
use axum::extract::State;
use offhook_core::call::{Happening, Input};
use offhook_core::custom_items::ItemsChange;
use offhook_proto::error::ErrorCode;
use offhook_proto::platform::CustomItems;

use super::{apply, call_id};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, required};
use crate::http::path::PathNames;
use crate::http::v3::CurrentApplication;
use crate::http::v3::query::Query;
use crate::node::Node;

/// The names that the keys to take away go by, in the address or in the body.
const KEYS: [&str; 2] = ["keys", "custom_item_keys"];
/// More keys than a call can have need not be named.
const MAX_KEYS: usize = 100;

/// Sets items. Others stay.
pub async fn put(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    names: PathNames,
    fields: Fields,
) -> Result<Json<CustomItems>, ApiError> {
    let items = required("custom_items", fields.object_of_text("custom_items")?)?;
    change(&node, application.key, &names, ItemsChange::Set(items)).await
}

/// Takes items away: those named, or all.
pub async fn delete(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    names: PathNames,
    query: Query,
    fields: Fields,
) -> Result<Json<CustomItems>, ApiError> {
    let mut keys = None;
    for name in KEYS {
        let named = match query.list(name, MAX_KEYS)? {
            Some(keys) => Some(keys),
            None => fields.list_of_text(name)?,
        };
        keys = keys.or(named);
    }
    let keys = keys.map_or(Ok(ItemsChange::Clear), |keys: Vec<String>| {
        if keys.len() > MAX_KEYS {
            return Err(ApiError::from(ErrorCode::TOO_MANY_ITEMS));
        }
        Ok(ItemsChange::Remove(keys))
    })?;
    change(&node, application.key, &names, keys).await
}

async fn change(
    node: &Node,
    app: offhook_core::id::AppKey,
    names: &PathNames,
    change: ItemsChange,
) -> Result<Json<CustomItems>, ApiError> {
    let input = Input::ChangeItems { user: None, change };
    let change = apply(node, app, call_id(names)?, input).await?;
    let affected_keys = change.happened.into_iter().find_map(|happening| match happening {
        Happening::ItemsChanged(_, keys) => Some(keys),
        _ => None,
    });
    Ok(Json(CustomItems {
        custom_items: change.call.custom_items,
        affected_keys: affected_keys.unwrap_or_default(),
    }))
}
