//! `/v3/users` and `/v3/users/{user_id}`.

mod form;
pub mod list;
pub mod metadata;
pub mod profile_image;
mod rules;
pub mod token;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use offhook_core::credential::{self, InvalidExpiry};
use offhook_core::id::UserKey;
use offhook_core::time::Timestamp;
use offhook_proto::error::ErrorCode;
use offhook_proto::user::{SessionTokenBody, UserBody};
use offhook_store::{NewUser, TokenHash, User, UserError, UserPatch};
use serde_json::{Value, json};

use self::form::UserForm;
use super::api_token::CurrentApplication;
use crate::credential::session_token;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, required};
use crate::http::path::PathNames;
use crate::node::Node;
use crate::secret;

/// The user id in a path, decoded.
pub struct UserId(pub String);

impl FromRequestParts<Node> for UserId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, ApiError> {
        PathNames::from_request_parts(parts, node)
            .await?
            .take("user_id")
            .map(Self)
    }
}

/// Makes a user.
pub async fn post(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserForm { fields, picture }: UserForm,
) -> Result<Json<UserBody>, ApiError> {
    let user_id = required("user_id", fields.text("user_id")?)?;
    rules::check_user_id(user_id)?;
    let nickname = required_or_null(&fields, "nickname")?;
    rules::check_nickname(nickname)?;
    let (profile_url, profile_image) = match picture {
        Some(picture) => (picture.url, Some(picture.image)),
        None => (required_or_null(&fields, "profile_url")?.to_owned(), None),
    };
    rules::check_profile_url(&profile_url)?;
    let metadata = fields.object_of_text("metadata")?.unwrap_or_default();
    rules::check_metadata(&metadata)?;
    let discovery_keys = fields.list_of_text("discovery_keys")?.unwrap_or_default();
    rules::check_list("discovery_keys", &discovery_keys, rules::MAX_DISCOVERY_KEYS)?;
    let now = node.clock().now();
    let wanted = WantedTokens::read(&fields, now)?;

    let new = NewUser {
        nickname: nickname.to_owned(),
        profile_url,
        profile_image,
        metadata,
        discovery_keys,
        access_token_hash: wanted.access_token_hash(),
        is_session_token_issued: wanted.session_token_end.is_some(),
        ..NewUser::new(UserKey::from_bytes(secret::random()), user_id)
    };
    let user = node
        .store()
        .create_user(application.key, new, now)
        .await
        .map_err(user_error)?;
    let mut body = wanted.issue(&node, user).await?;
    body.is_created = Some(true);
    body.phone_number = Some(String::new());
    Ok(Json(body))
}

/// Shows a user.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
) -> Result<Json<UserBody>, ApiError> {
    let user = node
        .store()
        .user(application.key, &user_id)
        .await
        .map_err(|error| ApiError::internal(&error))?;
    user.map(|user| Json(user_body(user))).ok_or_else(no_such_user)
}

/// Changes a user. A user who is deactivated is signed out everywhere, and their calls end.
pub async fn put(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
    UserForm { fields, picture }: UserForm,
) -> Result<Json<UserBody>, ApiError> {
    let mut patch = read_patch(&fields)?;
    if let Some(picture) = picture {
        rules::check_profile_url(&picture.url)?;
        patch.profile_url = Some(picture.url);
        patch.profile_image = Some(picture.image);
    }
    let wanted = WantedTokens::read(&fields, node.clock().now())?;
    let patch = UserPatch {
        access_token_hash: wanted.access_token_hash(),
        is_session_token_issued: wanted.session_token_end.is_some(),
        ..patch
    };
    let is_deactivated = patch.is_active == Some(false);
    let user = node
        .store()
        .update_user(application.key, &user_id, patch)
        .await
        .map_err(user_error)?;
    let key = user.key;
    let expelled = if is_deactivated {
        node.expel(application.key, key).await
    } else {
        Ok(())
    };
    if is_deactivated || wanted.access_token.is_some() || wanted.session_token_end.is_some() {
        let changed = node.sessions_changed(application.key, key).await;
        changed.map_err(|error| ApiError::internal(&error))?;
    }
    expelled.map_err(|error| ApiError::internal(&error))?;
    wanted.issue(&node, user).await.map(Json)
}

/// Deletes a user, who is signed out everywhere; their calls end.
pub async fn delete(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    UserId(user_id): UserId,
) -> Result<Json<Value>, ApiError> {
    let deleted = node
        .store()
        .delete_user(application.key, &user_id)
        .await
        .map_err(user_error)?;
    let expelled = node.expel(application.key, deleted.key).await;
    let changed = node.sessions_changed(application.key, deleted.key).await;
    changed.map_err(|error| ApiError::internal(&error))?;
    expelled.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(json!({})))
}

