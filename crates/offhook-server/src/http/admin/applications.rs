//! `/admin/v1/applications` and `/admin/v1/applications/{app_id}`.

use axum::extract::State;
use axum::{Extension, Json};
use offhook_core::administrator::Role;
use offhook_core::application::AccessTokenPermission;
use offhook_core::id::AppId;
use offhook_proto::admin::{ApplicationBody, ApplicationChange, ApplicationList, CreatedApplication};
use offhook_proto::error::ErrorCode;
use offhook_store::{Application, ApplicationError};
use serde_json::{Value, json};

use super::{AuditTarget, CurrentAdministrator};
use crate::bus::Doorbell;
use crate::credential::{self, IssueError, WantedApplication};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, required};
use crate::http::v3::CurrentApplication;
use crate::node::Node;
use crate::outbound::Url;
use crate::retention;
use crate::settings::{self, InvalidSetting};

/// Shows all.
pub async fn list(
    State(node): State<Node>,
    CurrentAdministrator(session): CurrentAdministrator,
) -> Result<Json<ApplicationList>, ApiError> {
    let listed = node.store().list_applications().await;
    let listed = listed.map_err(|error| ApiError::internal(&error))?;
    let shown = listed
        .iter()
        .map(|application| shown(&node, application, session.administrator.role));
    Ok(Json(ApplicationList {
        applications: shown.collect::<Result<_, _>>()?,
    }))
}

/// Makes one, whose users need a token.
pub async fn post(
    State(node): State<Node>,
    CurrentAdministrator(session): CurrentAdministrator,
    fields: Fields,
) -> Result<(Extension<AuditTarget>, Json<CreatedApplication>), ApiError> {
    let name = required("name", fields.text("name")?)?;
    settings::check_name(name).map_err(invalid)?;
    let app_id = fields.text("app_id")?.filter(|app_id| !app_id.is_empty());
    let app_id: Option<AppId> = app_id.map(str::parse).transpose().map_err(|error| {
        let sentence = format!("\"app_id\" cannot be that: {error}.");
        ApiError::new(ErrorCode::INVALID_VALUE, sentence)
    })?;
    let wanted = WantedApplication {
        app_id,
        name: name.to_owned(),
        permission: AccessTokenPermission::Deny,
        allowed_origins: Vec::new(),
        is_relay_only: false,
    };
    let made = credential::create_application(node.store(), node.key(), wanted, node.clock().now()).await;
    let (application, api_token) = made.map_err(|error| match error {
        IssueError::Application(error) => refused(error),
        error => ApiError::internal(&error),
    })?;
    let application = shown(&node, &application, session.administrator.role)?;
    let target = AuditTarget(application.app_id.to_string());
    Ok((Extension(target), Json(CreatedApplication { application, api_token })))
}

/// Shows one.
pub async fn get(
    State(node): State<Node>,
    CurrentAdministrator(session): CurrentAdministrator,
    CurrentApplication(application): CurrentApplication,
) -> Result<Json<ApplicationBody>, ApiError> {
    shown(&node, &application, session.administrator.role).map(Json)
}

/// Changes its settings. Where they allow less than before, every open socket looks at once whether its session still holds.
pub async fn put(
    State(node): State<Node>,
    CurrentAdministrator(session): CurrentAdministrator,
    CurrentApplication(application): CurrentApplication,
    fields: Fields,
) -> Result<Json<ApplicationBody>, ApiError> {
    let change: ApplicationChange = fields.read_whole()?;
    let patch = settings::patch(change, &application, node.outbound(), node.key()).map_err(invalid)?;
    let changes_permission = patch.permission.is_some_and(|wanted| wanted != application.permission);
    let changed = node.store().update_application(application.key, patch).await;
    let changed = changed.map_err(refused)?;
    if changes_permission {
        node.bus().ring_all(&Doorbell::Sessions);
    }
    shown(&node, &changed, session.administrator.role).map(Json)
}

/// Deletes one, whose id the body repeats: it cannot be undone.
pub async fn delete(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    fields: Fields,
) -> Result<Json<Value>, ApiError> {
    let app_id = required("app_id", fields.text("app_id")?)?;
    if app_id != application.id.as_str() {
        return Err(ApiError::new(
            ErrorCode::INCOMPATIBLE_VALUES,
            "\"app_id\" must be the id of the application that is to be deleted.",
        ));
    }
    let deleted = retention::delete_application(&node, application.key).await;
    deleted.map_err(refused)?;
    Ok(Json(json!({})))
}

/// An application as a role sees it: the address of a dial hook may hold a secret of its receiver, so viewers see where it
/// leads to only.
fn shown(node: &Node, application: &Application, role: Role) -> Result<ApplicationBody, ApiError> {
    let body = settings::body(application, node.key());
    let mut body = body.map_err(|error| ApiError::internal(&error))?;
    if role < Role::Operator
        && let Some(hook) = &mut body.dial_hook
    {
        let url = hook.url.parse::<Url>();
        hook.url = url.map_or_else(|_| String::new(), |url| url.origin().ascii_serialization());
    }
    Ok(body)
}

fn invalid(error: InvalidSetting) -> ApiError {
    let code = match error {
        InvalidSetting::OutOfRange { .. } => ErrorCode::OUT_OF_RANGE,
        InvalidSetting::TooMany(_) => ErrorCode::TOO_MANY_ITEMS,
        InvalidSetting::NoDialHook => ErrorCode::INCOMPATIBLE_VALUES,
        InvalidSetting::DialHook(invalid) => invalid.code(),
        InvalidSetting::Name | InvalidSetting::Origin(_) | InvalidSetting::Host(_) => ErrorCode::INVALID_VALUE,
    };
    let text = error.to_string();
    let mut letters = text.chars();
    let sentence = letters
        .next()
        .map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str()));
    ApiError::new(code, sentence.unwrap_or_default())
}

fn refused(error: ApplicationError) -> ApiError {
    match error {
        ApplicationError::AlreadyExists => ApiError::new(
            ErrorCode::RESOURCE_ALREADY_EXISTS,
            "There is an application of that id already.",
        ),
        ApplicationError::NoSuchApplication => ErrorCode::APPLICATION_NOT_FOUND.into(),
        ApplicationError::Store(error) => ApiError::internal(&error),
    }
}
