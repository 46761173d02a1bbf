//! `/admin/v1/administrators…`: who may sign in.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use offhook_core::administrator::{InvalidAdministrator, Role, check_name, check_password};
use offhook_proto::admin::{Administrator as Body, AdministratorList};
use offhook_proto::error::ErrorCode;
use offhook_store::{Administrator, AdministratorError, AdministratorId, AdministratorPatch, NewAdministrator};
use serde_json::{Value, json};

use super::{AuditTarget, CurrentAdministrator};
use crate::admin::password::PasswordError;
use crate::admin::role_on_the_wire;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, required};
use crate::node::Node;

/// An answer, and of whom the log says it was about.
type Named<T> = (Extension<AuditTarget>, Json<T>);

/// Shows everybody.
pub async fn get(State(node): State<Node>) -> Result<Json<AdministratorList>, ApiError> {
    let listed = node.store().list_administrators().await;
    let listed = listed.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(AdministratorList {
        administrators: listed.iter().map(body).collect(),
    }))
}

/// Makes one.
pub async fn post(State(node): State<Node>, fields: Fields) -> Result<Named<Body>, ApiError> {
    let name = required("name", fields.text("name")?)?;
    let password = required("password", fields.text("password")?)?;
    let role = required("role", role(&fields)?)?;
    check_name(name).map_err(invalid)?;
    check_password(password, name).map_err(invalid)?;
    let hash = node.administration().passwords.hash(password).await.map_err(hashing)?;
    let new = NewAdministrator {
        name: name.to_owned(),
        role,
        password_hash: Some(hash),
        oidc_subject: None,
    };
    let made = node.store().create_administrator(new, node.clock().now()).await;
    let made = made.map_err(refused)?;
    Ok((Extension(AuditTarget(made.name.clone())), Json(body(&made))))
}

/// Changes one. With another role or password, their sessions end.
pub async fn put(
    State(node): State<Node>,
    CurrentAdministrator(session): CurrentAdministrator,
    Path(names): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Named<Body>, ApiError> {
    let before = find(&node, &names).await?;
    let role = role(&fields)?;
    let password = fields.text("password")?;
    let is_totp_removed = fields.boolean("remove_totp")?.unwrap_or(false);
    let password_hash = match password {
        Some(_) if before.password_hash.is_none() => return Err(ErrorCode::NO_PASSWORD.into()),
        Some(password) => {
            check_password(password, &before.name).map_err(invalid)?;
            Some(node.administration().passwords.hash(password).await.map_err(hashing)?)
        }
        None => None,
    };
    let patch = AdministratorPatch {
        role,
        password_hash,
        is_totp_removed,
    };
    let kept = (before.id == session.administrator.id).then_some(session.key_hash);
    let changed = node.store().update_administrator(before.id, patch, kept).await;
    let changed = changed.map_err(refused)?;
    Ok((Extension(AuditTarget(changed.name.clone())), Json(body(&changed))))
}

/// Deletes one, whose sessions end.
pub async fn delete(
    State(node): State<Node>,
    Path(names): Path<HashMap<String, String>>,
) -> Result<Named<Value>, ApiError> {
    let deleted = node.store().delete_administrator(id(&names)?).await.map_err(refused)?;
    Ok((Extension(AuditTarget(deleted.name)), Json(json!({}))))
}

/// An administrator as they are shown.
pub fn body(administrator: &Administrator) -> Body {
    Body {
        administrator_id: administrator.id.0.to_string(),
        name: administrator.name.clone(),
        role: role_on_the_wire(administrator.role),
        has_totp: administrator.totp_secret.is_some(),
        is_oidc: administrator.oidc_subject.is_some(),
        created_at: administrator.created_at.as_millis(),
        last_signed_in_at: administrator.last_signed_in_at.map(|at| at.as_millis()),
    }
}

/// Says why an administrator was not made or changed.
pub fn refused(error: AdministratorError) -> ApiError {
    match error {
        AdministratorError::AlreadyExists => ApiError::new(
            ErrorCode::RESOURCE_ALREADY_EXISTS,
            "There is an administrator of that name already.",
        ),
        AdministratorError::NoSuchAdministrator => {
            ApiError::new(ErrorCode::RESOURCE_NOT_FOUND, "There is no such administrator.")
        }
        AdministratorError::LastOwner => ErrorCode::LAST_OWNER.into(),
        AdministratorError::CodeUsed => ErrorCode::INVALID_TOTP_CODE.into(),
        AdministratorError::NothingPending => ErrorCode::NO_TOTP_PENDING.into(),
        AdministratorError::Store(error) => ApiError::internal(&error),
    }
}

/// Says what a name or a password has to be.
pub fn invalid(error: InvalidAdministrator) -> ApiError {
    let sentence = match error {
        InvalidAdministrator::NameLength => "\"name\" must have 1 to 80 characters.",
        InvalidAdministrator::NameCharacter => "\"name\" must have no control characters, and no spaces at its ends.",
        InvalidAdministrator::PasswordLength => "The password must have 12 to 256 characters.",
        InvalidAdministrator::PasswordIsName => "The password must not be the name.",
    };
    ApiError::new(ErrorCode::INVALID_VALUE, sentence)
}

/// Says why a password was not hashed.
pub fn hashing(error: PasswordError) -> ApiError {
    match error {
        PasswordError::Busy(wait) => ApiError::throttled(wait),
        PasswordError::Failed(_) => ApiError::internal(&error),
    }
}

async fn find(node: &Node, names: &HashMap<String, String>) -> Result<Administrator, ApiError> {
    let id = id(names)?;
    let listed = node.store().list_administrators().await;
    let listed = listed.map_err(|error| ApiError::internal(&error))?;
    let found = listed.into_iter().find(|one| one.id == id);
    found.ok_or_else(|| refused(AdministratorError::NoSuchAdministrator))
}

fn id(names: &HashMap<String, String>) -> Result<AdministratorId, ApiError> {
    let number = names.get("administrator_id").and_then(|id| id.parse().ok());
    number
        .map(AdministratorId)
        .ok_or_else(|| refused(AdministratorError::NoSuchAdministrator))
}

fn role(fields: &Fields) -> Result<Option<Role>, ApiError> {
    let Some(word) = fields.text("role")? else {
        return Ok(None);
    };
    let found = Role::ALL.into_iter().find(|role| role.as_str() == word);
    found
        .map(Some)
        .ok_or_else(|| ApiError::new(ErrorCode::INVALID_VALUE, "\"role\" must be viewer, operator or owner."))
}