fn read_patch(fields: &Fields) -> Result<UserPatch, ApiError> {
    let nickname = fields.text("nickname")?;
    let profile_url = fields.text("profile_url")?;
    nickname.map_or(Ok(()), rules::check_nickname)?;
    profile_url.map_or(Ok(()), rules::check_profile_url)?;
    let discovery_keys = fields.list_of_text("discovery_keys")?;
    let preferred_languages = fields.list_of_text("preferred_languages")?;
    let check = |name, list: &Option<Vec<String>>, most| {
        list.as_ref().map_or(Ok(()), |list| rules::check_list(name, list, most))
    };
    check("discovery_keys", &discovery_keys, rules::MAX_DISCOVERY_KEYS)?;
    check(
        "preferred_languages",
        &preferred_languages,
        rules::MAX_PREFERRED_LANGUAGES,
    )?;
    // Calls have no channels to leave; a wrong type is still a mistake worth telling.
    fields.boolean("leave_all_when_deactivated")?;
    Ok(UserPatch {
        nickname: nickname.map(str::to_owned),
        profile_url: profile_url.map(str::to_owned),
        is_active: fields.boolean("is_active")?,
        last_seen_at: fields.time("last_seen_at")?,
        discovery_keys,
        preferred_languages,
        ..UserPatch::default()
    })
}

/// A field that must be there, but may be null, which is the same as empty.
fn required_or_null<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, ApiError> {
    let text = fields.text(name)?;
    if fields.has(name) {
        Ok(text.unwrap_or_default())
    } else {
        required(name, text)
    }
}

/// Which tokens a request wants with the user.
struct WantedTokens {
    access_token: Option<String>,
    session_token_end: Option<Timestamp>,
}

impl WantedTokens {
    fn read(fields: &Fields, now: Timestamp) -> Result<Self, ApiError> {
        let wants_access_token = fields.boolean("issue_access_token")?.unwrap_or(false);
        let wants_session_token = fields.boolean("issue_session_token")?.unwrap_or(false);
        let asked = fields.time("session_token_expires_at")?;
        let end = if wants_session_token {
            Some(credential::expiry(asked, now).map_err(invalid_expiry)?)
        } else {
            None
        };
        Ok(Self {
            access_token: wants_access_token.then(secret::new_token),
            session_token_end: end,
        })
    }

    fn access_token_hash(&self) -> Option<TokenHash> {
        self.access_token
            .as_deref()
            .map(|token| TokenHash::from_bytes(secret::hash(token)))
    }

    /// The answer about `user`, with the tokens that were wanted.
    async fn issue(self, node: &Node, user: User) -> Result<UserBody, ApiError> {
        let session_tokens = match self.session_token_end {
            Some(expires_at) => {
                let session_token = session_token(node.store(), node.key(), &user, expires_at)
                    .await
                    .map_err(|error| ApiError::internal(&error))?;
                Some(vec![SessionTokenBody {
                    session_token,
                    expires_at: expires_at.as_millis(),
                }])
            }
            None => None,
        };
        Ok(UserBody {
            access_token: self.access_token.unwrap_or_default(),
            session_tokens,
            ..user_body(user)
        })
    }
}

fn user_body(user: User) -> UserBody {
    UserBody {
        user_id: user.user_id,
        nickname: user.nickname,
        profile_url: user.profile_url,
        access_token: String::new(),
        session_tokens: None,
        has_ever_logged_in: user.has_ever_logged_in,
        is_active: user.is_active,
        is_online: user.is_online,
        last_seen_at: user
            .last_seen_at
            .map_or(-1, |at| i64::try_from(at.as_millis()).unwrap_or(i64::MAX)),
        created_at: user.created_at.as_millis() / 1000,
        discovery_keys: user.discovery_keys,
        preferred_languages: user.preferred_languages,
        metadata: user.metadata,
        is_hide_me_from_friends: false,
        is_shadow_blocked: false,
        require_auth_for_profile_image: false,
        locale: String::new(),
        unread_channel_count: 0,
        unread_message_count: 0,
        is_created: None,
        phone_number: None,
    }
}

fn user_error(error: UserError) -> ApiError {
    match error {
        UserError::NoSuchUser => no_such_user(),
        UserError::AlreadyExists => ApiError::new(
            ErrorCode::RESOURCE_ALREADY_EXISTS,
            "\"user_id\" violates unique constraint.",
        ),
        UserError::NoSuchApplication => ErrorCode::INVALID_API_TOKEN.into(),
        UserError::Store(error) => ApiError::internal(&error),
    }
}

/// Existing clients take exactly this code as "make the user first".
pub fn no_such_user() -> ApiError {
    ApiError::new(ErrorCode::RESOURCE_NOT_FOUND, "\"User\" not found.")
}

fn invalid_expiry(error: InvalidExpiry) -> ApiError {
    ApiError::new(ErrorCode::INVALID_VALUE, format!("{error}: give UTC milliseconds."))
}
