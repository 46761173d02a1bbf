//! `GET /v3/users`.

use axum::Json;
use axum::extract::State;
use offhook_core::id::AppKey;
use offhook_proto::error::ErrorCode;
use offhook_proto::user::UserListBody;
use offhook_store::{ActiveMode, UserCursor, UserFilter};

use super::user_body;
use crate::http::error::ApiError;
use crate::http::v3::api_token::CurrentApplication;
use crate::http::v3::query::Query;
use crate::node::Node;
use crate::secret;

/// How many ids and values may be looked for at once.
const MAX_LISTED: usize = 250;

/// Lists users in the order they were made.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    query: Query,
) -> Result<Json<UserListBody>, ApiError> {
    page(&node, application.key, &query, "token").await.map(Json)
}

/// A page of users. `cursor` is the parameter that says where it begins.
pub async fn page(node: &Node, app: AppKey, query: &Query, cursor: &str) -> Result<UserListBody, ApiError> {
    let limit = query.limit()?;
    let after = query
        .text(cursor)?
        .map(|token| read_cursor(cursor, &token))
        .transpose()?;
    let filter = read_filter(query)?;
    let page = node.store().list_users(app, filter, after, limit).await;
    let page = page.map_err(|error| ApiError::internal(&error))?;
    Ok(UserListBody {
        users: page.users.into_iter().map(user_body).collect(),
        next: page.next.map(write_cursor).unwrap_or_default(),
    })
}

fn read_filter(query: &Query) -> Result<UserFilter, ApiError> {
    // There are no bots here: showing them changes nothing.
    query.boolean("show_bot")?;
    let active = match query.text("active_mode")?.as_deref() {
        None | Some("activated") => ActiveMode::Activated,
        Some("deactivated") => ActiveMode::Deactivated,
        Some("all") => ActiveMode::All,
        Some(_) => {
            let message = "\"active_mode\" is activated, deactivated or all.";
            return Err(ApiError::new(ErrorCode::INVALID_VALUE, message));
        }
    };
    let metadata = match query.text("metadatakey")? {
        Some(key) => Some((key, query.required_list("metadatavalues_in", MAX_LISTED)?)),
        None if query.list("metadatavalues_in", MAX_LISTED)?.is_some() => {
            let message = "\"metadatavalues_in\" needs \"metadatakey\".";
            return Err(ApiError::new(ErrorCode::INCOMPATIBLE_VALUES, message));
        }
        None => None,
    };
    Ok(UserFilter {
        active,
        user_ids: query.list("user_ids", MAX_LISTED)?,
        nickname: query.text("nickname")?,
        nickname_startswith: query.text("nickname_startswith")?,
        metadata,
    })
}

fn write_cursor(cursor: UserCursor) -> String {
    secret::encode(&cursor.number().to_be_bytes())
}

fn read_cursor(name: &str, token: &str) -> Result<UserCursor, ApiError> {
    let bytes = secret::decode(token).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
    bytes
        .map(|bytes| UserCursor::from_number(i64::from_be_bytes(bytes)))
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::INVALID_VALUE,
                format!("\"{name}\" is not one that a page gave as \"next\"."),
            )
        })
}
