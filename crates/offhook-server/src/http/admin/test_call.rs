//! `POST /admin/v1/applications/{app_id}/test_call`: what the dashboard's page dials a user with.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use offhook_core::id::UserKey;
use offhook_proto::admin::TestCall;
use offhook_proto::error::ErrorCode;
use offhook_store::{NewUser, UserError, UserPatch};

use crate::credential;
use crate::http::error::ApiError;
use crate::http::fields::Fields;
use crate::http::v3::CurrentApplication;
use crate::node::Node;
use crate::secret;

/// The user who dials. It is the application's like any other, so that what is tested is what users have.
const USER_ID: &str = "offhook-dashboard";
/// What the callee sees.
const NICKNAME: &str = "Test call";
/// How long the page may take to sign in and dial.
const LIFETIME: Duration = Duration::from_secs(600);

/// Makes the user, if need be, and a token for them.
pub async fn post(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    fields: Fields,
) -> Result<Json<TestCall>, ApiError> {
    if let Some(callee) = fields.text("user_id")? {
        let found = node.store().user(application.key, callee).await;
        let found = found.map_err(|error| ApiError::internal(&error))?;
        let callee = found
            .filter(|user| user.is_active)
            .ok_or(ErrorCode::CALLEE_DOES_NOT_EXIST)?;
        if !callee.has_ever_logged_in {
            return Err(ErrorCode::CALLEE_NEVER_AUTHENTICATED.into());
        }
    }
    let (store, now) = (node.store(), node.clock().now());
    let new = NewUser {
        nickname: NICKNAME.to_owned(),
        ..NewUser::new(UserKey::from_bytes(secret::random()), USER_ID)
    };
    match store.create_user(application.key, new, now).await {
        Ok(_) => {}
        Err(UserError::AlreadyExists) => {
            let active = UserPatch {
                is_active: Some(true),
                ..UserPatch::default()
            };
            let updated = store.update_user(application.key, USER_ID, active).await;
            updated.map_err(|error| ApiError::internal(&error))?;
        }
        Err(error) => return Err(ApiError::internal(&error)),
    }
    let end = Some(now + LIFETIME);
    let issued = credential::issue_session_token(store, node.key(), application.key, USER_ID, end, now).await;
    let (session_token, _) = issued.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(TestCall {
        app_id: application.id,
        user_id: USER_ID.to_owned(),
        session_token,
    }))
}
